import { textOfPath } from '../../model/provenance.js';
import { IntList } from './int-list.js';
import { WordTable } from './word-table.js';

/** The base of a tree that is told of whole, and of one that nothing was told of. */
export const WHOLE = -1;
export const UNTOLD = -2;

/** The repository has more lines in its trees than can be kept. */
export class TooManyLines extends Error {
  override readonly name = 'TooManyLines';
}

/**
 * The lines of trees that name folders or wanted objects, kept small: of a tree that was built on another, what it has
 * more, and what it lacks. Trees and wanted objects go by numbers, their names too.
 */
export class TreeLines {
  readonly ids: WordTable;
  readonly names = new WordTable(16_384, 4);
  /** Numbers of the trees that were told of, those that others build on before those. */
  readonly told = new IntList();
  /** Where the lines of each of `told` begin in `children` and `labels`. */
  readonly begins = new IntList();
  /** The number of what a line names; of a line that only the base has, its complement (`~`). */
  readonly children = new IntList(65_536);
  /** Twice the number of the line's name, and one more where it is a folder. */
  readonly labels = new IntList(65_536);
  readonly #bases = new IntList();
  readonly #rows = new IntList();
  readonly #most: number;
  #open = false;

  /**
   * @param room how many objects are expected, with IDs of so many words.
   * @param most how many lines are kept.
   */
  constructor(room: number, idWords: number, most: number) {
    this.#most = most;
    this.ids = new WordTable(room, idWords);
  }

  /** The number of the tree that one was built on, {@link WHOLE} or {@link UNTOLD}. */
  baseOf(tree: number): number {
    return tree < this.#bases.length ? this.#bases.values[tree]! : UNTOLD;
  }

  /** The place in {@link told}, or -1. */
  rowOf(tree: number): number {
    return tree < this.#rows.length ? this.#rows.values[tree]! : -1;
  }

  /** Where the lines of a row end. */
  endOf(row: number): number {
    return row + 1 < this.begins.length ? this.begins.values[row + 1]! : this.children.length;
  }

  /** What follows are lines of this tree; they are passed over where it was told of before. */
  begin(tree: number, base: number): void {
    this.#open = this.baseOf(tree) === UNTOLD;
    if (!this.#open) return;
    this.#bases.put(tree, base, UNTOLD);
    this.#rows.put(tree, this.told.length, -1);
    this.told.push(tree);
    this.begins.push(this.children.length);
  }

  line(child: number, name: number, folder: boolean, removed: boolean): void {
    if (!this.#open) return;
    if (this.children.length >= this.#most) throw new TooManyLines('more lines in trees than can be kept');
    this.children.push(removed ? ~child : child);
    this.labels.push(name * 2 + (folder ? 1 : 0));
  }

  nameOf(label: number): string {
    const padded = this.names.bytesOf(label >>> 1);
    const end = padded.indexOf(0);
    return textOfPath(end < 0 ? padded : padded.subarray(0, end));
  }
}
