import type { ObjectFormat } from './object-format.js';
import { LONGEST_HEADER, newEntryHeader, parseEntryHeader } from './pack-entry.js';
import type { PackFile } from './pack-file.js';
import { PackKernel } from './pack-kernel.js';
import { NONE, PackTable, readHeaders } from './pack-table.js';

/** So much of a damaged pack is looked through at once. */
const STEP = 16 * 1024;
/** So much of a whole one, and the largest object that becomes of an entry there. */
const STRETCH = 512 * 1024;
const ROOM = 1024 ** 2;
/** Ends of entries that are listed at once. */
const ENDS = 16 * 1024;

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
  const wholeEntries = entryFinder(pack, format, Math.min(largest, ROOM), kernel);
  while (position < pack.end) {
    const first = position;
    for (const end of wholeEntries(first)) {
      starts.push(position);
      position = first + end;
      ends.push(position);
    }
    if (position > first) continue;
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

/** Gives where the entries end that are whole from a place on, as far as some are seen at once: bytes from there. */
function entryFinder(
  pack: PackFile,
  format: ObjectFormat,
  largest: number,
  kernel: PackKernel,
): (position: number) => Uint32Array {
  const stretch = kernel.allocate(Math.min(STRETCH, pack.end));
  const scratch = kernel.allocate(largest);
  const list = kernel.allocate(4 * ENDS);
  return (position) => {
    const { length } = pack.fill(
      position,
      Buffer.from(kernel.view(stretch).buffer, stretch.at, stretch.length),
    );
    return kernel.entryEnds({ at: stretch.at, length }, format.bytes, scratch, list);
  };
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
function looksLikeZlib(bytes: Uint8Array, at = 0): boolean {
  return bytes[at] === 0x78 && at + 1 < bytes.length && (0x7800 + bytes[at + 1]!) % 31 === 0;
}

/** The first place from `from` on where a whole entry stands, or the end of the pack. */
function nextEntry(
  pack: PackFile,
  from: number,
  format: ObjectFormat,
  largest: number,
  kernel: PackKernel,
): number {
  const header = newEntryHeader();
  for (let start = from; start < pack.end; start += STEP) {
    // A copy: looking at an entry moves the pack's window.
    const bytes = Buffer.from(pack.bytes(start, STEP + LONGEST_HEADER + 2));
    for (let at = 0; at < STEP && start + at < pack.end; at++) {
      if (!parseEntryHeader(bytes, at, format.bytes, header)) continue;
      if (!looksLikeZlib(bytes, at + header.length)) continue;
      if (typeof endOfEntry(pack, start + at, format, largest, kernel) === 'number') return start + at;
    }
  }
  return pack.end;
}
