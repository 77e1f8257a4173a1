import { NONE, type PackTable } from './pack-table.js';

/**
 * The delta trees of a pack: which entries are built on which. Children stand so that the one most is built on comes
 * last: its parent can be let go before it is entered, and what has to be held at once grows with the logarithm of the
 * tree, not with its depth.
 */
export class DeltaForest {
  readonly #first: Int32Array;
  readonly #next: Int32Array;

  constructor(table: PackTable) {
    const { count, parent } = table;
    this.#first = new Int32Array(count).fill(NONE);
    this.#next = new Int32Array(count).fill(NONE);
    const weight = new Uint32Array(count).fill(1);
    const heaviest = new Int32Array(count).fill(NONE);
    // An offset delta's base stands before it, so that one pass from the end sums whole subtrees.
    for (let entry = count - 1; entry >= 0; entry--) {
      const base = parent[entry]!;
      if (base === NONE) continue;
      weight[base]! += weight[entry]!;
      const rival = heaviest[base]!;
      if (rival === NONE || weight[entry]! > weight[rival]!) heaviest[base] = entry;
    }
    for (let entry = 0; entry < count; entry++) {
      if (heaviest[entry] !== NONE) this.link(entry, heaviest[entry]!);
    }
    for (let entry = count - 1; entry >= 0; entry--) {
      const base = parent[entry]!;
      if (base !== NONE && heaviest[base] !== entry) this.link(base, entry);
    }
  }

  firstChild(entry: number): number {
    return this.#first[entry]!;
  }

  nextSibling(entry: number): number {
    return this.#next[entry]!;
  }

  /** Copies both columns, first children and next siblings. */
  copyTo(first: Int32Array, next: Int32Array): void {
    first.set(this.#first);
    next.set(this.#next);
  }

  /** Puts `entry` first among the children of `base`. */
  link(base: number, entry: number): void {
    this.#next[entry] = this.#first[base]!;
    this.#first[base] = entry;
  }
}
