import { createInflate, type Inflate } from 'node:zlib';
import { type Budget, BudgetExceeded } from '../../model/budget.js';
import { type DiagnosticReason, diagnostic } from '../../model/diagnostic.js';
import type { Provenance } from '../../model/provenance.js';
import { type ByteStream, SourceFault } from '../../model/source.js';
import type { RandomAccess } from '../file-tree.js';

const STEP = 256 * 1024;

export interface InflateStreamOptions {
  readonly file: RandomAccess;
  /** Where the compressed bytes begin, and where they end at the latest. */
  readonly from: number;
  readonly to: number;
  /** Bytes of the beginning that are left out. */
  readonly skip?: number;
  /** Bytes that follow, by the object's own word. */
  readonly size: number;
  readonly budget: Budget;
  /** How a failure is reported. */
  readonly where: Provenance;
}

/** The bytes of one zlib stream inside a file, for objects too large to be held. */
export class InflateStream implements ByteStream {
  readonly #options: InflateStreamOptions;
  readonly #budget: Budget;
  #chunks: AsyncIterator<Buffer> | undefined;
  #engine: Inflate | undefined;
  #rest: Buffer = Buffer.alloc(0);
  #given = 0;

  constructor(options: InflateStreamOptions) {
    const { budget } = options;
    this.#options = options;
    this.#budget = budget.depth < budget.limits.depth ? budget.nested() : budget;
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
    try {
      const step = await this.#chunks.next();
      if (!step.done) {
        this.#given += step.value.length;
        this.#budget.expand(step.value.length, 0);
        return step.value;
      }
    } catch (error) {
      if (error instanceof SourceFault) throw error;
      if (error instanceof BudgetExceeded) throw this.#fault('budget', error.message);
      throw this.#fault('corrupt', 'its compressed bytes are damaged or cut short');
    }
    const { size } = this.#options;
    if (this.#given !== size) throw this.#fault('corrupt', `becomes ${this.#given} bytes instead of ${size}`);
    return undefined;
  }

  #fault(reason: DiagnosticReason, detail: string): SourceFault {
    return new SourceFault(diagnostic(this.#options.where, reason, detail));
  }

  async *#start(): AsyncGenerator<Buffer> {
    const engine = createInflate({ chunkSize: STEP });
    this.#engine = engine;
    this.#budget.expand(0, this.#options.to - this.#options.from);
    this.#feed(engine);
    let skip = this.#options.skip ?? 0;
    for await (const chunk of engine as AsyncIterable<Buffer>) {
      if (chunk.length > skip) yield chunk.subarray(skip);
      skip = Math.max(0, skip - chunk.length);
    }
  }

  /** Writes what is compressed into the engine, piece by piece as it asks for more. */
  #feed(engine: Inflate): void {
    const { file, from, to } = this.#options;
    let position = from;
    const more = (): void => {
      if (engine.destroyed) return;
      try {
        const piece = Buffer.allocUnsafe(Math.min(STEP, to - position));
        const count = piece.length === 0 ? 0 : file.readAt(position, piece);
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
