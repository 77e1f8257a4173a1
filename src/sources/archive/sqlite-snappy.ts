import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import { readBlocks } from './block-reader.js';
import { type Expansion, type Found, placeIn } from './found.js';
import { snappyEnd, snappySize } from './snappy.js';
import { cellsIn, TABLE_INTERIOR, TREE } from './sqlite-cells.js';
import { Chain, isWal, PageReader, type Pages } from './sqlite-pages.js';
import { type Column, columnsAt } from './sqlite-rows.js';

/** Columns of the tables in which Firefox keeps what sites store (localStorage, IndexedDB), as the first pages name them. */
const NAMES = /compression_type|object_data/;
const SCHEMA = 64 * 1024;
const MOST_COLUMNS = 16;
/** What is shorter is no token, however it is packed. */
const SHORTEST = 24;
/** A block of Snappy becomes no more of a byte, and hardly less than it takes. */
const MOST_OF_A_BYTE = 24;
const OVERHEAD = 32;

/** Whether a database, or a log of one, may hold values that Firefox packed. */
export function mayHoldSnappy(access: RandomAccess): boolean {
  return NAMES.test(bytesAt(access, 0, SCHEMA).toString('latin1'));
}

/** Values that are a block of Snappy from their beginning to their end, unpacked. */
export async function* snappyValues(
  access: RandomAccess,
  pages: Pages,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  const most = expansion.budget.limits.memory / 4;
  const format = isWal(bytesAt(access, 0, 4)) ? 'sqlite wal' : 'sqlite';
  const reader = new PageReader(access);
  const used = new Uint8Array(pages.count);
  for (let index = 0; index < pages.count; index++) {
    const { number, at } = pages.nth(index);
    const page = Buffer.from(reader.at(at, pages.usable));
    const header = number === 1 ? 100 : 0;
    const kind = page[header]!;
    if (!TREE.has(kind) || kind === TABLE_INTERIOR || page.length < header + 12) continue;
    for (const { start, end, left } of cellsIn(page, header, kind)) {
      const columns = columnsAt(page.subarray(start, end), MOST_COLUMNS) ?? [];
      if (!columns.some(isBytes)) continue;
      const row = new Chain(access, pages, {
        start: at + start,
        end: at + end,
        left,
        near: index,
        used,
        most: 1,
      });
      const blocks = columns.filter(isBytes).flatMap((column) => {
        const bytes = column.length > most ? undefined : bytesAt(row, column.at, column.length);
        return bytes !== undefined && isBlock(bytes)
          ? [{ start: column.at, end: column.at + column.length, codec: 'snappy' as const }]
          : [];
      });
      const place = placeIn(where, `row at byte ${at + start}`, ['stream', format], {
        start: row.start,
        end: row.end,
      });
      if (blocks.length > 0) yield* readBlocks(blocks, row, place, expansion);
    }
  }
}

function isBytes({ type, length }: Column): boolean {
  return type >= 12 && type % 2 === 0 && length >= SHORTEST;
}

function isBlock(bytes: Buffer): boolean {
  const size = snappySize(bytes);
  if (size < bytes.length - OVERHEAD || size > MOST_OF_A_BYTE * bytes.length) return false;
  return snappyEnd(bytes, 0) === bytes.length;
}
