import { constants, inflateRawSync } from 'node:zlib';
import { BudgetExceeded } from '../../model/budget.js';
import type { Provenance } from '../../model/provenance.js';
import { Feed } from '../feed.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream, bytesAt, fill, WindowAccess } from '../random-access.js';
import { drain } from './decoded-stream.js';
import { type Expansion, type Found, faultFound, item, member, placeIn } from './found.js';
import { mayHoldMacros, readMacros } from './macros.js';
import { inflate } from './native-inflate-stream.js';
import { isPdf, unreadOfPdf } from './pdf.js';
import { OverheardStream } from './pdf-text.js';

const WINDOW = 256 * 1024;
/** A sample that inflates to this much is no accident; a stream that holds less holds no secret. */
const SAMPLE = 1024;
const TELLING = 32;
/** No more of a sample is inflated: what is made for it has to be collected. */
const ENOUGH = 512;

/** The bytes as they are, and every zlib (RFC 1950) and gzip stream that begins anywhere in them. */
export async function* carve(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  yield item({ type: 'unit', provenance: where, content: new AccessStream(access) });
  yield* carveStreams(access, where, expansion);
}

/** The streams alone. */
export async function* carveStreams(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  expansion.budget.expand(0, access.size);
  if (mayHoldMacros(where)) yield* readMacros(access, where, expansion);
  const inPdf = isPdf(bytesAt(access, 0, 5));
  if (inPdf) yield* unreadOfPdf(access, where);
  // One for all: what is left to be collected may come to more than is allowed.
  const room = Buffer.allocUnsafe(Math.min(WINDOW, access.size));
  let position = 0;
  while (position < access.size) {
    const window = room.subarray(0, fill(access, position, room));
    const last = position + window.length >= access.size;
    let next = last ? window.length : window.length - SAMPLE;
    for (let at = candidate(window, 0); at >= 0 && at < next; at = candidate(window, at + 1)) {
      const data = dataStart(window, at);
      if (data === undefined || !inflates(window.subarray(data, data + SAMPLE))) continue;
      expansion.budget.entry();
      next = data + (yield* stream(access, position + data, position + at, where, expansion, inPdf));
      break;
    }
    position += Math.max(next, 1);
  }
}

/** @returns how many packed bytes the stream takes. */
async function* stream(
  access: RandomAccess,
  data: number,
  start: number,
  container: Provenance,
  expansion: Expansion,
  inPdf: boolean,
): AsyncGenerator<Found, number> {
  const feed = new Feed(new AccessStream(new WindowAccess(access, data, access.size - data)));
  const content = inflate(feed, expansion.budget, { counted: false });
  const span = { start: data, end: access.size };
  const where = placeIn(container, `stream at byte ${start}`, ['stream', 'deflate'], span);
  const heard = inPdf ? new OverheardStream(content) : undefined;
  yield member({ type: 'unit', provenance: where, content: heard ?? content });
  if (content.fault === undefined) await drain(heard ?? content);
  const text = heard?.text();
  if (text !== undefined) yield shown(text, where, expansion);
  if (content.fault instanceof BudgetExceeded) yield faultFound(where, content.fault);
  // What breaks off was perhaps no stream: the search goes on right behind its first bytes.
  return content.fault === undefined ? content.consumed : 1;
}

/** What a page of a PDF shows, beside the operators that show it. */
function shown(text: Buffer, container: Provenance, { budget }: Expansion): Found {
  budget.entry();
  budget.expand(text.length, 0);
  const span = { start: 0, end: Number.MAX_SAFE_INTEGER };
  const where = placeIn(container, 'text', ['stream', 'pdf text'], span);
  return item({ type: 'unit', provenance: where, content: text });
}

/** The next place where a stream may begin. */
function candidate(window: Buffer, from: number): number {
  for (let at = from; at + 2 < window.length; at++) {
    const byte = window[at]!;
    if (byte === 0x78 && isZlib(window[at + 1]!)) return at;
    if (byte === 0x1f && window[at + 1] === 0x8b && window[at + 2] === 8) return at;
  }
  return -1;
}

/** Levels as zlib writes them; a preset dictionary is nothing that could be guessed. */
function isZlib(flags: number): boolean {
  return flags === 0x01 || flags === 0x5e || flags === 0x9c || flags === 0xda;
}

/** Where the DEFLATE data of the stream at `at` begins. */
function dataStart(window: Buffer, at: number): number | undefined {
  if (window[at] === 0x78) return at + 2;
  const flags = window[at + 3] ?? 0xff;
  if ((flags & ~8) !== 0) return undefined;
  if (flags === 0) return at + 10;
  const end = window.indexOf(0, at + 10);
  return end < 0 ? undefined : end + 1;
}

/** Whether a block of DEFLATE may begin so (RFC 1951, 3.2.3 to 3.2.7): most of what begins otherwise shows by its first bits. */
function mayBegin(sample: Buffer): boolean {
  const first = sample[0] ?? 0xff;
  const kind = (first >> 1) & 3;
  if (kind === 0) return sample.length > 4 && (sample.readUInt16LE(1) ^ sample.readUInt16LE(3)) === 0xffff;
  if (kind === 2 && sample.length > 16)
    return first >> 3 <= 29 && (sample[1]! & 31) <= 29 && isComplete(sample);
  return kind !== 3;
}

/** Whether the code in which lengths of codes are written is complete (3.2.7): zlib asks that of it. */
function isComplete(sample: Buffer): boolean {
  const count = ((sample.readUInt16LE(1) >> 5) & 15) + 4;
  let used = 0;
  for (let at = 17; at < 17 + 3 * count; at += 3) {
    const length = (sample.readUInt16LE(at >> 3) >> (at & 7)) & 7;
    if (length > 0) used += 128 >> length;
  }
  return used === 128;
}

function inflates(sample: Buffer): boolean {
  if (!mayBegin(sample)) return false;
  try {
    const options = { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: ENOUGH, maxOutputLength: ENOUGH };
    return inflateRawSync(sample, options).length >= TELLING;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
  }
}
