import { createInflate, type Inflate } from 'node:zlib';
import type { Diagnostic } from '../../model/diagnostic.js';
import { type ByteStream, SourceFault } from '../../model/source.js';
import type { RandomAccess } from '../file-tree.js';

const STEP = 256 * 1024;

/** The bytes of one zlib stream inside a file, for objects too large to be held. `skip` bytes of its beginning are left out. */
export class InflateStream implements ByteStream {
  readonly #file: RandomAccess;
  readonly #from: number;
  readonly #to: number;
  readonly #skip: number;
  readonly #faultOf: (detail: string) => Diagnostic;
  readonly #count: (bytes: number) => void;
  #chunks: AsyncIterator<Buffer> | undefined;
  #engine: Inflate | undefined;
  #rest: Buffer = Buffer.alloc(0);

  constructor(options: {
    readonly file: RandomAccess;
    readonly from: number;
    readonly to: number;
    readonly skip?: number;
    /** Called with the length of every piece; may throw what ends the reading. */
    readonly count: (bytes: number) => void;
    readonly faultOf: (detail: string) => Diagnostic;
  }) {
    this.#file = options.file;
    this.#from = options.from;
    this.#to = options.to;
    this.#skip = options.skip ?? 0;
    this.#count = options.count;
    this.#faultOf = options.faultOf;
  }

  async read(into: Uint8Array): Promise<number> {
    while (this.#rest.length === 0) {
      const next = await this.#next();
      if (next === undefined) return 0;
      this.#rest = next;
    }
    const length = Math.min(into.length, this.#rest.length);
    into.set(this.#rest.subarray(0, length));
    this.#rest = this.#rest.subarray(length);
    return length;
  }

  close(): void {
    this.#engine?.destroy();
  }

  async #next(): Promise<Buffer | undefined> {
    this.#chunks ??= this.#start();
    let step: IteratorResult<Buffer>;
    try {
      step = await this.#chunks.next();
    } catch (error) {
      if (error instanceof SourceFault) throw error;
      throw new SourceFault(this.#faultOf('its compressed bytes are damaged or cut short'), { cause: error });
    }
    if (step.done) return undefined;
    this.#count(step.value.length);
    return step.value;
  }

  async *#start(): AsyncGenerator<Buffer> {
    const engine = createInflate({ chunkSize: STEP });
    this.#engine = engine;
    this.#feed(engine);
    let skip = this.#skip;
    for await (const chunk of engine as AsyncIterable<Buffer>) {
      if (chunk.length > skip) yield chunk.subarray(skip);
      skip = Math.max(0, skip - chunk.length);
    }
  }

  /** Writes what is compressed into the engine, piece by piece as it asks for more. */
  #feed(engine: Inflate): void {
    let position = this.#from;
    const more = (): void => {
      if (engine.destroyed) return;
      try {
        const piece = Buffer.allocUnsafe(Math.min(STEP, this.#to - position));
        const count = piece.length === 0 ? 0 : this.#file.readAt(position, piece);
        position += count;
        if (count === 0) engine.end();
        else engine.write(piece.subarray(0, count), more);
      } catch (error) {
        engine.destroy(error as Error);
      }
    };
    more();
  }
}
