import { varint } from './sqlite-numbers.js';

/** Kinds of pages that hold cells: indexes (interior, leaf) and the leaves of tables. */
const INDEX_INTERIOR = 0x02;
export const TABLE_INTERIOR = 0x05;
const INDEX_LEAF = 0x0a;
export const TABLE_LEAF = 0x0d;
export const TREE: ReadonlySet<number> = new Set([INDEX_INTERIOR, TABLE_INTERIOR, INDEX_LEAF, TABLE_LEAF]);

/** A row, or an entry of an index. */
export interface Cell {
  /** What of it lies in the page; where there is more, the number of the next page stands behind. */
  readonly start: number;
  readonly end: number;
  /** How much of it does not. */
  readonly left: number;
}

/** The cells of a page that holds values (sqlite.org/fileformat2, 1.6). */
export function* cellsIn(page: Buffer, header: number, kind: number): Generator<Cell> {
  const cells = page.readUInt16BE(header + 3);
  const pointers = header + (kind === INDEX_INTERIOR ? 12 : 8);
  const usable = page.length;
  const most = kind === TABLE_LEAF ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  for (let index = 0; index < cells && pointers + 2 * index + 2 <= usable; index++) {
    let at = page.readUInt16BE(pointers + 2 * index) + (kind === INDEX_INTERIOR ? 4 : 0);
    const payload = varint(page, at);
    if (payload === undefined) continue;
    at = payload.next;
    if (kind === TABLE_LEAF) at = varint(page, at)?.next ?? usable;
    if (payload.value <= most) {
      if (at + payload.value <= usable) yield { start: at, end: at + payload.value, left: 0 };
      continue;
    }
    const surplus = least + ((payload.value - least) % (usable - 4));
    const local = surplus <= most ? surplus : least;
    if (at + local + 4 > usable) continue;
    yield { start: at, end: at + local, left: payload.value - local };
  }
}
