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
    if (format === 'zip') yield* readZip(access, provenance, expansion);
    else if (format === 'opaque') yield* carve(access, provenance, expansion);
    else if (format === 'bundle' || format === 'pack')
      yield* readGitPack(format, access, provenance, expansion);
    else if (format === 'brotli')
      yield* (await import('./brotli.js')).readBrotli(access, provenance, expansion);
    else if (format === 'mail') yield* (await import('./mail.js')).readMail(access, provenance, expansion);
    else if (format === 'sqlite')
      yield* (await import('./sqlite.js')).readSqlite(access, provenance, expansion);
    else if (format === 'heap') yield* (await import('./heap.js')).readHeap(access, provenance, expansion);
    else if (format === 'armor') yield* (await import('./armor.js')).readArmor(access, provenance, expansion);
    else if (format === 'ewf') yield* (await import('./ewf.js')).readEwf(access, provenance, expansion);
    else if (format === 'arrow') {
      yield* asItIs(access, provenance, expansion);
      yield* (await import('./arrow.js')).readArrow(access, provenance, expansion);
    } else if (format === 'record log')
      yield* (await import('./record-log.js')).readRecordLog(access, provenance, expansion);
    else if (format === 'streams' || format === 'capture' || format === 'http') {
      yield* asItIs(access, provenance, expansion);
      yield* carveStreams(access, provenance, expansion, { archives: format === 'streams' });
      if (format === 'streams' && startsWith(bytesAt(access, 0, HDF5.length), HDF5))
        yield* unreadFilters(access, provenance);
      if (format === 'capture')
        yield* (await import('./capture.js')).readCapture(access, provenance, expansion);
      if (format === 'http') yield* (await import('./http.js')).readBodies(access, provenance, expansion);
    } else if (format === 'bazaar') {
      yield* asItIs(access, provenance, expansion);
      yield* (await import('./bazaar.js')).readBazaar(access, provenance, expansion);
    } else if (format === 'pg_dump')
      yield* (await import('./pg-dump.js')).readPgDump(access, provenance, expansion);
    else if (format === 'asar') yield* (await import('./asar.js')).readAsar(access, provenance, expansion);
    else if (format === 'blocks') {
      yield* asItIs(access, provenance, expansion);
      yield* (await import('./blocked.js')).readBlocked(access, provenance, expansion);
    } else if (format === 'embedded') yield* readEmbedded(access, provenance, expansion);
    else if (format === 'part') yield* readPart(access, provenance, expansion);
    else if (format === 'unread') yield* readUnread(access, provenance, expansion);
    else if (format === 'lzip') yield* (await import('./lzip.js')).readLzip(access, provenance, expansion);
    else yield* await longTail(format, access, provenance, expansion);
    access.close();
  }
}

/** The bytes as they are; of a picture or a document with a zip stuck on behind, what is in that, too. */
async function* asItIs(access: RandomAccess, where: Provenance, expansion: Expansion): AsyncGenerator<Found> {
  if (endsInZip(bytesAt(access, 0, SNIFF_LENGTH), access)) yield* readZip(access, where, expansion);
  else yield item({ type: 'unit', provenance: where, content: new AccessStream(access) });
}

/** Everything for which a decoder is loaded when the first of its kind is met. */
async function longTail(
  format: PackedFormat | ArchiveFormat,
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): Promise<AsyncGenerator<Found>> {
  if (PACKED.has(format)) {
    const { readPacked } = await import('./packed.js');
    return readPacked(access, where, expansion, placeIn(where, unpackedName(where), [format]));
  }
  const { readArchive } = await import('./long-tail.js');
  return readArchive(access, where, expansion, format);
}

function streamOf(content: Uint8Array | ByteStream): ByteStream {
  return content instanceof Uint8Array ? new AccessStream(new MemoryAccess(content, true)) : content;
}
