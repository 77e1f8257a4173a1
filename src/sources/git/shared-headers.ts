import type { Columns } from './pack-table.js';

/** Parts that the entries of a pack are divided into. */
export const PARTS = 64;
/** Bytes of an entry: its size and its base, four each, and one each of its type and the length of its header. */
export const ENTRY = 10;
/** A part takes milliseconds: who waits so many waits for a thread that died with it. */
const PATIENCE = 500;

// What a part is.
const OPEN = 0;
const TAKEN = 1;
const READ = 2;
const UNUSUAL = 3;

/** What the headers of entries say. */
export type Headers = Pick<Columns, 'size' | 'parent' | 'header' | 'type'>;

/** The headers of one pack's entries: threads that all need all of them read each part once. */
export class SharedHeaders {
  readonly #parts: Int32Array;
  readonly #columns: Headers;
  readonly #count: number;

  /** @param at where in `room` there are {@link ENTRY} bytes for each of `count` entries */
  constructor(parts: Int32Array, room: SharedArrayBuffer, at: number, count: number) {
    this.#parts = parts;
    this.#count = count;
    this.#columns = {
      size: new Uint32Array(room, at, count),
      parent: new Int32Array(room, at + 4 * count, count),
      header: new Uint8Array(room, at + 8 * count, count),
      type: new Uint8Array(room, at + 9 * count, count),
    };
  }

  /**
   * Fills a thread's own columns.
   *
   * @param read reads the headers of the entries of [from, to) into them; false where they are out of the ordinary
   * @returns false where any are
   */
  fill(own: Headers, read: (from: number, to: number) => boolean): boolean {
    const others: number[] = [];
    for (let part = 0; part < PARTS; part++) {
      if (Atomics.compareExchange(this.#parts, part, OPEN, TAKEN) !== OPEN) {
        others.push(part);
        continue;
      }
      const [from, to] = this.#edges(part);
      const isUsual = read(from, to);
      if (isUsual) copy(own, this.#columns, from, to);
      Atomics.store(this.#parts, part, isUsual ? READ : UNUSUAL);
      Atomics.notify(this.#parts, part);
      if (!isUsual) return false;
    }
    return others.every((part) => {
      const [from, to] = this.#edges(part);
      Atomics.wait(this.#parts, part, TAKEN, PATIENCE);
      const state = Atomics.load(this.#parts, part);
      if (state === READ) copy(this.#columns, own, from, to);
      return state === READ || (state === TAKEN && read(from, to));
    });
  }

  #edges(part: number): readonly [from: number, to: number] {
    const edge = (number: number) => Math.floor((this.#count * number) / PARTS);
    return [edge(part), edge(part + 1)];
  }
}

function copy(source: Headers, target: Headers, from: number, to: number): void {
  for (const column of ['size', 'parent', 'header', 'type'] as const)
    target[column].set(source[column].subarray(from, to), from);
}
