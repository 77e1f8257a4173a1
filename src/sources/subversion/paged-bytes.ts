import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';

const PAGE = 256 * 1024;

/** Bytes of a file, read a page at a time. */
export class PagedBytes {
  readonly access: RandomAccess;
  #page: Buffer = Buffer.alloc(0);
  #start = 0;

  constructor(access: RandomAccess) {
    this.access = access;
  }

  get size(): number {
    return this.access.size;
  }

  /** The byte at a place, or -1 behind the end. */
  at(position: number): number {
    const inPage = position - this.#start;
    if (inPage >= 0 && inPage < this.#page.length) return this.#page[inPage]!;
    this.#turnTo(position);
    return this.#page[0] ?? -1;
  }

  /** Up to `length` bytes, valid until the next call. */
  slice(position: number, length: number): Buffer {
    const inPage = position - this.#start;
    if (inPage >= 0 && inPage + length <= this.#page.length)
      return this.#page.subarray(inPage, inPage + length);
    if (length > PAGE) return bytesAt(this.access, position, length);
    this.#turnTo(position);
    return this.#page.subarray(0, length);
  }

  /** Where `text` stands at or behind `from`, or `otherwise`. */
  indexOf(text: string, from: number, otherwise = -1): number {
    for (let at = from; at < this.size; at += PAGE) {
      const found = this.slice(at, PAGE + text.length).indexOf(text, 0, 'latin1');
      if (found >= 0) return at + found;
    }
    return otherwise;
  }

  #turnTo(position: number): void {
    this.#page = bytesAt(this.access, position, PAGE);
    this.#start = position;
  }
}
