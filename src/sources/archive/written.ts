import { diagnostic } from '../../model/diagnostic.js';
import type { ByteStream, ScanUnit } from '../../model/source.js';
import { Feed } from '../feed.js';
import { placeIn } from './found.js';
import { sniff } from './sniff.js';
import {
  expanded,
  inflated,
  nestedIn,
  type OpenedUnit,
  unbrotlied,
  unpackedText,
  type WrittenOptions,
  withAttributor,
} from './written-content.js';
import { openLines } from './written-files.js';
import { type Name, nameOf, SHOWN } from './written-names.js';
import {
  dataStart,
  inflates,
  isBrotli,
  isLzString,
  isOpened,
  LEAST,
  SAMPLE,
  type WrittenPlace,
  writtenAgain,
} from './written-signs.js';
import { WrittenStream } from './written-stream.js';

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
  const begun =
    writing === 'named' ? await behindName(text) : { length: 0, rest: '', writing, packing: undefined };
  if (begun === undefined) return;
  const written = new WrittenStream(text, begun.writing, begun.rest);
  const feed = new Feed(written, SAMPLE);
  await feed.need(SAMPLE);
  const head = feed.buffer.subarray(feed.start, feed.end);
  if (head.length < LEAST) return;
  const start = at + begun.length;
  const how = written.format;
  const place = placeIn(unit.provenance, `${how} at byte ${start}`, ['stream', how], { start, end });
  const inside: ScanUnit = { ...withAttributor(unit), type: 'unit', provenance: place, content: feed };
  const budget = nestedIn(options.budget);
  if (budget === undefined) {
    const detail = `nested deeper than ${options.budget.limits.depth} containers (--max-depth): it was not opened`;
    yield { item: diagnostic(place, 'budget', detail), budget: options.budget };
    return;
  }
  const deeper = { ...options, budget };
  if (begun.packing === 'brotli') {
    if (isBrotli(head)) yield* unbrotlied(feed, inside, deeper);
    return;
  }
  if (begun.packing === 'lz-string') {
    if (isLzString(head)) yield* unpackedText(feed, inside, deeper);
    return;
  }
  const data = begun.packing === 'deflate' ? 0 : dataStart(head);
  if (data !== undefined && inflates(head.subarray(data))) {
    yield* inflated(feed, data, inside, sniff(head) === 'gzip', deeper);
    return;
  }
  const inner = writtenAgain(head, options.find);
  if (inner !== undefined) {
    await feed.skip(inner.at);
    yield* openWritten(feed, inner, inside, Number.MAX_SAFE_INTEGER, deeper);
  } else if (data === undefined && isOpened(head)) yield* expanded(inside, 'opaque', deeper);
}

/** Reads over a name. */
async function behindName(text: ByteStream): Promise<(Name & { readonly rest: string }) | undefined> {
  const feed = new Feed(text);
  await feed.need(SHOWN + SAMPLE);
  const head = (await feed.take(feed.available)).toString('latin1');
  const name = nameOf(head);
  return name === undefined ? undefined : { ...name, rest: head.slice(name.length) };
}
