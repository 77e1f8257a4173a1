import { IntList } from './int-list.js';
import { WordTable } from './word-table.js';

/** All commits of a database in columns, by the row in which each was read. */
export class CommitTable {
  readonly #ids: WordTable;
  readonly #idWords: number;
  /** The row of each commit that is named somewhere; -1 where it isn't there. */
  readonly #rows = new IntList();
  readonly #numbers = new IntList();
  readonly #trees = new IntList();
  readonly #parents = new IntList();
  readonly #begins = new IntList();
  #seconds = new Float64Array(1024);

  /** @param room how many are expected, with IDs of so many words. */
  constructor(room: number, idWords: number) {
    this.#ids = new WordTable(room, idWords);
    this.#idWords = idWords;
  }

  get count(): number {
    return this.#numbers.length;
  }

  /**
   * Takes a commit in, unless it is there already.
   *
   * @param tree a number of the caller's.
   * @param seconds by the committer's clock.
   * @param parents words in which the IDs of `count` parents stand from `at` on.
   */
  add(id: Uint32Array, tree: number, seconds: number, parents: Uint32Array, at: number, count: number): void {
    const number = this.#ids.intern(id, 0, this.#idWords);
    if (number < this.#rows.length && this.#rows.values[number] !== -1) return;
    const row = this.count;
    this.#rows.put(number, row, -1);
    this.#numbers.push(number);
    this.#trees.push(tree);
    if (row === this.#seconds.length) {
      const larger = new Float64Array(Math.ceil(row * 1.5));
      larger.set(this.#seconds);
      this.#seconds = larger;
    }
    this.#seconds[row] = seconds;
    this.#begins.push(this.#parents.length);
    for (let parent = 0; parent < count; parent++) {
      this.#parents.push(this.#ids.intern(parents, at + parent * this.#idWords, this.#idWords));
    }
  }

  idOf(row: number): string {
    return Buffer.from(this.#ids.bytesOf(this.#numbers.values[row]!)).toString('hex');
  }

  /** The row of a commit by its ID in hex, or -1. */
  rowOf(id: string): number {
    if (id.length !== this.#idWords * 8) return -1;
    const number = this.#ids.find(wordsOf(id), 0, this.#idWords);
    return number >= 0 && number < this.#rows.length ? this.#rows.values[number]! : -1;
  }

  treeOf(row: number): number {
    return this.#trees.values[row]!;
  }

  secondsOf(row: number): number {
    return this.#seconds[row]!;
  }

  /** The rows of those parents that are there, in their order. */
  *parentsOf(row: number): Generator<number> {
    const end = this.parentsEnd(row);
    for (let at = this.#begins.values[row]!; at < end; at++) {
      const parent = this.parentAt(at);
      if (parent >= 0) yield parent;
    }
  }

  /** The same without a generator: places from here to {@link parentsEnd}. */
  parentsStart(row: number): number {
    return this.#begins.values[row]!;
  }

  parentsEnd(row: number): number {
    return row + 1 < this.#begins.length ? this.#begins.values[row + 1]! : this.#parents.length;
  }

  /** The row of the parent at a place, or -1 where it isn't there. */
  parentAt(place: number): number {
    const number = this.#parents.values[place]!;
    return number < this.#rows.length ? this.#rows.values[number]! : -1;
  }
}

/** An object ID in hex as words in memory order. */
export function wordsOf(id: string): Uint32Array {
  const words = new Uint32Array(id.length / 8);
  new Uint8Array(words.buffer).set(Buffer.from(id, 'hex'));
  return words;
}
