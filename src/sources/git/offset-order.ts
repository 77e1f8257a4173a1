import type { PackIndex } from './pack-index.js';

/** So many bits of an offset are looked at in one pass. */
const DIGIT = 11;

/** The offsets of an index, ascending, and the row of each. */
export function byOffset(index: PackIndex): { offsets: Float64Array; rows: Uint32Array } {
  const { count } = index;
  let offsets = new Float64Array(count);
  let rows = new Uint32Array(count);
  let largest = 0;
  for (let row = 0; row < count; row++) {
    const offset = index.offsetAt(row);
    offsets[row] = offset;
    rows[row] = row;
    if (offset > largest) largest = offset;
  }
  // By their digits, the lowest first: rows stand in the order of names, so that anything else looks all over memory.
  let sorted = { offsets: new Float64Array(count), rows: new Uint32Array(count) };
  for (let unit = 1; unit <= largest + 1; unit *= 2 ** DIGIT) {
    placeByDigit({ offsets, rows }, sorted, unit);
    const spare = { offsets, rows };
    ({ offsets, rows } = sorted);
    sorted = spare;
  }
  return { offsets, rows };
}

/** Offsets that are none are -1, and come first. */
function placeByDigit(
  from: { offsets: Float64Array; rows: Uint32Array },
  to: { offsets: Float64Array; rows: Uint32Array },
  unit: number,
): void {
  const { offsets, rows } = from;
  const places = new Uint32Array(2 ** DIGIT + 1);
  const mask = 2 ** DIGIT - 1;
  for (let at = 0; at < offsets.length; at++) places[(((offsets[at]! + 1) / unit) & mask) + 1]!++;
  for (let digit = 1; digit < places.length; digit++) places[digit]! += places[digit - 1]!;
  for (let at = 0; at < offsets.length; at++) {
    const offset = offsets[at]!;
    const place = places[((offset + 1) / unit) & mask]!++;
    to.offsets[place] = offset;
    to.rows[place] = rows[at]!;
  }
}

/** Finds numbers of an ascending column. */
export class Places {
  readonly #values: Float64Array;
  readonly #scale: number;
  /** The first place whose value is in a stretch or behind it. */
  readonly #firsts: Int32Array;

  constructor(values: Float64Array) {
    this.#values = values;
    const { length } = values;
    const largest = length === 0 ? 0 : Math.max(0, values[length - 1]!);
    this.#scale = scaleOf(largest, length);
    this.#firsts = new Int32Array(Math.floor(largest * this.#scale) + 2);
    let place = 0;
    for (let stretch = 0; stretch < this.#firsts.length; stretch++) {
      while (place < length && values[place]! * this.#scale < stretch) place++;
      this.#firsts[stretch] = place;
    }
  }

  /** The place of a value that isn't negative, or -1. */
  find(value: number): number {
    const stretch = Math.floor(value * this.#scale);
    if (!(stretch >= 0 && stretch < this.#firsts.length - 1)) return -1;
    let low = this.#firsts[stretch]!;
    let high = this.#firsts[stretch + 1]! - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = this.#values[middle]!;
      if (found === value) return middle;
      if (found < value) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}

/** A power of two that makes of values up to `largest` so few whole ones that some of `count` fall to each. */
function scaleOf(largest: number, count: number): number {
  let scale = 1;
  while (largest * scale > count / 2) scale /= 2;
  return scale;
}
