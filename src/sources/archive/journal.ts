import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import type { Block, Break, Codec } from './block.js';

const DATA = 1;
const HEADER = 16;
/** What a data object holds before its payload; in compact files (flag 16) eight bytes more. */
const BEFORE_PAYLOAD = 64;
const COMPACT = 16;
const CODECS: readonly (readonly [flag: number, codec: Codec])[] = [
  [1, 'xz'],
  [2, 'lz4 block'],
  [4, 'zstd'],
];

/** The fields of messages that are packed: each is an object of its own. */
export function* journalFields(access: RandomAccess): Generator<Block | Break> {
  const header = bytesAt(access, 0, 96);
  if (header.length < 96) return;
  const before = BEFORE_PAYLOAD + ((header.readUInt32LE(12) & COMPACT) !== 0 ? 8 : 0);
  let at = Number(header.readBigUInt64LE(88));
  while (at + HEADER <= access.size) {
    const object = bytesAt(access, at, before + 8);
    const size = Number(object.readBigUInt64LE(8));
    // The room behind the last object is kept empty.
    if (object[0] === 0 && size === 0) return;
    if (size < HEADER || object[0]! > 7) {
      yield { at, detail: 'no object of a journal begins here' };
      return;
    }
    const codec = object[0] === DATA ? CODECS.find(([flag]) => (object[1]! & flag) !== 0)?.[1] : undefined;
    const start = at + before;
    const end = at + size;
    if (codec === 'lz4 block' && object.length >= before + 8) {
      yield { start: start + 8, end, codec, size: Number(object.readBigUInt64LE(before)) };
    } else if (codec !== undefined) yield { start, end, codec };
    at = Math.ceil(end / 8) * 8;
  }
}
