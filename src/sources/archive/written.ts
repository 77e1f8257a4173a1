import { type Budget, BudgetExceeded } from '../../model/budget.js';
import { diagnostic } from '../../model/diagnostic.js';
import { textOfPath } from '../../model/provenance.js';
import type { ByteStream, ScanItem, ScanUnit } from '../../model/source.js';
import { Feed } from '../feed.js';
import { AccessStream, MemoryAccess } from '../random-access.js';
import type { Spool } from '../spool.js';
import { type Damage, drain } from './decoded-stream.js';
import { expand } from './expand.js';
import { placeIn } from './found.js';
import { InflateStream } from './inflate-stream.js';
import { InflateFault, Inflater } from './inflater.js';
import { inflate } from './native-inflate-stream.js';
import { sniff } from './sniff.js';
import { addedBy, patchedFiles, uuencodedFile } from './written-lines.js';
import { type Writing, WrittenStream } from './written-stream.js';

/** A place in a text at which something packed begins; `named` says that only its name tells so. */
export interface WrittenPlace {
  readonly at: number;
  readonly writing: Writing | 'named' | 'uuencode' | 'patch';
}

export interface WrittenOptions {
  readonly budget: Budget;
  readonly spool: Spool;
  readonly passwords: readonly string[];
  /** Where such places are in some bytes. */
  readonly find: (bytes: Uint8Array) => readonly WrittenPlace[];
}

/** What tells what it is, and whether it can be unpacked. */
const SAMPLE = 2048;
/** As much of a text as `isWritten` looks at. */
const PEEK = 4 * 1024;
/** Less than this, unpacked, is no accident and holds no secret; packed, it is shorter than any secret. */
const TELLING = 20;
const LEAST = 24;
/** Text that breaks off (a log cuts its lines) drags some of what follows along: that was not lost. */
const DRAGGED = 64;

/** What was unpacked: with the budget that it was counted in, for what is opened in it. */
export interface OpenedUnit {
  readonly item: ScanItem;
  readonly budget: Budget;
}

/**
 * Opens what is packed and then written as text, once or more: every thing in it, however deep. What only looks so
 * gives nothing; what breaks off gives what came before.
 * @param text the text from that place on
 * @param end where the text ends, or the thing that it stands in
 * @throws BudgetExceeded when the whole run's allowance is used up
 */
export async function* openWritten(
  text: ByteStream,
  { at, writing }: WrittenPlace,
  unit: ScanUnit,
  end: number,
  options: WrittenOptions,
): AsyncGenerator<OpenedUnit> {
  if (writing === 'uuencode' || writing === 'patch') {
    yield* openLines(text, { at, writing }, unit, options);
    return;
  }
  const begun = writing === 'named' ? await behindName(text) : { skipped: 0, rest: '' };
  if (begun === undefined) return;
  const written = new WrittenStream(text, writing === 'named' ? 'base64' : writing, begun.rest);
  const feed = new Feed(written, SAMPLE);
  await feed.need(SAMPLE);
  const head = feed.buffer.subarray(feed.start, feed.end);
  if (head.length < LEAST) return;
  const start = at + begun.skipped;
  const how = writing === 'hex' ? 'hex' : formatOf(written);
  const place = placeIn(unit.provenance, `${how} at byte ${start}`, ['stream', how], { start, end });
  const inside: ScanUnit = { ...withAttributor(unit), type: 'unit', provenance: place, content: feed };
  const budget = nestedIn(options.budget);
  if (budget === undefined) {
    const detail = `nested deeper than ${options.budget.limits.depth} containers (--max-depth): it was not opened`;
    yield { item: diagnostic(place, 'budget', detail), budget: options.budget };
    return;
  }
  const deeper = { ...options, budget };
  const data = writing === 'named' ? 0 : dataStart(head);
  if (data !== undefined && inflates(head.subarray(data))) {
    yield* inflated(feed, data, inside, sniff(head) === 'gzip', deeper);
    return;
  }
  const inner = options.find(head.subarray(0, SHOWING)).find((each) => each.at < NEAR);
  if (inner !== undefined) {
    await feed.skip(inner.at);
    yield* openWritten(feed, inner, inside, Number.MAX_SAFE_INTEGER, deeper);
  } else if (sniff(head) !== undefined && data === undefined) yield* expanded(inside, 'opaque', deeper);
}

/** Opens what is written in lines: files that are uuencoded, and binary patches of git. */
async function* openLines(
  text: ByteStream,
  { at, writing }: { readonly at: number; readonly writing: 'uuencode' | 'patch' },
  unit: ScanUnit,
  options: WrittenOptions,
): AsyncGenerator<OpenedUnit> {
  const { memory } = options.budget.limits;
  const read = writing === 'patch' ? patchedFiles : uuencodedFile;
  for await (const { name, bytes, start, end, isCut, kind } of read(new Feed(text), memory)) {
    const how = writing === 'patch' ? 'git base85' : 'uuencode';
    const span = { start: at + start, end: at + end };
    const path = kind === 'file' ? textOfPath(Buffer.from(name, 'latin1')) : `patch at byte ${span.start}`;
    const place = placeIn(unit.provenance, path, ['stream', how], span);
    const budget = nestedIn(options.budget);
    if (isCut || budget === undefined) {
      const detail = isCut
        ? `longer than the ${memory} bytes that are held in memory (--max-memory): the rest of it was not scanned`
        : `nested deeper than ${options.budget.limits.depth} containers (--max-depth): it was not opened`;
      yield { item: diagnostic(place, 'budget', detail), budget: options.budget };
    }
    if (budget === undefined) return;
    const deeper = { ...options, budget };
    budget.expand(0, span.end - span.start);
    const inside: ScanUnit = { ...withAttributor(unit), type: 'unit', provenance: place, content: bytes };
    if (kind === 'file') {
      budget.entry();
      budget.expand(bytes.length, 0);
      yield* expanded(inside, 'opaque', deeper);
    } else if (inflates(bytes.subarray(2), 1)) {
      const feed = new Feed(new AccessStream(new MemoryAccess(bytes)));
      if (kind === 'zlib') yield* inflated(feed, 2, inside, false, deeper, name);
      else yield* added(bytes.subarray(2), inside, deeper, name);
    }
  }
}

/** What a packed delta adds. */
async function* added(
  packed: Buffer,
  unit: ScanUnit,
  options: WrittenOptions,
  name: string,
): AsyncGenerator<OpenedUnit> {
  const { budget } = options;
  budget.entry();
  const stream = new InflateStream(new Feed(new AccessStream(new MemoryAccess(packed))), budget, {
    counted: false,
  });
  const parts: Buffer[] = [];
  for (let size = 0; size < budget.limits.memory; ) {
    const part = Buffer.allocUnsafe(64 * 1024);
    const count = await stream.read(part);
    if (count === 0) break;
    parts.push(part.subarray(0, count));
    size += count;
  }
  if (stream.fault instanceof BudgetExceeded || !stream.ended) {
    const detail = 'a delta longer than may be held in memory (--max-memory): the rest of it was not scanned';
    yield { item: diagnostic(unit.provenance, 'budget', detail), budget };
  }
  const span = { start: 2, end: packed.length + 2 };
  const provenance = placeIn(unit.provenance, name, ['stream', 'deflate'], span);
  yield { item: { ...unit, provenance, content: addedBy(Buffer.concat(parts)) }, budget };
}

function nestedIn(budget: Budget): Budget | undefined {
  try {
    return budget.nested();
  } catch (error) {
    if (error instanceof BudgetExceeded && error.limit === 'depth') return undefined;
    throw error;
  }
}

/** Whether something packed begins at a place of a text, as far as the bytes from there on tell: without opening it. */
export function isWritten(
  bytes: Uint8Array,
  { writing }: WrittenPlace,
  find: WrittenOptions['find'],
  depth = 0,
): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, SHOWN)).toString('latin1');
  if (writing === 'patch') return /^patch\r?\n(?:literal|delta) \d+\r?\n[A-Za-z][!-~]{5,65}\r?\n/.test(text);
  if (writing === 'uuencode') return /^\nbegin [0-7]{3,6} \S[^\n]*\n[ -`]{5,}\r?\n/.test(text);
  const skipped = writing === 'named' ? NAMED.exec(text)?.[0].length : 0;
  if (skipped === undefined || depth > 2) return false;
  const input = new AccessStream(new MemoryAccess(bytes.subarray(skipped, skipped + PEEK)));
  const written = new WrittenStream(input, writing === 'named' ? 'base64' : writing);
  const into = Buffer.alloc(SAMPLE);
  const head = into.subarray(0, written.read(into) as number);
  if (head.length < LEAST) return false;
  const data = writing === 'named' ? 0 : dataStart(head);
  if (data !== undefined && inflates(head.subarray(data))) return true;
  const inner = find(head.subarray(0, SHOWING)).find((each) => each.at < NEAR);
  if (inner !== undefined) return isWritten(head.subarray(inner.at), inner, find, depth + 1);
  return data === undefined && sniff(head) !== undefined;
}

/** A literal leads to a group of base64; what was packed begins in it. */
const NEAR = 8;
/** As many bytes as show the longest of the literals there. */
const SHOWING = 64;
/** What stands between a name and what it names is no longer. */
const SHOWN = 640;

async function* inflated(
  feed: Feed,
  data: number,
  unit: ScanUnit,
  isSure: boolean,
  options: WrittenOptions,
  name = 'content',
): AsyncGenerator<OpenedUnit> {
  const { budget } = options;
  const where = unit.provenance;
  await feed.skip(data);
  budget.entry();
  const content = inflate(feed, budget);
  const provenance = isSure
    ? placeIn(where, 'content', ['gzip'])
    : placeIn(where, name, ['stream', 'deflate'], { start: data, end: Number.MAX_SAFE_INTEGER });
  yield* expanded({ ...unit, provenance, content }, 'gzip', options);
  if (content.fault === undefined) await drain(content);
  if (content.fault instanceof BudgetExceeded) {
    yield {
      item: diagnostic(where, 'budget', `${content.fault.message}: the rest of it was not scanned`),
      budget,
    };
  } else if (isSure) {
    const damage = await damageOf(content, feed);
    const detail = `damaged at byte ${damage?.at}: ${damage?.detail}. What came before was scanned`;
    if (damage !== undefined) yield { item: diagnostic(where, 'corrupt', detail), budget };
  }
}

/** What is wrong with gzip that is there as a whole. */
async function damageOf(content: ReturnType<typeof inflate>, feed: Feed): Promise<Damage | undefined> {
  if (content.fault !== undefined) {
    return 'at' in content.fault && (await feed.need(DRAGGED)) ? content.fault : undefined;
  }
  const at = feed.position;
  const trailer = await feed.take(8);
  const fits =
    trailer.length < 8 ||
    (trailer.readUInt32LE(0) === content.checksum && trailer.readUInt32LE(4) === content.size % 2 ** 32);
  return fits ? undefined : { at, detail: 'the checksum does not fit the content' };
}

async function* expanded(
  unit: ScanUnit,
  inside: 'gzip' | 'opaque',
  { budget, spool, passwords }: WrittenOptions,
): AsyncGenerator<OpenedUnit> {
  try {
    for await (const item of expand(unit, {
      budget,
      spool,
      passwords,
      history: true,
      inside,
      isFollowed: true,
    })) {
      yield { item: item.type === 'unit' ? { ...withAttributor(unit), ...item } : item, budget };
    }
  } catch (error) {
    if (!(error instanceof BudgetExceeded) || error.budget !== budget) throw error;
    const detail = `${error.message}: the rest of it was not scanned`;
    yield { item: diagnostic(unit.provenance, 'budget', detail), budget };
  }
}

/** What stands between a name and what it names. */
const NAMED =
  /^(?:SAMLRe(?:quest|sponse)(?:=|%3[Dd]|["'\s:=]|&quot;|\\"){1,12}|<diagram [^>]{0,400}>\s{0,80}|gzinflate\(\s*base64_decode\(\s*["'])/;

/** Reads over a name. */
async function behindName(text: ByteStream): Promise<{ skipped: number; rest: string } | undefined> {
  const feed = new Feed(text);
  await feed.need(SAMPLE);
  const head = (await feed.take(feed.available)).toString('latin1');
  const found = NAMED.exec(head);
  if (found === null) return undefined;
  return { skipped: found[0].length, rest: head.slice(found[0].length) };
}

/** Where DEFLATE data begin: behind a header of gzip (RFC 1952) or zlib (RFC 1950). */
function dataStart(head: Buffer): number | undefined {
  if (sniff(head) !== 'gzip') return head[0] === 0x78 && head.readUInt16BE(0) % 31 === 0 ? 2 : undefined;
  const flags = head[3]!;
  let at = 10;
  if (flags & 4) at += 2 + head.readUInt16LE(10);
  for (const flag of [8, 16]) if (flags & flag) at = head.indexOf(0, at) + 1 || head.length;
  return flags & 2 ? at + 2 : at;
}

/** Whether this begins DEFLATE data (RFC 1951); the sample may end in the middle of them. */
function inflates(sample: Buffer, telling = TELLING): boolean {
  const feed = new Feed(new AccessStream(new MemoryAccess(sample)), SAMPLE);
  const inflater = new Inflater(feed);
  try {
    while (inflater.step() === 'input') feed.more();
    return inflater.ready >= telling;
  } catch (error) {
    if (!(error instanceof InflateFault)) throw error;
    return feed.ended && feed.available < LEAST && inflater.ready >= telling;
  } finally {
    inflater.release();
  }
}

function formatOf({ isEscaped, isUrlSafe }: WrittenStream): string {
  if (isUrlSafe) return 'base64url';
  return isEscaped ? 'escaped base64' : 'base64';
}

function withAttributor({ attributor }: ScanUnit): Pick<ScanUnit, 'attributor'> {
  return attributor === undefined ? {} : { attributor };
}
