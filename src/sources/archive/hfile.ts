import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import type { Block, Break, Codec } from './block.js';
import { pieceKind } from './piece-kinds.js';

/** What a block of data begins with (HBase's `BlockType`). */
export const HFILE = 'DATABLK*';
/** Behind it: how long the block is packed and unpacked, the one before it, checksums, and how much of it is content. */
const HEADER = 33;
const CODECS: readonly (readonly [text: string, codec: Codec])[] = [
  ['\x1f\x8b', 'gzip'],
  ['\x28\xb5\x2f\xfd', 'zstd'],
  ['BZh', 'bzip2'],
  ['\x78', 'zlib'],
];
/** Blocks of all kinds begin with a word of upper-case letters. */
const KIND = /^[A-Z]{3,7}[A-Z0-9*"$c]/;

/** The blocks of a file of HBase that are packed: how, they show themselves. */
export function* hfileBlocks(access: RandomAccess): Generator<Block | Break> {
  for (let at = 0; at < access.size; ) {
    const head = bytesAt(access, at, HEADER + 512);
    if (head.length < HEADER || !KIND.test(head.toString('latin1', 0, HFILE.length))) return;
    if (head.toString('latin1', 0, 6) === 'TRABLK') return;
    const size = head.readUInt32BE(12);
    const [start, end] = [at + HEADER, at + head.readUInt32BE(29)];
    const next = at + HEADER + head.readUInt32BE(8);
    if (end < start || end > next || next > access.size) {
      yield { at, detail: 'a block of HBase is not whole' };
      return;
    }
    if (end - start !== size && end > start) yield blockAt(head.subarray(HEADER), start, end);
    at = next;
  }
}

function blockAt(content: Buffer, start: number, end: number): Block | Break {
  const shown = content.toString('latin1', 0, 4);
  const codec = CODECS.find(([text]) => shown.startsWith(text))?.[1];
  if (codec !== undefined) return { start, end, codec };
  // It is looked into as what it shows to be.
  if (pieceKind(content.subarray(0, end - start)) !== undefined) return { start, end, codec: 'stored' };
  return {
    at: start,
    detail: 'a file of HBase whose blocks are packed in a way that is not read',
    isUnknown: true,
  };
}
