import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import type { Block, Break } from './block.js';

/** The mark and a key ([MS-OXTNEF] 2.1.3.1). */
const FRONT = 6;
/** Level, number, length; behind the data a checksum. */
const HEADER = 9;
const CHECKSUM = 2;
/** Properties hold texts and messages: what is in them is read as it stands. */
const ATTACHED = 0x0006800f;

/** The attachments of a winmail.dat, as they are. */
export function* tnefAttachments(access: RandomAccess): Generator<Block | Break> {
  for (let at = FRONT; at < access.size; ) {
    const header = bytesAt(access, at, HEADER);
    if (header.length < HEADER || header[0]! < 1 || header[0]! > 2) {
      yield { at, detail: 'no attribute begins here' };
      return;
    }
    const start = at + HEADER;
    const end = start + header.readUInt32LE(5);
    if (header.readUInt32LE(1) === ATTACHED)
      yield { start, end: Math.min(end, access.size), codec: 'stored' };
    if (end > access.size) yield { at: access.size, detail: 'it is cut off in the middle of an attribute' };
    at = end + CHECKSUM;
  }
}
