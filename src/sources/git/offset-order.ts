import type { PackIndex } from './pack-index.js';

/** Moves a row may take on average before offsets count as crafted. */
const MOVES = 64;

/** The offsets of an index, ascending, and the row of each. */
export function byOffset(index: PackIndex): { offsets: Float64Array; rows: Uint32Array } {
  const { count } = index;
  let largest = 0;
  for (let row = 0; row < count; row++) {
    const offset = index.offsetAt(row);
    if (offset > largest) largest = offset;
  }
  const offsets = new Float64Array(count);
  const rows = new Uint32Array(count);
  // Entries lie close together, so stretches of the pack hold few each: what is left to do is little.
  const scale = scaleOf(largest, count);
  const starts = new Uint32Array(Math.floor(largest * scale) + 2);
  for (let row = 0; row < count; row++) starts[stretchOf(index.offsetAt(row), scale) + 1]!++;
  for (let stretch = 1; stretch < starts.length; stretch++) starts[stretch]! += starts[stretch - 1]!;
  for (let row = 0; row < count; row++) {
    const offset = index.offsetAt(row);
    const place = starts[stretchOf(offset, scale)]!++;
    offsets[place] = offset;
    rows[place] = row;
  }
  if (!insertionSort(offsets, rows)) {
    rows.sort((a, b) => index.offsetAt(a) - index.offsetAt(b));
    for (let entry = 0; entry < count; entry++) offsets[entry] = index.offsetAt(rows[entry]!);
  }
  return { offsets, rows };
}

/** False when it would take too long. */
function insertionSort(offsets: Float64Array, rows: Uint32Array): boolean {
  let allowed = MOVES * offsets.length;
  for (let entry = 1; entry < offsets.length; entry++) {
    const offset = offsets[entry]!;
    if (offsets[entry - 1]! <= offset) continue;
    const row = rows[entry]!;
    let place = entry;
    for (; place > 0 && offsets[place - 1]! > offset; place--) {
      offsets[place] = offsets[place - 1]!;
      rows[place] = rows[place - 1]!;
    }
    offsets[place] = offset;
    rows[place] = row;
    allowed -= entry - place;
    if (allowed < 0) return false;
  }
  return true;
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

/** An offset that is none is -1. */
function stretchOf(offset: number, scale: number): number {
  return offset < 0 ? 0 : Math.floor(offset * scale);
}
