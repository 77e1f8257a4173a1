import { crc32 } from 'node:zlib';
import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import type { Block, Break } from './block.js';
import { walkLz4 } from './lz4-walk.js';

/** Files of blocks that have no mark: the first block shows that they are such, by adding up. */
export type Unmarked = 'clickhouse' | 'cassandra';

/** Before each block of ClickHouse: a checksum, how it is packed, how long it is from there on, what it unpacks to. */
const CLICKHOUSE = 25;
const CHECKSUM = 16;
const LZ4 = 0x82;
const ZSTD = 0x90;
const ZSTD_MARK = 0xfd2fb528;
/** No block of either is longer. */
const LONGEST = 64 * 1024 * 1024;
const LONGEST_CHUNK = 1024 * 1024;
/** What holds together for so long is no accident. */
const TELLING = 256;

export function unmarkedKind(head: Uint8Array): Unmarked | undefined {
  if (head[16] === LZ4 || head[16] === ZSTD) return isClickHouse(bufferOf(head)) ? 'clickhouse' : undefined;
  return head[3] === 0 && head[2]! <= 16 && isCassandra(bufferOf(head)) ? 'cassandra' : undefined;
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

/** The data of a table of Cassandra (`*-Data.db`) in LZ4: each chunk behind its length unpacked, and before its checksum. */
export function* cassandraChunks(access: RandomAccess): Generator<Block | Break> {
  for (let at = 0; at < access.size; ) {
    const bytes = bytesAt(access, at, 2 * LONGEST_CHUNK);
    const length = chunkLength(bytes);
    if (length === undefined) {
      yield { at, detail: 'a chunk of Cassandra does not add up' };
      return;
    }
    yield { start: at + 4, end: at + length, codec: 'lz4 block', size: bytes.readUInt32LE(0) };
    at += length + 4;
  }
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

function isCassandra(head: Buffer): boolean {
  return chunkLength(head) !== undefined;
}

/** How long a chunk is, without its checksum. */
function chunkLength(bytes: Buffer): number | undefined {
  if (bytes.length < 16) return undefined;
  const size = bytes.readUInt32LE(0);
  if (size < 16 || size > LONGEST_CHUNK) return undefined;
  const walked = walkLz4(bytes, 4, size);
  if (walked === undefined || walked.length !== size || walked.at + 4 > bytes.length) return undefined;
  return crc32(bytes.subarray(0, walked.at)) === bytes.readUInt32BE(walked.at) ? walked.at : undefined;
}

function bufferOf(head: Uint8Array): Buffer {
  return Buffer.from(head.buffer, head.byteOffset, head.length);
}
