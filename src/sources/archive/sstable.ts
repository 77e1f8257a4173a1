import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import type { Block, Break, Codec } from './block.js';
import { snappySize, unpackSnappy } from './snappy.js';

/** How a table of LevelDB ends (table_format.md). */
const FOOTER = 48;
const MARK = Buffer.from('57fb808b247547db', 'hex');
/** Behind each block: how it is packed, and a checksum. */
const KIND = 1;
const SNAPPY = 1;
/** Zstandard; in some forks zlib. */
const OTHER = 2;
const LONGEST_INDEX = 64 * 1024 * 1024;

interface Handle {
  readonly start: number;
  readonly end: number;
}

/** The blocks of a table that are packed, by its index. */
export function* tableBlocks(access: RandomAccess): Generator<Block | Break> {
  const footer = bytesAt(access, Math.max(0, access.size - FOOTER), FOOTER);
  if (!footer.subarray(-MARK.length).equals(MARK)) {
    yield {
      at: access.size,
      detail: 'a table of RocksDB or Pebble, whose blocks are not read',
      isUnknown: true,
    };
    return;
  }
  const meta = varint(footer, varint(footer, 0).next);
  const index = handleAt(footer, meta.next);
  const bytes = indexOf(access, index);
  if (bytes === undefined) {
    yield {
      at: index.start,
      detail: 'the index of the table is damaged, and its blocks cannot be told apart',
    };
    return;
  }
  for (const { start, end } of handlesIn(bytes)) {
    const codec = end < access.size ? codecOf(access, start, end) : undefined;
    if (codec !== undefined) yield { start, end, codec };
  }
}

function codecOf(access: RandomAccess, start: number, end: number): Codec | undefined {
  const kind = bytesAt(access, end, KIND)[0];
  if (kind === SNAPPY) return 'snappy';
  if (kind !== OTHER) return undefined;
  return bytesAt(access, start, 1)[0] === 0x28 ? 'zstd' : 'zlib';
}

function indexOf(access: RandomAccess, { start, end }: Handle): Buffer | undefined {
  if (end - start > LONGEST_INDEX || end + KIND > access.size || start >= end) return undefined;
  const bytes = bytesAt(access, start, end - start);
  if (bytesAt(access, end, KIND)[0] !== SNAPPY) return bytes;
  const size = snappySize(bytes);
  const { content, problem } = unpackSnappy(bytes, size <= LONGEST_INDEX ? size : 0);
  return problem === undefined ? content : undefined;
}

/** Entries of a key and a handle; behind them the places at which keys are written whole. */
function* handlesIn(index: Buffer): Generator<Handle> {
  if (index.length < 4) return;
  const end = index.length - 4 - 4 * index.readUInt32LE(index.length - 4);
  for (let at = 0; at < end; ) {
    const unshared = varint(index, varint(index, at).next);
    const value = varint(index, unshared.next);
    const start = value.next + unshared.value;
    if (start >= end) return;
    yield handleAt(index, start);
    at = start + value.value;
  }
}

function handleAt(bytes: Buffer, at: number): Handle {
  const start = varint(bytes, at);
  return { start: start.value, end: start.value + varint(bytes, start.next).value };
}

/** A number of seven bits a byte, the lowest first. */
function varint(bytes: Buffer, from: number): { readonly value: number; readonly next: number } {
  let value = 0;
  let at = from;
  for (; at < bytes.length && at < from + 7; at++) {
    value += (bytes[at]! & 127) * 2 ** (7 * (at - from));
    if (bytes[at]! < 128) break;
  }
  return { value, next: at + 1 };
}
