import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import { varint } from './sqlite-numbers.js';
import { Chain, type Pages } from './sqlite-pages.js';

const TABLE_LEAF = 0x0d;
const TABLE_INTERIOR = 0x05;
/** A header longer than this names more columns than any table here has. */
const LONGEST_HEADER = 256;

/** A value of a row: its type as SQLite numbers them, and where its bytes stand in the row. */
export interface Column {
  readonly type: number;
  readonly at: number;
  readonly length: number;
}

/** A row of a table, read a part at a time. */
export interface Row {
  readonly id: number;
  readonly content: RandomAccess;
  readonly columns: readonly Column[];
}

/** The rows of a table, by the page in which its tree begins; what is damaged is passed over. */
export function* rowsOf(
  access: RandomAccess,
  pages: Pages,
  root: number,
  mostColumns: number,
): Generator<Row> {
  const used = new Uint8Array(pages.count);
  for (const { index, at, header, page } of leavesOf(access, pages, root)) {
    const cells = page.readUInt16BE(header + 3);
    for (let cell = 0; cell < cells && header + 10 + 2 * cell <= page.length; cell++) {
      const payload = varint(page, page.readUInt16BE(header + 8 + 2 * cell));
      const id = payload === undefined ? undefined : varint(page, payload.next);
      if (payload === undefined || id === undefined) continue;
      const local = localOf(payload.value, pages.usable);
      const columns = columnsAt(page.subarray(id.next, id.next + local), mostColumns);
      if (columns === undefined || id.next + local > page.length) continue;
      const [start, end] = [at + id.next, at + id.next + local];
      const chain = { start, end, left: payload.value - local, near: index, used, most: 1 };
      yield { id: id.value, content: new Chain(access, pages, chain), columns };
    }
  }
}

/** The root of a table by its name, as the first page's own table says. */
export function rootOf(access: RandomAccess, pages: Pages, table: string): number | undefined {
  for (const { content, columns } of rowsOf(access, pages, 1, 5)) {
    const [, name, , root] = columns;
    if (root === undefined || name?.length !== table.length) continue;
    if (bytesAt(content, name.at, name.length).toString('latin1') === table) return integerAt(content, root);
  }
  return undefined;
}

/** A whole number; 0 where there is none. */
export function integerAt(content: RandomAccess, { type, at, length }: Column): number {
  if (type === 9) return 1;
  const bytes = bytesAt(content, at, length);
  return type >= 1 && type <= 5 && bytes.length === length ? bytes.readIntBE(0, length) : 0;
}

interface Leaf {
  readonly index: number;
  readonly at: number;
  /** Where its header begins: the first page of a database has one of the database before it. */
  readonly header: number;
  readonly page: Buffer;
}

function* leavesOf(access: RandomAccess, pages: Pages, root: number): Generator<Leaf> {
  const seen = new Uint8Array(pages.count);
  const open: number[] = [];
  const goOn = (number: number) => {
    const index = pages.find(number, 0);
    if (index === undefined || seen[index] === 1) return;
    seen[index] = 1;
    open.push(index);
  };
  goOn(root);
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    const { number, at } = pages.nth(index);
    const header = number === 1 ? 100 : 0;
    const page = bytesAt(access, at, pages.usable);
    if (page.length < header + 12) continue;
    if (page[header] === TABLE_LEAF) yield { index, at, header, page };
    if (page[header] !== TABLE_INTERIOR) continue;
    goOn(page.readUInt32BE(header + 8));
    const cells = page.readUInt16BE(header + 3);
    for (let cell = 0; cell < cells && header + 14 + 2 * cell <= page.length; cell++) {
      const pointer = page.readUInt16BE(header + 12 + 2 * cell);
      if (pointer + 4 <= page.length) goOn(page.readUInt32BE(pointer));
    }
  }
}

/** How much of a row of so many bytes lies in the leaf itself. */
function localOf(payload: number, usable: number): number {
  if (payload <= usable - 35) return payload;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const surplus = least + ((payload - least) % (usable - 4));
  return surplus <= usable - 35 ? surplus : least;
}

/** The columns of a row, by the types that its header names. */
export function columnsAt(row: Buffer, most: number): Column[] | undefined {
  const header = varint(row, 0);
  if (header === undefined || header.value > Math.min(row.length, LONGEST_HEADER)) return undefined;
  const columns: Column[] = [];
  let at = header.value;
  for (let next = header.next; next < header.value; ) {
    const type = varint(row, next);
    if (type === undefined || columns.length === most) return undefined;
    const length = lengthOf(type.value);
    columns.push({ type: type.value, at, length });
    at += length;
    next = type.next;
  }
  return columns;
}

function lengthOf(type: number): number {
  if (type >= 12) return (type - (type % 2 === 0 ? 12 : 13)) / 2;
  return [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0][type]!;
}
