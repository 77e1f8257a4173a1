import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import type { Block, Break, Codec } from './block.js';
import { startsWith } from './starts-with.js';

/** What a segment of a repository of Borg begins with. */
export const BORG = 'BORG_SEG';
/** A checksum, a length, a kind (borg's `repository.py`); what is put in has a name. */
const HEADER = 9;
const NAME = 32;
const PUT = 0;
/** How it is encrypted (`key.py`): not at all; not, but behind a sum that is made with a key. */
const PLAIN = 0x02;
const AUTHENTICATED: readonly number[] = [0x06, 0x07];
const SUM = 32;
/** How a chunk is packed, if not by zlib (`compress.pyx`). */
const CODECS: Readonly<Record<string, Codec>> = { '\x01\0': 'lz4 block', '\x02\0': 'xz', '\x03\0': 'zstd' };
const LONGEST_CHUNK = 24 * 1024 * 1024;

/** The chunks of a segment that are packed. */
export function* borgChunks(access: RandomAccess): Generator<Block | Break> {
  let isTold = false;
  for (let at = BORG.length; at + HEADER <= access.size; ) {
    const head = bytesAt(access, at, HEADER + NAME + 1 + SUM + 2);
    const size = head.readUInt32LE(4);
    const end = at + size;
    if (size < HEADER || end > access.size) {
      yield { at, detail: 'an entry of it is not whole' };
      return;
    }
    const kind = head[HEADER + NAME]!;
    const isPut = head[8] === PUT && size > HEADER + NAME + 1;
    if (isPut && (kind === PLAIN || AUTHENTICATED.includes(kind))) {
      const from = HEADER + NAME + 1 + (kind === PLAIN ? 0 : SUM);
      const block = chunkAt(head.subarray(from), at + from, end);
      if (block !== undefined) yield block;
    } else if (isPut && !isTold) {
      isTold = true;
      yield { at, detail: 'a repository of Borg that is encrypted', isEncrypted: true };
    }
    at = end;
  }
}

function chunkAt(head: Buffer, start: number, end: number): Block | undefined {
  const codec = CODECS[head.toString('latin1', 0, 2)];
  if (codec !== undefined && end > start + 2)
    return { start: start + 2, end, codec, ...(codec === 'lz4 block' ? { size: LONGEST_CHUNK } : {}) };
  return startsWith(head, 'x') ? { start, end, codec: 'zlib' } : undefined;
}
