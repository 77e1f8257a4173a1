import { type Budget, BudgetExceeded } from '../../model/budget.js';
import { diagnostic } from '../../model/diagnostic.js';
import type { ScanItem, ScanUnit } from '../../model/source.js';
import type { Feed } from '../feed.js';
import type { Spool } from '../spool.js';
import { BrotliStream } from './brotli.js';
import { type Damage, diagnosticOf, drain } from './decoded-stream.js';
import { expand } from './expand.js';
import { placeIn } from './found.js';
import { unpackLzString } from './lz-string.js';
import { inflate } from './native-inflate-stream.js';
import type { FindWritten } from './written-signs.js';

export interface WrittenOptions {
  readonly budget: Budget;
  readonly spool: Spool;
  readonly passwords: readonly string[];
  readonly find: FindWritten;
}

/** What was unpacked: with the budget that it was counted in, for what is opened in it. */
export interface OpenedUnit {
  readonly item: ScanItem;
  readonly budget: Budget;
}

/** No text that pages keep in links, forms or notes is longer, packed or not. */
const LONGEST_TEXT = 4 * 1024 * 1024;
const MOST_OF_TEXT = 16 * 1024 * 1024;

/** Text that breaks off (a log cuts its lines) drags some of what follows along: that was not lost. */
const DRAGGED = 64;

/**
 * What DEFLATE holds, from `data` on in `feed`, and what is wrong with it.
 * @param isSure that it is gzip, whose end can be checked
 */
export async function* inflated(
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
    yield { item: diagnosticOf(where, content.fault), budget };
  } else if (isSure) {
    const damage = await damageOf(content, feed);
    if (damage !== undefined) yield { item: diagnosticOf(where, damage), budget };
  }
}

/** The same of Brotli. */
export async function* unbrotlied(
  feed: Feed,
  unit: ScanUnit,
  options: WrittenOptions,
): AsyncGenerator<OpenedUnit> {
  const { budget } = options;
  budget.entry();
  const content = new BrotliStream(feed, budget);
  yield* expanded(
    { ...unit, provenance: placeIn(unit.provenance, 'content', ['brotli']), content },
    'gzip',
    options,
  );
  if (content.fault === undefined) await drain(content);
  if (content.fault !== undefined) yield { item: diagnosticOf(unit.provenance, content.fault), budget };
}

/** The same of what lz-string packed: texts, which are short. */
export async function* unpackedText(
  feed: Feed,
  unit: ScanUnit,
  options: WrittenOptions,
): AsyncGenerator<OpenedUnit> {
  const { budget } = options;
  const where = unit.provenance;
  budget.entry();
  await feed.need(LONGEST_TEXT);
  const packed = await feed.take(Math.min(feed.available, LONGEST_TEXT));
  const { text, isCut } = unpackLzString(packed, MOST_OF_TEXT);
  const content = Buffer.from(text);
  try {
    budget.expand(content.length, packed.length);
  } catch (error) {
    if (!(error instanceof BudgetExceeded) || error.budget !== budget) throw error;
    yield { item: diagnosticOf(where, error), budget };
    return;
  }
  yield* expanded(
    { ...unit, provenance: placeIn(where, 'content', ['lz-string']), content },
    'gzip',
    options,
  );
  if (!isCut && packed.length < LONGEST_TEXT) return;
  const detail = `lz-string packed more than ${isCut ? MOST_OF_TEXT : LONGEST_TEXT} ${isCut ? 'characters' : 'bytes'} into it: what came before was scanned`;
  yield { item: diagnostic(where, 'too_large', detail), budget };
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
  return fits ? undefined : { at, detail: 'the checksum does not match the content' };
}

/** Opens what a unit holds; what is over the nested budget is told, and ends nothing else. */
export async function* expanded(
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
    yield { item: diagnosticOf(unit.provenance, error), budget };
  }
}

/** The budget of what is nested in it; undefined where that is too deep. */
export function nestedIn(budget: Budget): Budget | undefined {
  try {
    return budget.nested();
  } catch (error) {
    if (error instanceof BudgetExceeded && error.limit === 'depth') return undefined;
    throw error;
  }
}

export function withAttributor({ attributor }: ScanUnit): Pick<ScanUnit, 'attributor'> {
  return attributor === undefined ? {} : { attributor };
}
