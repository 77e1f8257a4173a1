import { BudgetExceeded } from '../../model/budget.js';
import type { Provenance } from '../../model/provenance.js';
import type { ByteStream } from '../../model/source.js';
import { Feed } from '../feed.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream, bytesAt, WindowAccess } from '../random-access.js';
import type { Block, Break, Codec, SizedBlock, Unpacked } from './block.js';
import { drain } from './decoded-stream.js';
import { COLUMN, type Expansion, type Found, faultFound, member, missed, placeIn } from './found.js';
import { readGzip } from './gzip.js';
import { Lz4Fault, unpackBlock } from './lz4-block.js';
import { unpackLzf } from './lzf.js';
import { inflate } from './native-inflate-stream.js';
import { unpackPglz } from './pglz.js';
import { readPieces } from './pieces-stream.js';
import { snappySize, unpackSnappy } from './snappy.js';

/** A decoder is started for each block of these, which costs many times what unpacking does. */
const SLOW: ReadonlySet<Codec> = new Set(['xz', 'bzip2']);
const MOST_SLOW = 256;
/** No block of these formats makes more of a byte. */
const MOST_OF_A_BYTE = 264;
/** What is read at a time of what is held in memory. */
const PART = 64 * 1024;
/** How many damaged blocks of a file are listed one by one. */
const LISTED = 16;

/** Each block as a member; what can't be unpacked as a line. */
export async function* readBlocks(
  blocks: Iterable<Block | Break>,
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  let damaged = 0;
  let slow = 0;
  let left = 2 * access.size;
  for (const block of blocks) {
    if ('at' in block) {
      const reason = block.isEncrypted ? 'encrypted' : block.isUnknown ? 'unsupported' : undefined;
      yield reason === undefined
        ? faultFound(where, block)
        : missed(where, reason, `${block.detail}: its own bytes were scanned; unpack it and scan the result`);
      continue;
    }
    expansion.budget.entry();
    if (SLOW.has(block.codec) && ++slow > MOST_SLOW) continue;
    left -= block.end - block.start;
    if (left < 0) {
      yield missed(
        where,
        'corrupt',
        `its blocks overlap: those from the one at byte ${block.start} on were not unpacked`,
      );
      break;
    }
    for await (const found of (block.texts === undefined ? unpacked : textsOf)(
      block,
      access,
      where,
      expansion,
    )) {
      const isDamage = found.type === 'item' && found.item.type === 'diagnostic';
      if (!isDamage || ++damaged <= LISTED) yield found;
    }
  }
  if (slow > MOST_SLOW) {
    const detail = `${slow - MOST_SLOW} of its blocks, packed by xz or bzip2, were not unpacked: more than ${MOST_SLOW} would take too long`;
    yield missed(where, 'budget', detail);
  }
  if (damaged > LISTED) yield missed(where, 'corrupt', `${damaged - LISTED} more of its blocks are damaged`);
}

/** What a block unpacks to with its texts told apart; as it is, if they are not told, or if it is too long to be held. */
async function* textsOf(
  block: Block,
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  const { start, end, codec, texts, isMoved } = block;
  const most = expansion.budget.limits.memory / 4;
  for await (const found of unpacked(block, access, where, expansion)) {
    if (found.type !== 'member') {
      yield found;
      continue;
    }
    const content = await heldOf(found.unit.content, most);
    if (content === undefined) {
      const { texts: _, ...rest } = block;
      yield* unpacked(rest, access, where, expansion);
      return;
    }
    const lines = texts?.(content);
    try {
      // Texts may be put together of those before.
      expansion.budget.expand(Math.max(0, (lines?.length ?? 0) - content.length), 0);
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error;
      yield { type: 'exceeded', error, where: found.unit.provenance };
      return;
    }
    const column = codec === 'stored' ? COLUMN : `${COLUMN} ${codec}`;
    const provenance =
      isMoved === true && lines !== undefined
        ? placeIn(where, `block at byte ${start}`, ['stream', column], { start, end })
        : found.unit.provenance;
    yield member({ ...found.unit, provenance, content: lines ?? content });
  }
}

/** All of a content, if it is no longer than that. */
async function heldOf(content: Uint8Array | ByteStream, most: number): Promise<Buffer | undefined> {
  if (content instanceof Uint8Array) return Buffer.from(content.buffer, content.byteOffset, content.length);
  const parts: Buffer[] = [];
  let length = 0;
  for (;;) {
    const part = Buffer.allocUnsafe(PART);
    const count = await content.read(part);
    if (count === 0) return Buffer.concat(parts, length);
    length += count;
    if (length > most) return undefined;
    parts.push(part.subarray(0, count));
  }
}

async function* unpacked(
  { start, end, codec, size = Number.POSITIVE_INFINITY }: Block,
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  const place = placeIn(where, `block at byte ${start}`, ['stream', codec], { start, end });
  const window = new WindowAccess(access, start, end - start);
  if (codec === 'zstd') {
    const { readZstd } = await import('./zstd.js');
    yield* readZstd(feedOf(window), place, expansion, place, false);
  } else if (codec === 'lz4') {
    const { readLz4 } = await import('./lz4.js');
    yield* readLz4(feedOf(window), place, expansion, place);
  } else if (codec === 'snappy frames') {
    const { SnappyFrames } = await import('./snappy-frames.js');
    yield* readPieces(new SnappyFrames(new AccessStream(window), expansion), place, place);
  } else if (codec === 'brotli') {
    const { readBrotli } = await import('./brotli.js');
    yield* readBrotli(window, place, expansion, place);
  } else if (codec === 'xz' || codec === 'bzip2') {
    const { readPacked } = await import('./packed.js');
    yield* readPacked(window, place, expansion, place);
  } else if (codec === 'gzip') {
    yield* readGzip(feedOf(window), place, expansion, place);
  } else if (codec === 'deflate' || codec === 'zlib') {
    const behind = new WindowAccess(window, codec === 'zlib' ? 2 : 0, window.size);
    const content = inflate(feedOf(behind), expansion.budget, { counted: false });
    yield member({ type: 'unit', provenance: place, content });
    if (content.fault === undefined) await drain(content);
    if (content.fault !== undefined) yield faultFound(place, content.fault);
  } else yield* atOnce({ start, end, codec, size }, access, place, expansion);
}

/** Most blocks are short, and there are very many. */
function feedOf(access: RandomAccess): Feed {
  return new Feed(new AccessStream(access), 4 * 1024);
}

/** What is unpacked as a whole, because it may refer to anything that came before. */
function* atOnce(
  { start, end, codec, size }: SizedBlock,
  access: RandomAccess,
  place: Provenance,
  { budget }: Expansion,
): Generator<Found> {
  // The packed bytes and what they become are held at one time, each perhaps twice.
  const most = budget.limits.memory / 2;
  const length = end - start;
  const room = codec === 'stored' ? 0 : roomFor(codec, bytesAt(access, start, 8), length, size);
  if (Math.max(room, length) > most) {
    const detail = `a block of ${length} bytes that unpacks to ${room}, where ${most} are allowed (--max-memory)`;
    yield missed(place, 'too_large', detail);
    return;
  }
  const packed = bytesAt(access, start, length);
  const { content, problem } = unpackNow(codec, packed, room);
  try {
    budget.expand(content.length, 0);
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    yield { type: 'exceeded', error, where: place };
    return;
  }
  yield member({ type: 'unit', provenance: place, content });
  if (problem !== undefined)
    yield missed(
      place,
      'corrupt',
      `damaged after ${content.length} unpacked bytes: ${problem}. What came before was scanned`,
    );
}

/** What a block may unpack to: what it says, or what is said of it, if it can. */
function roomFor(codec: Codec, head: Buffer, length: number, size: number): number {
  const said = codec === 'snappy' ? Math.min(size, snappySize(head)) : size;
  return Math.min(said, MOST_OF_A_BYTE * (length + 1));
}

/** What a codec that says nothing of itself makes of the bytes, in at most `room`. */
export function unpackNow(codec: Codec, packed: Buffer, room: number): Unpacked {
  if (codec === 'stored') return { content: packed };
  if (codec === 'snappy') return unpackSnappy(packed, room);
  if (codec === 'lzf') return unpackLzf(packed, room);
  if (codec === 'pglz') return unpackPglz(packed, room);
  const out = Buffer.allocUnsafe(room);
  try {
    return { content: out.subarray(0, unpackBlock(packed, out, 0, room)) };
  } catch (error) {
    if (!(error instanceof Lz4Fault)) throw error;
    return { content: out.subarray(0, error.written ?? 0), problem: error.message };
  }
}
