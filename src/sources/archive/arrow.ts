import type { Provenance } from '../../model/provenance.js';
import { Feed } from '../feed.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream, bytesAt, WindowAccess } from '../random-access.js';
import { type ArrowBatch, type ArrowBuffer, batchesOf } from './arrow-batches.js';
import { COLUMN, type Expansion, type Found, item, missed, placeIn } from './found.js';
import { readLz4 } from './lz4.js';
import { readZstd } from './zstd.js';

/** A packed buffer begins with what it unpacks to; -1 says that it is not packed. */
const LENGTH = 8;
const UNPACKED = 0xffffffffffffffffn;
const LINE_END = Buffer.from('\n');
/** Buffers are filled up to multiples of this, also in their lengths. */
const FILLED = 64;
const CUT_OFF =
  'the batch is damaged or longer than is held in memory (--max-memory): some of it was not unpacked';

/**
 * The values of the columns of Arrow, one per line: they lie end to end, and where one ends stands in another buffer. Of what is
 * packed, everything else, too.
 */
export async function* readArrow(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  expansion.budget.expand(0, access.size);
  let left = 2 * access.size;
  for (const batch of batchesOf(access)) {
    left -= batch.buffers.reduce((size, { start, end }) => size + end - start, 0);
    if (left < 0) {
      yield missed(where, 'corrupt', 'its batches overlap: some were not unpacked');
      return;
    }
    yield* columnsOf(batch, access, where, expansion);
  }
}

async function* columnsOf(
  { buffers, codec }: ArrowBatch,
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  const { budget } = expansion;
  let before: Buffer | undefined;
  let isWhole = true;
  for (const buffer of buffers) {
    if (buffer.end === buffer.start) continue;
    const content = await contentOf(buffer, codec, access, where, expansion);
    // What is not packed is searched as it is in any case.
    isWhole &&= content !== undefined || codec === undefined;
    const ends = content === undefined || before === undefined ? undefined : endsIn(before, content.length);
    before = content;
    if (content === undefined || (ends === undefined && codec === undefined)) continue;
    budget.entry();
    budget.expand(content.length, 0);
    const start = buffer.start + (codec === undefined ? 0 : LENGTH);
    const format = codec === undefined ? COLUMN : `${COLUMN} ${codec}`;
    const place = placeIn(where, `column at byte ${start}`, ['stream', format], { start, end: buffer.end });
    yield item({
      type: 'unit',
      provenance: place,
      content: ends === undefined ? content : inLines(content, ends),
    });
  }
  if (!isWhole) yield missed(where, 'budget', CUT_OFF);
}

/** Whole, or `undefined` where it is too long or damaged. */
async function contentOf(
  { start, end }: ArrowBuffer,
  codec: ArrowBatch['codec'],
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): Promise<Buffer | undefined> {
  const most = expansion.budget.limits.memory / 4;
  if (end - start > most) return undefined;
  if (codec === undefined) return bytesAt(access, start, end - start);
  const head = bytesAt(access, start, LENGTH);
  if (head.length < LENGTH) return undefined;
  const size = head.readBigUInt64LE(0);
  if (size === UNPACKED) return bytesAt(access, start + LENGTH, end - start - LENGTH);
  if (size > most) return undefined;
  const window = new WindowAccess(access, start + LENGTH, end - start - LENGTH);
  const feed = new Feed(new AccessStream(window), Math.min(window.size, 64 * 1024) + 1);
  const unpacked =
    codec === 'zstd'
      ? readZstd(feed, where, expansion, where, false)
      : readLz4(feed, where, expansion, where);
  const content = Buffer.allocUnsafe(Number(size));
  let length = 0;
  for await (const found of unpacked) {
    if (found.type !== 'member' || found.unit.content instanceof Uint8Array) continue;
    while (length < content.length) {
      const count = await found.unit.content.read(content.subarray(length));
      if (count === 0) break;
      length += count;
    }
  }
  return length === content.length ? content : undefined;
}

/** Where values end, if a buffer says that of `size` bytes: numbers of eight or four bytes that only grow, and reach the end. */
function endsIn(offsets: Buffer, size: number): readonly number[] | undefined {
  return [8, 4].map((width) => endsOf(offsets, width, size)).find((ends) => ends !== undefined);
}

function endsOf(offsets: Buffer, width: number, size: number): readonly number[] | undefined {
  const ends: number[] = [];
  let last = -1;
  for (let at = 0; at + width <= offsets.length; at += width) {
    const end = offsets.readUInt32LE(at);
    if (width === 8 && offsets.readUInt32LE(at + 4) !== 0) return undefined;
    // What fills the buffer up is zero.
    if (end < last && end === 0 && offsets.length - at < FILLED) break;
    if (end < last || end > size) return undefined;
    ends.push(end);
    last = end;
  }
  return ends.length > 1 && last > 0 && size - last < FILLED ? ends : undefined;
}

function inLines(content: Buffer, ends: readonly number[]): Buffer {
  const lines: Buffer[] = [];
  for (let index = 1; index < ends.length; index++)
    lines.push(content.subarray(ends[index - 1], ends[index]), LINE_END);
  return Buffer.concat(lines);
}
