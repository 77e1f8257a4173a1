import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import { valueReader } from './avro-values.js';
import type { Block, Break, Codec } from './block.js';
import { NumberReader } from './number-reader.js';

const SYNC = 16;
const LONGEST_HEADER = 1024 * 1024;
const WINDOW = 1024 * 1024;

/** What a codec is called here, and how many bytes behind a block are a checksum of it. */
const CODECS: Readonly<Record<string, readonly [codec: Codec, behind: number] | undefined>> = {
  null: ['stored', 0],
  deflate: ['deflate', 0],
  snappy: ['snappy', 4],
  zstandard: ['zstd', 0],
  bzip2: ['bzip2', 0],
  xz: ['xz', 0],
};

/**
 * The blocks of the file, with their texts told apart by its schema: nothing stands between them. Behind damage it goes on
 * with the next mark between blocks.
 */
export function* avroBlocks(access: RandomAccess): Generator<Block | Break> {
  const header = readHeader(bytesAt(access, 0, LONGEST_HEADER));
  if (header === undefined) {
    yield { at: 4, detail: 'its header is damaged, so that nobody knows how its blocks are packed' };
    return;
  }
  const read = valueReader(header.schema);
  if (header.codec === 'null' && read === undefined) return;
  const known = CODECS[header.codec];
  if (known === undefined) {
    const detail = `Avro whose blocks are packed in a way that is not read (${JSON.stringify(header.codec)})`;
    yield { at: header.end, detail, isUnknown: true };
    return;
  }
  const [codec, behind] = known;
  for (let at = header.end; at < access.size; ) {
    const head = new NumberReader(bytesAt(access, at, 20));
    const count = head.zigzag();
    const size = head.zigzag();
    const start = at + head.at;
    const end = start + size;
    if (size >= 0 && bytesAt(access, end, SYNC).equals(header.sync)) {
      const texts = read === undefined ? {} : { texts: (content: Buffer) => read(content, count) };
      if (size > behind) yield { start, end: end - behind, codec, ...texts };
      at = end + SYNC;
      continue;
    }
    const next = indexOf(access, header.sync, at);
    // A block that was cut off by the end is read as far as it goes.
    if (next === undefined && start < access.size) yield { start, end: access.size, codec };
    yield {
      at,
      detail: next === undefined ? 'the last block is not whole' : 'a block does not end where it says',
    };
    if (next === undefined) return;
    at = next + SYNC;
  }
}

interface Header {
  readonly codec: string;
  readonly schema: string;
  readonly sync: Buffer;
  readonly end: number;
}

/** A map of texts to bytes, in blocks of entries, and the mark that stands behind every block. */
function readHeader(bytes: Buffer): Header | undefined {
  let codec = 'null';
  let schema = '';
  const reader = new NumberReader(bytes, 4);
  for (let entries = reader.zigzag(); entries !== 0; entries = reader.zigzag()) {
    // A negative count is followed by the size of the block.
    if (entries < 0) reader.zigzag();
    for (let left = Math.abs(entries); left > 0; left--) {
      const key = textAt(bytes, reader);
      const value = textAt(bytes, reader);
      if (key === undefined || value === undefined) return undefined;
      if (key === 'avro.codec') codec = value;
      if (key === 'avro.schema') schema = value;
    }
  }
  const end = reader.at + SYNC;
  return end <= bytes.length ? { codec, schema, sync: bytes.subarray(reader.at, end), end } : undefined;
}

function textAt(bytes: Buffer, reader: NumberReader): string | undefined {
  const length = reader.zigzag();
  const start = reader.at;
  if (length < 0 || start + length > bytes.length) return undefined;
  reader.at += length;
  return bytes.toString('latin1', start, reader.at);
}

function indexOf(access: RandomAccess, mark: Buffer, from: number): number | undefined {
  for (let position = from; position < access.size; position += WINDOW - mark.length) {
    const at = bytesAt(access, position, WINDOW).indexOf(mark);
    if (at >= 0) return position + at;
  }
  return undefined;
}
