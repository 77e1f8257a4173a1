import type { Readable } from 'node:stream';
import { diagnostic } from '../model/diagnostic.js';
import type { Provenance } from '../model/provenance.js';
import type { ByteStream } from '../model/source.js';
import { SourceFault } from '../model/source.js';
import { reasonOf } from './disk-access.js';

/** What arrives once, from a pipe. */
export class ReadableStream implements ByteStream {
  readonly #readable: Readable;
  readonly #where: Provenance;
  readonly #chunks: AsyncIterator<Buffer>;
  #chunk: Uint8Array = Buffer.alloc(0);

  constructor(readable: Readable, where: Provenance) {
    this.#readable = readable;
    this.#where = where;
    this.#chunks = readable[Symbol.asyncIterator]();
  }

  read(into: Uint8Array): number | Promise<number> {
    return this.#chunk.length > 0 ? this.#take(into) : this.#next(into);
  }

  close(): void {
    this.#readable.destroy();
  }

  #take(into: Uint8Array): number {
    const count = Math.min(into.length, this.#chunk.length);
    into.set(this.#chunk.subarray(0, count));
    this.#chunk = this.#chunk.subarray(count);
    return count;
  }

  async #next(into: Uint8Array): Promise<number> {
    try {
      while (this.#chunk.length === 0) {
        const { value, done } = await this.#chunks.next();
        if (done === true) return 0;
        this.#chunk = typeof value === 'string' ? Buffer.from(value) : value;
      }
    } catch (error) {
      throw new SourceFault(diagnostic(this.#where, 'unreadable', reasonOf(error)), { cause: error });
    }
    return this.#take(into);
  }
}
