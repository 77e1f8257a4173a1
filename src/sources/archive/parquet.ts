import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import type { Block, Break, Codec, SizedBlock } from './block.js';
import { textsIn } from './parquet-values.js';
import { type Struct, ThriftReader } from './thrift.js';

/** What a file of Parquet begins and ends with (apache/parquet-format). */
const PARQUET = 'PAR1';
const MARK = 4;
/** The size of the footer, and the mark. */
const TAIL = 8;
const LONGEST_FOOTER = 16 * 1024 * 1024;
/** Statistics of a page may hold a least and a largest value. */
const LONGEST_HEADER = 64 * 1024;
const USUAL_HEADER = 256;
const DATA_PAGE = 0;
const DATA_PAGE_V2 = 3;

/** By their numbers; 5 is LZ4 with the framing of Hadoop, or without. */
const CODECS: readonly (Codec | 'none' | undefined)[] = [
  'none',
  'snappy',
  'gzip',
  undefined,
  'brotli',
  'lz4 block',
  'zstd',
  'lz4 block',
];

interface Chunk {
  readonly start: number;
  readonly end: number;
  readonly codec: Codec | 'none' | undefined;
  readonly number: number;
}

/**
 * The pages of all columns that are packed, or whose texts have nothing between them: values in them lie whole, one behind the
 * other.
 */
export function* parquetPages(access: RandomAccess): Generator<Block | Break> {
  const chunks = chunksOf(access);
  if (chunks === undefined) {
    yield { at: access.size, detail: 'the footer that says where its pages are is missing or damaged' };
    return;
  }
  let left = 2 * access.size;
  for (const chunk of chunks) {
    left -= Math.max(chunk.end - chunk.start, 0);
    if (left < 0) {
      yield { at: chunk.start, detail: 'its columns overlap' };
      return;
    }
    if (chunk.codec === undefined) {
      const detail = `Parquet with columns that are packed in a way that is not read (codec ${chunk.number})`;
      yield { at: chunk.start, detail, isUnknown: true };
      return;
    } else yield* pagesOf(access, { ...chunk, codec: chunk.codec });
  }
}

function* pagesOf(
  access: RandomAccess,
  { start, end: chunkEnd, codec }: Chunk & { readonly codec: Codec | 'none' },
): Generator<Block | Break> {
  for (let at = start; at < chunkEnd; ) {
    let reader = new ThriftReader(bytesAt(access, at, USUAL_HEADER));
    let header = reader.struct();
    if (header === undefined) {
      reader = new ThriftReader(bytesAt(access, at, LONGEST_HEADER));
      header = reader.struct();
    }
    const [kind, size, packed] = [header?.number(1), header?.number(2), header?.number(3)];
    if (
      header === undefined ||
      kind === undefined ||
      size === undefined ||
      packed === undefined ||
      packed < 0
    ) {
      yield { at, detail: 'no page begins here' };
      return;
    }
    const first = kind === DATA_PAGE ? header.struct(5) : undefined;
    const second = kind === DATA_PAGE_V2 ? header.struct(8) : undefined;
    // Of newer pages the levels in front are not packed, and perhaps nothing is.
    const levels = second === undefined ? 0 : (second.number(5) ?? 0) + (second.number(6) ?? 0);
    const from = at + reader.at;
    const end = from + packed;
    const texts = textsIn(first?.number(2) ?? second?.number(4));
    const isPacked = codec !== 'none' && second?.isFalse(7) !== true;
    if (packed > levels && size > levels && (isPacked || texts !== undefined)) {
      const page = {
        start: from + levels,
        end,
        codec: isPacked ? codec : 'stored',
        size: size - levels,
      } as const;
      yield { ...pageOf(access, page), ...(texts === undefined ? {} : { texts, isMoved: true }) };
    }
    at = end;
  }
}

/** Hadoop writes how long a block is, packed and unpacked, in front of it. */
function pageOf(access: RandomAccess, page: SizedBlock): Block {
  if (page.codec !== 'lz4 block') return page;
  const head = bytesAt(access, page.start, 8);
  const isFramed =
    head.length === 8 &&
    head.readUInt32BE(0) === page.size &&
    head.readUInt32BE(4) === page.end - page.start - 8;
  return isFramed ? { ...page, start: page.start + 8 } : page;
}

/** The chunks of columns, by the footer (`FileMetaData` in parquet.thrift). */
function chunksOf(access: RandomAccess): Chunk[] | undefined {
  const tail = bytesAt(access, Math.max(0, access.size - TAIL), TAIL);
  if (access.size < MARK + TAIL || tail.toString('latin1', MARK) !== PARQUET) return undefined;
  const size = tail.readUInt32LE(0);
  if (size > LONGEST_FOOTER || size + MARK + TAIL > access.size) return undefined;
  const footer = new ThriftReader(bytesAt(access, access.size - TAIL - size, size)).struct();
  return footer?.structs(4).flatMap((group) => group.structs(1).flatMap(chunkOf));
}

function chunkOf(column: Struct): Chunk[] {
  const meta = column.struct(3);
  const data = meta?.number(9);
  const size = meta?.number(7);
  const number = meta?.number(4);
  if (data === undefined || size === undefined || number === undefined) return [];
  const dictionary = meta?.number(11);
  const start = dictionary !== undefined && dictionary > 0 && dictionary < data ? dictionary : data;
  return [{ start, end: start + size, codec: CODECS[number], number }];
}
