import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import type { Block, Break } from './block.js';
import { snappySize } from './snappy.js';

/** Blocks begin at multiples of this; the first one describes the file (block.h, btmem.h). */
const UNIT = 4096;
/** Of a page and of a block. */
const HEADERS = 40;
/** As much of a page stands there as it is, before what is packed. */
const PLAIN = 64;
const PACKED = 1;
/** Snappy and Zstandard have their length before them. */
const LENGTH = 8;
const TYPES = 7;
const LOG_UNIT = 128;
const LOG_HEADER = 16;

/** The pages of a table of WiredTiger, as MongoDB keeps collections in, that are packed: those that are let go, too. */
export function* wiredTigerPages(access: RandomAccess): Generator<Block | Break> {
  let isTold = false;
  for (let at = UNIT; at < access.size; at += UNIT) {
    const head = bytesAt(access, at, PLAIN + 2 * LENGTH);
    if (head.length < PLAIN + 2 * LENGTH) return;
    const [size, type, flags, room] = [head.readUInt32LE(16), head[24]!, head[25]!, head.readUInt32LE(28)];
    const isPage = type >= 1 && type <= TYPES && size > HEADERS && room >= PLAIN && room % 512 === 0;
    if (!isPage || (flags & PACKED) === 0 || at + room > access.size) continue;
    const block = packedIn(head.subarray(PLAIN), at + PLAIN, at + room, size - PLAIN);
    if (block !== undefined) yield block;
    else if (!isTold) {
      isTold = true;
      const detail = 'a table of WiredTiger whose pages are packed or encrypted in a way that is not read';
      yield { at, detail, isUnknown: true };
    }
  }
}

/** The records of a journal of WiredTiger that are packed. */
export function* wiredTigerRecords(access: RandomAccess): Generator<Block> {
  for (let at = LOG_UNIT; at < access.size; ) {
    const head = bytesAt(access, at, LOG_HEADER + 2 * LENGTH);
    if (head.length < LOG_HEADER + 2 * LENGTH) return;
    // What follows was only set aside.
    const length = head.readUInt32LE(0);
    if (length < LOG_HEADER) return;
    const end = Math.min(at + length, access.size);
    const size = head.readUInt32LE(12) - LOG_HEADER;
    const isPacked = (head.readUInt16LE(8) & PACKED) !== 0;
    const block = isPacked ? packedIn(head.subarray(LOG_HEADER), at + LOG_HEADER, end, size) : undefined;
    if (block !== undefined) yield block;
    at += Math.ceil(length / LOG_UNIT) * LOG_UNIT;
  }
}

/** @param head what stands at `start`: a length and some more, or zlib */
function packedIn(head: Buffer, start: number, end: number, size: number): Block | undefined {
  if (head[0] === 0x78 && head.readUInt16BE(0) % 31 === 0) return { start, end, codec: 'zlib' };
  const [length, begin] = [Number(head.readBigUInt64LE(0)), start + LENGTH];
  if (length < 1 || begin + length > end) return undefined;
  const packed = { start: begin, end: begin + length };
  if (head.readUInt32LE(LENGTH) === 0xfd2fb528) return { ...packed, codec: 'zstd' };
  return snappySize(head.subarray(LENGTH)) === size ? { ...packed, codec: 'snappy', size } : undefined;
}
