import type { RandomAccess } from '../file-tree.js';

/** Parts of a whole, in any order, one behind the other as one. Closing it leaves the whole open. */
export class SplicedAccess implements RandomAccess {
  readonly #whole: RandomAccess;
  /** Where each part begins in the whole. */
  readonly #places: number[] = [];
  /** Where each part ends in what they make together. */
  readonly #ends: number[] = [];

  constructor(whole: RandomAccess) {
    this.#whole = whole;
  }

  add(place: number, length: number): void {
    if (length <= 0) return;
    this.#ends.push(this.size + length);
    this.#places.push(place);
  }

  get size(): number {
    return this.#ends.at(-1) ?? 0;
  }

  get parts(): number {
    return this.#places.length;
  }

  readAt(position: number, into: Uint8Array): number {
    let filled = 0;
    for (let part = this.#partAt(position); part < this.parts && filled < into.length; part++) {
      const begun = this.#ends[part - 1] ?? 0;
      const from = position + filled - begun;
      const length = this.#ends[part]! - begun - from;
      const count = this.#whole.readAt(this.#places[part]! + from, into.subarray(filled, filled + length));
      filled += count;
      if (count < Math.min(length, into.length - filled + count)) break;
    }
    return filled;
  }

  close(): void {}

  /** The first part that ends behind `position`. */
  #partAt(position: number): number {
    let low = 0;
    let high = this.parts;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ends[middle]! <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
