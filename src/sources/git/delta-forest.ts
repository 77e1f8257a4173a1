import { NONE, type PackTable } from './pack-table.js';

/**
 * The delta trees of a pack: which entries are built on which. Children stand so that the one most is built on comes
 * last: its parent can be let go before it is entered, and what has to be held at once grows with the logarithm of the
 * tree, not with its depth.
 */
export class DeltaForest {
  readonly #first: Int32Array;
  readonly #next: Int32Array;

  /** @param linked first children and next siblings, where they are known already. */
  constructor(table: PackTable, linked?: { readonly first: Int32Array; readonly next: Int32Array }) {
    if (linked !== undefined) {
      this.#first = linked.first;
      this.#next = linked.next;
      return;
    }
    const { count, parent } = table;
    this.#first = new Int32Array(count).fill(NONE);
    this.#next = new Int32Array(count).fill(NONE);
    const weight = new Uint32Array(count).fill(1);
    // An offset delta's base stands before it, so that one pass from the end sums whole subtrees.
    for (let entry = count - 1; entry >= 0; entry--) {
      const base = parent[entry]!;
      if (base === NONE) continue;
      weight[base]! += weight[entry]!;
      const rival = this.#first[base]!;
      if (rival === NONE || weight[entry]! > weight[rival]!) this.#first[base] = entry;
    }
    const isHeaviest = new Uint8Array(count);
    for (const heaviest of this.#first) if (heaviest !== NONE) isHeaviest[heaviest] = 1;
    for (let entry = count - 1; entry >= 0; entry--) {
      const base = parent[entry]!;
      if (base !== NONE && isHeaviest[entry] === 0) this.link(base, entry);
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
