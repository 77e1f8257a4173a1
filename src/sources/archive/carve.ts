import { BudgetExceeded } from '../../model/budget.js';
import type { Provenance } from '../../model/provenance.js';
import { Feed } from '../feed.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream, bytesAt, fill, WindowAccess } from '../random-access.js';
import { drain } from './decoded-stream.js';
import { inflatedWhole, inflates, SAMPLE, ZLIB_PAIRS } from './deflate-sample.js';
import { type Expansion, type Found, faultFound, item, member, placeIn } from './found.js';
import { FRAME_MARKS } from './frame-ends.js';
import { Frames } from './frames.js';
import { mayHoldMacros, readMacros } from './macros.js';
import { MarkSearch } from './mark-search.js';
import { inflate } from './native-inflate-stream.js';
import { isPdf, readPdf, shown } from './pdf.js';
import { OverheardStream } from './pdf-overheard.js';
import { Pages } from './pdf-pages.js';

const WINDOW = 256 * 1024;
/** Most streams are short, and there may be very many. */
const SHORT = 4 * 1024;

/**
 * The bytes as they are, and every stream that begins anywhere in them and can be told by its beginning: zlib (RFC 1950),
 * gzip, Zstandard, LZ4, xz, bzip2, lzop, framed Snappy, members of zips; and whole archives (7z, RAR, cab, squashfs).
 */
export async function* carve(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  yield item({ type: 'unit', provenance: where, content: new AccessStream(access) });
  yield* carveStreams(access, where, expansion);
}

/**
 * The bytes as they are, of something whose parts are put together afterwards; and, where they are looked for, the streams in it:
 * archives would be cut up there.
 */
export async function* carvePlain(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
  carved: boolean,
): AsyncGenerator<Found> {
  yield item({ type: 'unit', provenance: where, content: new AccessStream(access) });
  if (carved) yield* carveStreams(access, where, expansion, { archives: false });
  else expansion.budget.expand(0, access.size);
}

/** What is looked for. */
interface Carving {
  /** Whether whole archives are: not where they would be cut up, and are read once they were put together. */
  readonly archives?: boolean;
}

/** The streams alone. */
export async function* carveStreams(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
  { archives = true }: Carving = {},
): AsyncGenerator<Found> {
  expansion.budget.expand(0, access.size);
  if (mayHoldMacros(where)) yield* readMacros(access, where, expansion);
  const pages = isPdf(bytesAt(access, 0, 5)) ? new Pages(expansion.budget.limits.memory / 2) : undefined;
  if (pages !== undefined) yield* readPdf(access, where, expansion, pages);
  // One for all: what is left to be collected may come to more than is allowed.
  const room = Buffer.allocUnsafe(Math.min(WINDOW, access.size));
  const frames = new Frames(access, archives);
  let position = 0;
  while (position < access.size) {
    const window = room.subarray(0, fill(access, position, room));
    const last = position + window.length >= access.size;
    const end = last ? window.length : window.length - SAMPLE;
    let next = 0;
    for (const at of BEGINNINGS.placesIn(window)) {
      if (at >= end) break;
      if (at < next) continue;
      const frame = frames.at(position + at, window.subarray(at, at + SAMPLE));
      const data = frame === undefined ? dataStart(window, at) : undefined;
      if (frame !== undefined) {
        next = at + (yield* frames.read(frame, where, expansion));
      } else if (data !== undefined && inflates(window.subarray(data, data + SAMPLE))) {
        expansion.budget.entry();
        const whole = pages !== undefined ? undefined : inflatedWhole(window.subarray(data, data + SAMPLE));
        if (whole !== undefined) {
          yield short(whole, position + data, position + at, where, expansion);
          next = data + whole.consumed;
        } else next = data + (yield* stream(access, position + data, position + at, where, expansion, pages));
      }
    }
    position += Math.max(next, end, 1);
  }
  yield* frames.told(where);
  if (pages !== undefined) yield* pages.told(where, access.size, expansion);
}

/** A stream that was unpacked already, to see where it ends: there may be very many. */
function short(
  { content, consumed }: { readonly content: Buffer; readonly consumed: number },
  data: number,
  start: number,
  container: Provenance,
  { budget }: Expansion,
): Found {
  budget.expand(content.length, 0);
  const span = { start: data, end: data + consumed };
  const where = placeIn(container, `stream at byte ${start}`, ['stream', 'deflate'], span);
  return member({ type: 'unit', provenance: where, content });
}

/** @returns how many packed bytes the stream takes. */
async function* stream(
  access: RandomAccess,
  data: number,
  start: number,
  container: Provenance,
  expansion: Expansion,
  pages: Pages | undefined,
): AsyncGenerator<Found, number> {
  const feed = new Feed(new AccessStream(new WindowAccess(access, data, access.size - data)), SHORT);
  const content = inflate(feed, expansion.budget, { counted: false });
  const span = { start: data, end: access.size };
  const where = placeIn(container, `stream at byte ${start}`, ['stream', 'deflate'], span);
  const heard = pages === undefined ? undefined : new OverheardStream(content);
  yield member({ type: 'unit', provenance: where, content: heard ?? content });
  if (content.fault === undefined) await drain(heard ?? content);
  if (heard !== undefined) yield* shown(heard.content(), where, expansion, pages!);
  if (content.fault instanceof BudgetExceeded) yield faultFound(where, content.fault);
  // What breaks off was perhaps no stream: the search goes on right behind its first bytes.
  return content.fault === undefined ? content.consumed : 1;
}

/** What streams begin with (RFC 1950 by level, RFC 1952, members of zips, and frames). */
const BEGINNINGS = new MarkSearch([
  ...ZLIB_PAIRS.map((pair) => String.fromCharCode(pair >> 8, pair & 255)),
  '\x1f\x8b\x08',
  'PK\x03\x04',
  ...FRAME_MARKS,
]);

/** What a member of a zip begins with (APPNOTE 4.3.7), how long that is without a name, and where the method stands. */
const MEMBER = 0x04034b50;
const MEMBER_HEADER = 30;
const DEFLATED = 8;

/** Where the DEFLATE data of the stream at `at` begins: of zlib, of a member of a zip that is not encrypted, of gzip. */
function dataStart(window: Buffer, at: number): number | undefined {
  if (at + 2 >= window.length) return undefined;
  if (window[at] === 0x78) return ZLIB_PAIRS.includes(0x7800 | window[at + 1]!) ? at + 2 : undefined;
  if (at + MEMBER_HEADER > window.length) return undefined;
  if (window.readUInt32LE(at) === MEMBER) {
    if (window[at + 8] !== DEFLATED || (window[at + 6]! & 1) !== 0) return undefined;
    return at + MEMBER_HEADER + window.readUInt16LE(at + 26) + window.readUInt16LE(at + 28);
  }
  if (window[at] !== 0x1f || window[at + 2] !== 8) return undefined;
  const flags = window[at + 3]!;
  if ((flags & ~8) !== 0) return undefined;
  if (flags === 0) return at + 10;
  const end = window.indexOf(0, at + 10);
  return end < 0 ? undefined : end + 1;
}
