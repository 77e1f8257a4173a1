import { type Commit, parseCommit, parseTagTarget } from './commit-object.js';
import type { CommitTable } from './commit-table.js';
import type { ObjectDatabase } from './object-database.js';
import type { Ref } from './refs.js';

/** Names that git keeps objects for: `ORIG_HEAD`, `FETCH_HEAD` and their like only remember. */
const ROOT = /(?:^|\/)(?:HEAD$|refs\/)/;
const UNREADABLE: Commit = { tree: '', parents: [], author: '', date: '', time: 0 };

/** Whether a ref keeps what it names. */
export function isRoot(name: string): boolean {
  return ROOT.test(name);
}

/** Objects by ID. */
export interface ObjectSet {
  has(id: string): boolean;
}

/**
 * Every commit of a database, whether a ref leads to it or not, and what leads where. Commits stand in an order: parents
 * before children, those of refs first; otherwise by the committer's clock. A position is a place in it.
 */
export class CommitGraph {
  readonly #database: ObjectDatabase;
  readonly #table: CommitTable;
  /** By row: whether refs lead there. */
  readonly #reached: Uint8Array;
  /** Tags and whatever else refs lead to that is no commit. */
  readonly #others = new Set<string>();
  readonly #order: Int32Array;
  readonly #positions: Int32Array;
  /** The positions of all parents in one list, and where those of each commit begin. */
  readonly #parents: Int32Array;
  readonly #begins: Int32Array;

  constructor(database: ObjectDatabase, table: CommitTable, refs: readonly Ref[]) {
    this.#database = database;
    this.#table = table;
    this.#reached = this.#reach(refs);
    this.#order = this.#inOrder();
    this.#positions = new Int32Array(table.count);
    this.#order.forEach((row, at) => {
      this.#positions[row] = at;
    });
    this.#begins = new Int32Array(table.count + 1);
    const parents: number[] = [];
    this.#order.forEach((row, at) => {
      for (const parent of table.parentsOf(row)) {
        const position = this.#positions[parent]!;
        // Only a hash that is broken gives a commit a parent that comes after it.
        if (position < at) parents.push(position);
      }
      this.#begins[at + 1] = parents.length;
    });
    this.#parents = Int32Array.from(parents);
  }

  get count(): number {
    return this.#order.length;
  }

  /** Where a commit stands in the order, or -1. */
  positionOf(id: string): number {
    const row = this.#table.rowOf(id);
    return row < 0 ? -1 : this.#positions[row]!;
  }

  idAt(position: number): string {
    return this.#table.idOf(this.#order[position]!);
  }

  /** The commit itself, read anew. */
  at(position: number): Commit {
    const bytes = this.#database.tryRead(this.idAt(position), 'commit');
    return bytes === undefined ? UNREADABLE : parseCommit(bytes);
  }

  /** The number of its tree, as the table was given it. */
  treeAt(position: number): number {
    return this.#table.treeOf(this.#order[position]!);
  }

  isReachableAt(position: number): boolean {
    return this.#reached[this.#order[position]!] === 1;
  }

  /** Whether refs lead to a commit, to a tag, or to whatever else they name directly. */
  reaches(id: string): boolean {
    const row = this.#table.rowOf(id);
    return row < 0 ? this.#others.has(id) : this.#reached[row] === 1;
  }

  parentsAt(position: number): Int32Array {
    return this.#parents.subarray(this.#begins[position]!, this.#begins[position + 1]!);
  }

  /** Gives each commit the bits of all that lie before it. */
  carry(bits: Int32Array): void {
    for (let at = 0; at < bits.length; at++) {
      let all = bits[at]!;
      for (let edge = this.#begins[at]!; edge < this.#begins[at + 1]!; edge++) {
        all |= bits[this.#parents[edge]!]!;
      }
      bits[at] = all;
    }
  }

  /** The commits that `ids` name, all that lie before those, and what else `ids` name. */
  before(ids: readonly string[]): ObjectSet {
    const named = new Set(ids);
    const found = this.#walk(ids.map((id) => this.#table.rowOf(id)).filter((row) => row >= 0));
    return { has: (id) => named.has(id) || found[this.#table.rowOf(id)] === 1 };
  }

  #inOrder(): Int32Array {
    const table = this.#table;
    const byTime = Uint32Array.from({ length: table.count }, (_, row) => row);
    byTime.sort(
      (a, b) => this.#reached[b]! - this.#reached[a]! || table.secondsOf(a) - table.secondsOf(b) || a - b,
    );
    const order = new Int32Array(table.count);
    const placed = new Uint8Array(table.count);
    // Of each commit, the parent that is looked at next.
    const next = new Uint32Array(table.count);
    let count = 0;
    const stack: number[] = [];
    for (const start of byTime) {
      if (placed[start] !== 0) continue;
      placed[start] = 1;
      next[start] = table.parentsStart(start);
      stack.push(start);
      for (let row = stack.at(-1); row !== undefined; row = stack.at(-1)) {
        const place = next[row]!;
        if (place === table.parentsEnd(row)) {
          stack.pop();
          order[count++] = row;
          continue;
        }
        next[row] = place + 1;
        const parent = table.parentAt(place);
        if (parent < 0 || placed[parent] !== 0) continue;
        placed[parent] = 1;
        next[parent] = table.parentsStart(parent);
        stack.push(parent);
      }
    }
    return order;
  }

  #reach(refs: readonly Ref[]): Uint8Array {
    const rows: number[] = [];
    for (const { name, target } of refs) {
      if (target === undefined || !ROOT.test(name)) continue;
      for (let id: string | undefined = target; id !== undefined; ) {
        const row = this.#table.rowOf(id);
        if (row >= 0) rows.push(row);
        if (row >= 0 || this.#others.has(id)) break;
        this.#others.add(id);
        const tag: Uint8Array | undefined = this.#database.tryRead(id, 'tag');
        id = tag === undefined ? undefined : parseTagTarget(tag);
      }
    }
    return this.#walk(rows);
  }

  /** By row, what lies at or before `rows`. */
  #walk(rows: readonly number[]): Uint8Array {
    const found = new Uint8Array(this.#table.count);
    const open = [...rows];
    for (let row = open.pop(); row !== undefined; row = open.pop()) {
      if (found[row] === 1) continue;
      found[row] = 1;
      const end = this.#table.parentsEnd(row);
      for (let place = this.#table.parentsStart(row); place < end; place++) {
        const parent = this.#table.parentAt(place);
        if (parent >= 0 && found[parent] === 0) open.push(parent);
      }
    }
    return found;
  }
}
