import type { ObjectFormat } from './object-format.js';
import { LONGEST_HEADER, newEntryHeader, parseEntryHeader } from './pack-entry.js';
import type { PackFile } from './pack-file.js';
import { PackKernel } from './pack-kernel.js';
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
  const kernel = new PackKernel();
  const starts: number[] = [];
  const ends: number[] = [];
  const gaps: Gap[] = [];
  let position = pack.start;
  while (position < pack.end) {
    const end = endOfEntry(pack, position, format, largest, kernel);
    if (typeof end === 'number') {
      starts.push(position);
      ends.push(end);
      position = end;
      continue;
    }
    const next = nextEntry(pack, position + 1, format, largest, kernel);
    if (end === 'too large') {
      starts.push(position);
      ends.push(next);
    } else {
      gaps.push({ start: position, end: next });
    }
    position = next;
  }
  const table = new PackTable(starts.length, pack.end, format, () => undefined);
  table.offset.set(starts);
  for (const [entry, end] of ends.entries()) table.setEnd(entry, end);
  readHeaders(pack, table, () => NONE);
  return { table, gaps };
}

/** Where the entry at `position` ends; `damaged` when there is none, `too large` when that was not tried. */
function endOfEntry(
  pack: PackFile,
  position: number,
  format: ObjectFormat,
  largest: number,
  kernel: PackKernel,
): number | 'damaged' | 'too large' {
  const header = newEntryHeader();
  if (!parseEntryHeader(pack.bytes(position, LONGEST_HEADER), 0, format.bytes, header)) return 'damaged';
  if (!looksLikeZlib(pack.bytes(position + header.length, 2))) return 'damaged';
  if (header.size > largest) return 'too large';
  const at = position + header.length;
  const packed = pack.lengthAt(at, header.size, kernel);
  return packed === undefined ? 'damaged' : at + packed;
}

/** Deflate with a 32 KiB window and a header that checks (RFC 1950): what git writes at any level. */
function looksLikeZlib(bytes: Uint8Array): boolean {
  return bytes.length === 2 && bytes[0] === 0x78 && (bytes[0] * 256 + bytes[1]!) % 31 === 0;
}

/** The first place from `from` on where a whole entry stands, or the end of the pack. */
function nextEntry(
  pack: PackFile,
  from: number,
  format: ObjectFormat,
  largest: number,
  kernel: PackKernel,
): number {
  for (let position = from; position < pack.end; position++) {
    const bytes = pack.bytes(position, LONGEST_HEADER + 2);
    const zlib = bytes.indexOf(0x78);
    if (zlib < 0) {
      position += Math.max(0, bytes.length - LONGEST_HEADER - 1);
      continue;
    }
    if (typeof endOfEntry(pack, position, format, largest, kernel) === 'number') return position;
  }
  return pack.end;
}
