import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import type { Block } from './block.js';

/** What files of Lucene begin with, and those that Elasticsearch writes beside them. */
export const CODEC_HEADER = '\x3f\xd7\x6c\x17';
/** Behind a name and a version. */
const MARK = 'DFL\0';
const LONGEST_HEADER = 80;
const FOOTER = 16;

/** Where DEFLATE data begin in what Elasticsearch and OpenSearch keep of indices in snapshots (`meta-*.dat`, `snap-*.dat`). */
export function packedAt(head: Uint8Array): number | undefined {
  const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, LONGEST_HEADER));
  const at = start.indexOf(MARK, CODEC_HEADER.length, 'latin1');
  return at < 0 ? undefined : at + MARK.length;
}

export function* elasticBlock(access: RandomAccess): Generator<Block> {
  const start = packedAt(bytesAt(access, 0, LONGEST_HEADER));
  if (start !== undefined) yield { start, end: Math.max(start, access.size - FOOTER), codec: 'deflate' };
}
