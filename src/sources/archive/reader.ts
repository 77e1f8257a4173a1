import type { Provenance } from '../../model/provenance.js';
import type { ByteStream, ScanUnit } from '../../model/source.js';
import { Feed } from '../feed.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream, bytesAt, MemoryAccess } from '../random-access.js';
import { accessOf } from '../spool.js';
import { carve, carveStreams } from './carve.js';
import type { ArchiveFormat, ContainerFormat, PackedFormat } from './container-format.js';
import { readEmbedded } from './embedded.js';
import { type Expansion, type Found, item, placeIn } from './found.js';
import { readGitPack } from './git-pack.js';
import { readGzip, unpackedName } from './gzip.js';
import { HDF5, unreadFilters } from './hdf5.js';
import { type HeldOptions, readHeld } from './held.js';
import { readPieces } from './pieces-stream.js';
import { endsInZip, SNIFF_LENGTH } from './sniff.js';
import { startsWith } from './starts-with.js';
import { readTar } from './tar.js';
import { readPart, readUnread } from './unread.js';
import { readZip } from './zip.js';

/** Formats that pack one content. */
export const PACKED: ReadonlySet<ContainerFormat> = new Set([
  'gzip',
  'xz',
  'bzip2',
  'zstd',
  'lzma',
  'compress',
  'lz4',
  'brotli',
  'lzip',
  'snappy',
  'lzop',
]);

/** Reads a container of that format: from front to back where the format allows it. */
export async function* readerOf(
  format: ContainerFormat,
  { content, provenance }: ScanUnit,
  expansion: Expansion & HeldOptions,
): AsyncGenerator<Found> {
  if (format === 'gzip') {
    yield* readGzip(streamOf(content), provenance, expansion);
  } else if (format === 'tar') {
    yield* readTar(streamOf(content), provenance, expansion);
  } else if (format === 'lz4') {
    const { readLz4 } = await import('./lz4.js');
    yield* readLz4(streamOf(content), provenance, expansion);
  } else if (format === 'snappy') {
    const { SnappyFrames } = await import('./snappy-frames.js');
    const place = placeIn(provenance, unpackedName(provenance), ['snappy frames']);
    yield* readPieces(new SnappyFrames(streamOf(content), expansion), provenance, place);
  } else if (format === 'lzop') {
    const { LzopMembers } = await import('./lzop.js');
    const place = placeIn(provenance, unpackedName(provenance), [format]);
    yield* readPieces(new LzopMembers(streamOf(content), expansion), provenance, place);
  } else if (format === 'compress') {
    const { readCompress } = await import('./compress.js');
    yield* readCompress(streamOf(content), provenance, expansion);
  } else if (format === 'zstd') {
    const { readZstd } = await import('./zstd.js');
    const place = placeIn(provenance, unpackedName(provenance), [format]);
    yield* readZstd(streamOf(content), provenance, expansion, place);
  } else if (format === 'opaque' && content instanceof Feed) {
    yield* readHeld(content, provenance, expansion, expansion);
  } else {
    const access = await accessOf(content, expansion.spool);
    if (isOf(BESIDE, format)) yield* asItIs(access, provenance, expansion);
    const read = await (isOf(BESIDE, format)
      ? BESIDE[format]()
      : isOf(READERS, format)
        ? READERS[format]()
        : longTail(format));
    yield* read(access, provenance, expansion);
    access.close();
  }
}

type Reader = (
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion & HeldOptions,
) => AsyncIterable<Found> | Iterable<Found>;
type Readers = { readonly [format in ContainerFormat]?: () => Reader | Promise<Reader> };

/** What is read at any place. Most are loaded when the first of their kind is met. */
const READERS = {
  zip: () => readZip,
  opaque: () => carve,
  bundle: () => gitPackReader('bundle'),
  pack: () => gitPackReader('pack'),
  embedded: () => readEmbedded,
  part: () => readPart,
  unread: () => readUnread,
  brotli: async () => (await import('./brotli.js')).readBrotli,
  lzip: async () => (await import('./lzip.js')).readLzip,
  mail: async () => (await import('./mail.js')).readMail,
  armor: async () => (await import('./armor.js')).readArmor,
  sqlite: async () => (await import('./sqlite.js')).readSqlite,
  heap: async () => (await import('./heap.js')).readHeap,
  'record log': async () => (await import('./record-log.js')).readRecordLog,
  pg_dump: async () => (await import('./pg-dump.js')).readPgDump,
  ewf: async () => (await import('./ewf.js')).readEwf,
  asar: async () => (await import('./asar.js')).readAsar,
} satisfies Readers;

/** The same of what is searched as it is before. */
const BESIDE = {
  arrow: async () => (await import('./arrow.js')).readArrow,
  bazaar: async () => (await import('./bazaar.js')).readBazaar,
  blocks: async () => (await import('./blocked.js')).readBlocked,
  pieces: async () => (await import('./packed-pieces.js')).readPackedPieces,
  streams: () => readStreams,
  capture: async () => behindStreams((await import('./capture.js')).readCapture),
  asciicast: async () => (await import('./asciicast.js')).readAsciicast,
  'git wire': async () => (await import('./git-wire.js')).readGitWire,
  http: async () => behindStreams((await import('./http.js')).readBodies),
} satisfies Readers;

function isOf<Table extends object>(table: Table, key: PropertyKey): key is keyof Table {
  return Object.hasOwn(table, key);
}

function gitPackReader(format: 'bundle' | 'pack'): Reader {
  return (access, where, expansion) => readGitPack(format, access, where, expansion);
}

async function* readStreams(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  yield* carveStreams(access, where, expansion);
  if (startsWith(bytesAt(access, 0, HDF5.length), HDF5)) yield* unreadFilters(access, where);
}

/** Reads the streams first, but for archives, which are put together by what comes then. */
function behindStreams(read: Reader): Reader {
  return async function* (access, where, expansion) {
    yield* carveStreams(access, where, expansion, { archives: false });
    yield* read(access, where, expansion);
  };
}

/** The bytes as they are; of a picture or a document with a zip stuck on behind, what is in that, too. */
async function* asItIs(access: RandomAccess, where: Provenance, expansion: Expansion): AsyncGenerator<Found> {
  if (endsInZip(bytesAt(access, 0, SNIFF_LENGTH), access)) yield* readZip(access, where, expansion);
  else yield item({ type: 'unit', provenance: where, content: new AccessStream(access) });
}

/** Everything else: 7-Zip reads it. */
async function longTail(format: PackedFormat | ArchiveFormat): Promise<Reader> {
  if (PACKED.has(format)) {
    const { readPacked } = await import('./packed.js');
    return (access, where, expansion) =>
      readPacked(access, where, expansion, placeIn(where, unpackedName(where), [format]));
  }
  const { readArchive } = await import('./long-tail.js');
  return (access, where, expansion) => readArchive(access, where, expansion, format);
}

function streamOf(content: Uint8Array | ByteStream): ByteStream {
  return content instanceof Uint8Array ? new AccessStream(new MemoryAccess(content, true)) : content;
}
