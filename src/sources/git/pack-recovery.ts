import { EntrySearch } from './entry-search.js';
import type { ObjectFormat } from './object-format.js';
import type { PackFile } from './pack-file.js';
import { NONE, PackTable, readHeaders } from './pack-table.js';

/** A stretch of a pack that is no entry. */
export interface Gap {
  readonly start: number;
  readonly end: number;
}

export interface Recovered {
  readonly table: PackTable;
  readonly gaps: readonly Gap[];
}

/**
 * Finds the entries of a pack without its index: each begins where the one before it ends. After a damaged entry the
 * next place is sought where a header and a zlib stream that keeps its promise stand together.
 *
 * @param largest entries that claim more bytes are not inflated to find their end.
 */
export function recoverTable(pack: PackFile, format: ObjectFormat, largest: number): Recovered {
  const starts: number[] = [];
  const ends: number[] = [];
  const gaps: Gap[] = [];
  let position = pack.start;
  const search = new EntrySearch(pack, format, largest);
  while (position < pack.end) {
    const first = position;
    for (const end of search.endsFrom(first)) {
      starts.push(position);
      position = first + end;
      ends.push(position);
    }
    if (position > first) continue;
    const end = search.endOf(position);
    if (typeof end === 'number') {
      starts.push(position);
      ends.push(end);
      position = end;
      continue;
    }
    const next = search.nextFrom(position + 1);
    if (end === 'too large') {
      starts.push(position);
      ends.push(next);
    } else {
      gaps.push(gapOf(pack, position, next));
    }
    position = next;
  }
  if (gaps.length === 0 && starts.length < pack.declared) gaps.push(gapOf(pack, pack.end, pack.end));
  const table = new PackTable(starts.length, pack.end, format, () => undefined);
  table.offset.set(starts);
  for (const [entry, end] of ends.entries()) table.setEnd(entry, end);
  readHeaders(pack, table, () => NONE);
  return { table, gaps };
}

/** Of a pack that was cut short, what stands where its checksum would is no checksum. */
function gapOf(pack: PackFile, start: number, end: number): Gap {
  return { start, end: end === pack.end ? pack.file.size : end };
}
