import { crc32 } from 'node:zlib';
import { walkLz4 } from './lz4-walk.js';
import { walkSnappy } from './snappy.js';
import { startsWith } from './starts-with.js';

/** Files of one content that is packed in pieces, each by Snappy or LZ4 and behind its lengths. */
export type PieceKind =
  | 'iwa'
  | 'lz4 java'
  | 'hadoop snappy'
  | 'hadoop lz4'
  | 'cassandra snappy'
  | 'cassandra lz4';

/** What each piece begins with that Java's library for LZ4 packs (Spark, programs of JetBrains). */
export const LZ4_JAVA = 'LZ4Block';

/** Hadoop packs so much of a file at a time, and Cassandra. */
export const LONGEST_PIECE = 64 * 1024 * 1024;
export const LONGEST_CHUNK = 1024 * 1024;
const SHORTEST = 16;
/** What holds together for so long is no accident. */
const TELLING = 256;

/** What the first piece shows by adding up, where there is no mark. */
export function pieceKind(head: Uint8Array): PieceKind | undefined {
  if (startsWith(head, LZ4_JAVA)) return 'lz4 java';
  if (head[0] === 0 && isIwa(head)) return 'iwa';
  const hadoop = head[0]! <= LONGEST_PIECE >> 24 && head[4] === 0 ? hadoopKind(bufferOf(head)) : undefined;
  if (hadoop !== undefined) return hadoop;
  const chunk = mayBeCassandra(head) ? cassandraChunk(bufferOf(head)) : undefined;
  if (chunk === undefined) return undefined;
  return chunk.codec === 'snappy' ? 'cassandra snappy' : 'cassandra lz4';
}

/** The objects of a document of Pages, Numbers or Keynote: Snappy behind a zero and its length. */
function isIwa(head: Uint8Array): boolean {
  if (head.length < SHORTEST) return false;
  const end = 4 + (head[1]! | (head[2]! << 8) | (head[3]! << 16));
  const walked = walkSnappy(head.subarray(0, end), 4);
  if (walked === undefined || walked.size < SHORTEST) return false;
  if (end > head.length) return walked.length >= TELLING;
  return walked.at === end && walked.length === walked.size && (end === head.length || head[end] === 0);
}

/** What a block is to become, how long its first piece is, and the piece. */
function hadoopKind(head: Buffer): PieceKind | undefined {
  if (head.length < SHORTEST) return undefined;
  const [size, length] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  const end = 8 + length;
  if (size < SHORTEST || size > LONGEST_PIECE || length < 4 || length > size + size / 6 + 32)
    return undefined;
  const piece = head.subarray(0, end);
  const isWhole = end <= head.length;
  const snappy = walkSnappy(piece, 8);
  if (snappy !== undefined && snappy.size <= size && snappy.size >= SHORTEST) {
    if (isWhole ? snappy.at === end && snappy.length === snappy.size : snappy.length >= TELLING)
      return 'hadoop snappy';
  }
  const lz4 = walkLz4(piece, 8, size);
  if (lz4 === undefined) return undefined;
  if (isWhole ? lz4.at === end && lz4.length >= Math.min(size, TELLING) : lz4.length >= TELLING)
    return 'hadoop lz4';
  return undefined;
}

function mayBeCassandra(head: Uint8Array): boolean {
  return (head[3] === 0 && head[2]! <= 16) || head[0]! >= 0x80;
}

/** How a chunk of a table of Cassandra (`*-Data.db`) is packed, where its content begins, and how long it is without its checksum. */
export interface CassandraChunk {
  readonly codec: 'lz4 block' | 'snappy';
  readonly start: number;
  readonly length: number;
  readonly size: number;
}

/** LZ4 behind the length unpacked, or Snappy, which says it itself; in either case before a checksum. */
export function cassandraChunk(bytes: Buffer): CassandraChunk | undefined {
  if (bytes.length < SHORTEST) return undefined;
  const size = bytes.readUInt32LE(0);
  if (size >= SHORTEST && size <= LONGEST_CHUNK) {
    const walked = walkLz4(bytes, 4, size);
    if (walked?.length === size && isSummed(bytes, walked.at))
      return { codec: 'lz4 block', start: 4, length: walked.at, size };
  }
  const walked = walkSnappy(bytes, 0);
  if (walked === undefined || walked.size < SHORTEST || walked.size > LONGEST_CHUNK) return undefined;
  if (walked.length !== walked.size || !isSummed(bytes, walked.at)) return undefined;
  return { codec: 'snappy', start: 0, length: walked.at, size: walked.size };
}

function isSummed(bytes: Buffer, length: number): boolean {
  return length + 4 <= bytes.length && crc32(bytes.subarray(0, length)) === bytes.readUInt32BE(length);
}

function bufferOf(head: Uint8Array): Buffer {
  return Buffer.from(head.buffer, head.byteOffset, head.length);
}
