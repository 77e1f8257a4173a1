import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import type { Block, Codec } from './block.js';
import { readBlocks, unpackNow } from './block-reader.js';
import { carvePlain } from './carve.js';
import { type Expansion, type Found, member, placeIn } from './found.js';
import { PAGE, PAGE_HEADER } from './heap-head.js';
import type { HeldOptions } from './held.js';
import { SplicedAccess } from './spliced.js';
import { StoredStream } from './stored-stream.js';

/** Of a row: how many columns it has, and where they begin (htup_details.h). */
const ROW_HEADER = 23;
const NORMAL = 1;
/** The columns of a table that long values are put into: whose it is, its number, its bytes. */
const PARTS = 3;
const PART_HEADER = 8;
/** A file of a table has at most some 530,000 of them. */
const MOST_PARTS = 1024 * 1024;
/** What so many bytes come of, before it breaks, was packed. */
const TELLING = 1024;
const CODECS: readonly (Codec | undefined)[] = ['pglz', 'lz4 block'];
/** No codec makes more of a byte. */
const MOST_OF_A_BYTE = 264;

/** A part of a long value. */
interface Part {
  readonly number: number;
  readonly start: number;
  readonly end: number;
}

interface Packed {
  readonly codec: Codec;
  readonly size: number;
}

/**
 * Reads a table of PostgreSQL: the bytes as they are, the values in it that are packed (postgresql.org/docs, 73.2), and
 * those that were cut into parts because they are long. Rows that were deleted are there until they are cleared away.
 */
export async function* readHeap(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion & HeldOptions,
): AsyncGenerator<Found> {
  yield* carvePlain(access, where, expansion, expansion.carved);
  const most = expansion.budget.limits.memory / 2;
  const values = new Map<number, Part[]>();
  let kept = 0;
  for (const row of rowsIn(access)) {
    const part = row.columns === PARTS ? partIn(row.bytes, row.start) : undefined;
    if (part !== undefined) {
      const parts = values.get(part.of) ?? [];
      if (parts.push(part) === 1) values.set(part.of, parts);
      kept += 1;
      if (kept < MOST_PARTS) continue;
      for (const each of values.values()) yield* readLong(each, access, where, expansion);
      values.clear();
      kept = 0;
      continue;
    }
    yield* readBlocks(packedIn(row, most), access, where, expansion);
  }
  for (const each of values.values()) yield* readLong(each, access, where, expansion);
}

interface Row {
  readonly start: number;
  /** What its columns hold. */
  readonly bytes: Buffer;
  readonly columns: number;
}

function* rowsIn(access: RandomAccess): Generator<Row> {
  for (let page = 0; page < access.size; page += PAGE) {
    const bytes = bytesAt(access, page, PAGE);
    if (bytes.length < PAGE_HEADER) return;
    const lower = Math.min(bytes.readUInt16LE(12), bytes.length);
    // Crafted pointers name the same bytes again and again.
    let left = PAGE;
    for (let at = PAGE_HEADER; at + 4 <= lower && left > 0; at += 4) {
      const pointer = bytes.readUInt32LE(at);
      const [start, state, length] = [pointer & 0x7fff, (pointer >>> 15) & 3, pointer >>> 17];
      if (state !== NORMAL || length <= ROW_HEADER || start + length > bytes.length) continue;
      left -= length;
      const begin = start + bytes[start + 22]!;
      const columns = bytes.readUInt16LE(start + 18) & 0x7ff;
      yield { start: page + begin, bytes: bytes.subarray(begin, start + length), columns };
    }
  }
}

/** Two numbers and bytes, behind a length of four bytes or of one (varatt.h). */
function partIn(row: Buffer, start: number): (Part & { readonly of: number }) | undefined {
  if (row.length < PART_HEADER + 4) return undefined;
  const first = row[PART_HEADER]!;
  const isShort = (first & 1) === 1;
  if (!isShort && (first & 3) !== 0) return undefined;
  const length = isShort ? first >> 1 : row.readUInt32LE(PART_HEADER) >>> 2;
  const header = isShort ? 1 : 4;
  if (length <= header || PART_HEADER + length !== row.length) return undefined;
  const end = start + PART_HEADER + length;
  return { of: row.readUInt32LE(0), number: row.readInt32LE(4), start: end - length + header, end };
}

/** Values that are packed where they stand: what unpacks to what it says is one, whatever the columns are. */
function* packedIn({ bytes, start }: Row, most: number): Generator<Block> {
  for (let at = 0; at + PART_HEADER < bytes.length; at += 4) {
    if ((bytes[at]! & 3) !== 2) continue;
    const length = (bytes.readUInt32LE(at) >>> 2) - PART_HEADER;
    const begin = at + PART_HEADER;
    if (length <= 0 || begin + length > bytes.length) continue;
    const packed = packingOf(bytes.readUInt32LE(at + 4), length, most);
    const value = bytes.subarray(begin, begin + length);
    if (packed === undefined || unpackNow(packed.codec, value, packed.size).problem !== undefined) continue;
    yield { start: start + begin, end: start + begin + length, ...packed };
    at += (length + PART_HEADER - 1) & ~3;
  }
}

/** What stands before packed bytes: how long they get, and how they are packed. */
function packingOf(word: number, length: number, most: number): Packed | undefined {
  const codec = CODECS[word >>> 30];
  const size = word & 0x3fffffff;
  if (codec === undefined || size <= length || size > MOST_OF_A_BYTE * length || size > most)
    return undefined;
  return { codec, size };
}

/** A value that was cut into parts, which may be packed. */
async function* readLong(
  parts: Part[],
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  const content = joined(parts, access);
  const { start, end } = parts[0]!;
  expansion.budget.entry();
  const place = placeIn(where, `value at byte ${start}`, ['stream', 'toast'], { start, end });
  const packed = longPacking(content, expansion.budget.limits.memory / 2);
  if (packed !== undefined) {
    yield* readBlocks([{ start: 4, end: content.size, ...packed }], content, place, expansion);
    if (packed.isWhole) return;
  }
  // By itself it was searched where it stands.
  if (content.parts > 1)
    yield member({ type: 'unit', provenance: place, content: new StoredStream(content, expansion.budget) });
}

/** In the order of their numbers; of a number that is there twice, as an update that was broken off leaves it, the first. */
function joined(parts: Part[], access: RandomAccess): SplicedAccess {
  parts.sort((one, other) => one.number - other.number);
  const content = new SplicedAccess(access);
  let last: number | undefined;
  for (const { number, start, end } of parts) {
    if (number !== last) content.add(start, end - start);
    last = number;
  }
  return content;
}

function longPacking(
  content: RandomAccess,
  most: number,
): (Packed & { readonly isWhole: boolean }) | undefined {
  const length = content.size - 4;
  if (length <= 0 || length > most) return undefined;
  const packed = packingOf(bytesAt(content, 0, 4).readUInt32LE(0), length, most);
  if (packed === undefined) return undefined;
  const unpacked = unpackNow(packed.codec, bytesAt(content, 4, length), packed.size);
  const isWhole = unpacked.problem === undefined;
  return isWhole || unpacked.content.length >= TELLING ? { ...packed, isWhole } : undefined;
}
