import type { ByteStream } from '../model/source.js';

/** A stream that can be read ahead of its reader: what was read ahead comes again when its turn is. */
export class Lookahead implements ByteStream {
  readonly #input: ByteStream;
  readonly #most: number;
  #queue: Buffer[] = [];
  #queued = 0;

  /** @param most bytes that are kept for the reader. */
  constructor(input: ByteStream, most: number) {
    this.#input = input;
    this.#most = most;
  }

  read(into: Uint8Array): number | Promise<number> {
    const first = this.#queue[0];
    if (first === undefined) return this.#input.read(into);
    const count = first.copy(into, 0, 0, into.length);
    if (count < first.length) this.#queue[0] = first.subarray(count);
    else this.#queue.shift();
    this.#queued -= count;
    return count;
  }

  /**
   * Some bytes, and behind them what this stream would read next, without taking it away.
   * @param onFull what is thrown where more would have to be kept than may be.
   */
  ahead(bytes: Uint8Array, onFull: () => Error): ByteStream {
    const before = Buffer.from(bytes);
    let piece = -1;
    let at = 0;
    const read = (into: Uint8Array): number | Promise<number> => {
      const current = piece < 0 ? before : this.#queue[piece];
      if (current !== undefined && at < current.length) {
        const count = current.copy(into, 0, at, at + into.length);
        at += count;
        return count;
      }
      at = 0;
      piece++;
      if (piece < this.#queue.length) return read(into);
      if (this.#queued >= this.#most) throw onFull();
      const chunk = Buffer.allocUnsafe(PIECE);
      const took = (count: number) => {
        if (count === 0) return 0;
        this.#queue.push(chunk.subarray(0, count));
        this.#queued += count;
        return read(into);
      };
      const count = this.#input.read(chunk);
      return typeof count === 'number' ? took(count) : count.then(took);
    };
    return { read, close: () => {} };
  }

  close(): void {
    this.#input.close();
  }
}

const PIECE = 64 * 1024;
