import type { ByteStream } from '../../model/source.js';
import type { Span } from '../../model/span.js';
import type { RandomAccess } from '../file-tree.js';

const LINE_END = 0x0a;

/**
 * A container as it is stored, without what its members show under their own names: those spans are blank but for the
 * ends of lines, so that every offset and line number is that of the container.
 */
export class MaskedStream implements ByteStream {
  readonly #access: RandomAccess;
  readonly #masked: readonly Span[];
  #next = 0;
  #position = 0;

  /** @param masked sorted and disjoint. */
  constructor(access: RandomAccess, masked: readonly Span[]) {
    this.#access = access;
    this.#masked = masked;
  }

  read(into: Uint8Array): number {
    const count = this.#access.readAt(this.#position, into);
    const end = this.#position + count;
    for (; this.#next < this.#masked.length; this.#next++) {
      const span = this.#masked[this.#next]!;
      if (span.start >= end) break;
      const from = Math.max(span.start - this.#position, 0);
      blank(into.subarray(from, Math.min(span.end - this.#position, count)));
      if (span.end > end) break;
    }
    this.#position = end;
    return count;
  }

  close(): void {}
}

function blank(bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== LINE_END) bytes[i] = 0;
}
