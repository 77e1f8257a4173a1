import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import { avroBlocks } from './avro.js';
import type { Block, Break, Codec } from './block.js';
import { BLOCKED, type Blocked } from './block-marks.js';
import { readBlocks } from './block-reader.js';
import { borgChunks } from './borg.js';
import { carveStreams } from './carve.js';
import { cachedBody } from './chromium-cache.js';
import { SAMPLE } from './deflate-sample.js';
import { elasticBlock } from './elasticsearch.js';
import { firefoxBody, isFirefoxEntry } from './firefox-cache.js';
import type { Expansion, Found } from './found.js';
import { FURTHER_IN } from './further-in.js';
import { hfileBlocks } from './hfile.js';
import { journalFields } from './journal.js';
import { kafkaBatches } from './kafka.js';
import { parquetPages } from './parquet.js';
import { pngTexts } from './png.js';
import { rdbStrings } from './redis.js';
import { tableBlocks } from './sstable.js';
import { tnefAttachments } from './tnef.js';
import { clickHouseBlocks, snappyBlock, unmarkedKind } from './unmarked.js';
import { wiredTigerPages, wiredTigerRecords } from './wiredtiger.js';

const BLOCKS_OF: Readonly<Record<Blocked, (access: RandomAccess) => Generator<Block | Break>>> = {
  journal: journalFields,
  redis: rdbStrings,
  avro: avroBlocks,
  parquet: parquetPages,
  mozilla: mozillaBlock,
  kafka: kafkaBatches,
  tnef: tnefAttachments,
  png: pngTexts,
  openpgp: openPgpPacket,
  chromium: cachedBody,
  uimage: imagePayload,
  borg: borgChunks,
  elasticsearch: elasticBlock,
  hbase: hfileBlocks,
  wiredtiger: wiredTigerPages,
  'wiredtiger log': wiredTigerRecords,
};

const IMAGE_HEADER = 64;

/** What each of the blocks unpacks to. */
export async function* readBlocked(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  expansion.budget.expand(0, access.size);
  const head = bytesAt(access, 0, SAMPLE);
  const known = BLOCKED.find(
    ({ text, fits }) => head.indexOf(text, 0, 'latin1') === 0 && fits?.(head) !== false,
  );
  const blocksOf = known === undefined ? blocksOfUnmarked(access) : BLOCKS_OF[known.kind];
  yield* readBlocks(blocksOf(access), access, where, expansion);
  // Blocks that are not packed hold values that are.
  if (blocksOf === tableBlocks) yield* carveStreams(access, where, expansion, { archives: false });
}

/** What shows by its first block, or by its end. */
function blocksOfUnmarked(access: RandomAccess): (access: RandomAccess) => Generator<Block | Break> {
  const kind = unmarkedKind(bytesAt(access, 0, FURTHER_IN));
  if (kind !== undefined) return kind === 'clickhouse' ? clickHouseBlocks : snappyBlock;
  return isFirefoxEntry(access) ? firefoxBody : tableBlocks;
}

/** What Firefox keeps sessions and bookmarks in: one block behind its size. */
function* mozillaBlock(access: RandomAccess): Generator<Block> {
  const head = bytesAt(access, 0, 12);
  if (head.length === 12)
    yield { start: 12, end: access.size, codec: 'lz4 block', size: head.readUInt32LE(8) };
}

/** What follows the header of a legacy image of U-Boot (image.h). */
function* imagePayload(access: RandomAccess): Generator<Block> {
  if (access.size > IMAGE_HEADER) yield { start: IMAGE_HEADER, end: access.size, codec: 'stored' };
}

/** A packet of packed data (RFC 9580, 5.6) that goes on to the end: what is signed, but not encrypted, lies in one. */
function* openPgpPacket(access: RandomAccess): Generator<Block> {
  const codecs: readonly (Codec | undefined)[] = [undefined, 'deflate', 'zlib', 'bzip2'];
  const codec = codecs[bytesAt(access, 1, 1)[0] ?? 0];
  if (codec !== undefined) yield { start: 2, end: access.size, codec };
}
