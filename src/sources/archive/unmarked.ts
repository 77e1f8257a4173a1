import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import type { Block, Break } from './block.js';
import { walkLz4 } from './lz4-walk.js';
import { walkSnappy } from './snappy.js';

/** Files of blocks that have no mark: the first block shows that they are such, by adding up. */
export type Unmarked = 'clickhouse' | 'snappy';

/** Before each block of ClickHouse: a checksum, how it is packed, how long it is from there on, what it unpacks to. */
const CLICKHOUSE = 25;
const CHECKSUM = 16;
const LZ4 = 0x82;
const ZSTD = 0x90;
const ZSTD_MARK = 0xfd2fb528;
/** No block of either is longer. */
const LONGEST = 64 * 1024 * 1024;
/** What holds together for so long is no accident. */
const TELLING = 256;
/** As many bytes of a longer file are looked at, at least. */
const LONG = 8000;

export function unmarkedKind(head: Uint8Array): Unmarked | undefined {
  if (head[16] === LZ4 || head[16] === ZSTD) return isClickHouse(bufferOf(head)) ? 'clickhouse' : undefined;
  // What says that it becomes fewer bytes would be text.
  return head[0]! >= 0x80 && isSnappy(head) ? 'snappy' : undefined;
}

/** A column of a part of ClickHouse. */
export function* clickHouseBlocks(access: RandomAccess): Generator<Block | Break> {
  for (let at = 0; at < access.size; ) {
    const head = bytesAt(access, at, CLICKHOUSE);
    const length = head.length < CLICKHOUSE ? 0 : head.readUInt32LE(17);
    const end = at + CHECKSUM + length;
    if (length < CLICKHOUSE - CHECKSUM || end > access.size) {
      yield { at, detail: 'a block of ClickHouse is not whole' };
      return;
    }
    const start = at + CLICKHOUSE;
    if (head[16] === ZSTD) yield { start, end, codec: 'zstd' };
    else if (head[16] === LZ4) yield { start, end, codec: 'lz4 block', size: head.readUInt32LE(21) };
    at = end;
  }
}

/** A block of Snappy by itself. */
export function* snappyBlock(access: RandomAccess): Generator<Block> {
  yield { start: 0, end: access.size, codec: 'snappy' };
}

/** It becomes what it says and ends there, or holds together for as long as it was looked at. */
function isSnappy(head: Uint8Array): boolean {
  const walked = walkSnappy(head, 0);
  if (walked === undefined || walked.at < head.length) return false;
  return walked.length === walked.size || (head.length >= LONG && walked.length >= head.length);
}

function isClickHouse(head: Buffer): boolean {
  if (head.length <= CLICKHOUSE) return false;
  const [length, size] = [head.readUInt32LE(17), head.readUInt32LE(21)];
  if (length <= CLICKHOUSE - CHECKSUM || length > LONGEST || size === 0 || size > LONGEST) return false;
  if (head[16] === ZSTD) return head.length >= CLICKHOUSE + 4 && head.readUInt32LE(CLICKHOUSE) === ZSTD_MARK;
  const end = CHECKSUM + length;
  const walked = walkLz4(head.subarray(0, end), CLICKHOUSE, size);
  if (walked === undefined) return false;
  return end <= head.length ? walked.at === end && walked.length === size : walked.length >= TELLING;
}

function bufferOf(head: Uint8Array): Buffer {
  return Buffer.from(head.buffer, head.byteOffset, head.length);
}
