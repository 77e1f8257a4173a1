import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import { type Expansion, type Found, item, member, missed, placeIn } from './found.js';
import { FILTERS } from './pdf-filters.js';
import type { Pages } from './pdf-pages.js';

const WINDOW = 256 * 1024;
/** Of what stands before the content of a stream. */
const LONGEST_DICTIONARY = 4096;
const LONGEST_MARK = 20;
/** The content of a stream begins behind a dictionary, this word and the end of its line (ISO 32000-1, 7.3.8). */
const STREAM = />>[\s\0]*stream(?:\r\n|\n|\r)/g;
const ENDS = ['endstream', 'endobj'];
/** What packs a stream alone is carved. */
const CARVED: ReadonlySet<string> = new Set(['FlateDecode', 'Fl']);

export function isPdf(head: Uint8Array): boolean {
  return Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 5)).toString('latin1') === '%PDF-';
}

/** A stream behind filters, the first one outermost. */
interface Filtered {
  readonly start: number;
  readonly end: number;
  readonly filters: readonly string[];
  readonly dictionary: string;
}

/** The streams of a PDF but for those that are packed by Flate alone; and a line where it is encrypted. */
export function* readPdf(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
  pages: Pages,
): Generator<Found> {
  let isEncrypted = false;
  let until = 0;
  for (let position = 0; position < access.size; position += WINDOW - LONGEST_DICTIONARY) {
    const text = bytesAt(access, position, WINDOW).toString('latin1');
    isEncrypted ||= /\/Encrypt\s+\d+\s+\d+\s+R/.test(text);
    for (const { start, filters, dictionary } of filteredIn(
      text,
      position,
      position + WINDOW >= access.size,
    )) {
      if (start < until) continue;
      until = endOf(access, start);
      yield* unfiltered({ start, end: until, filters, dictionary }, access, where, expansion, pages);
    }
  }
  if (isEncrypted) {
    yield missed(
      where,
      'encrypted',
      'the PDF is encrypted: save it without its password, and scan the result',
    );
  }
}

/** Those whose contents begin in a window, but not in what the last one showed. */
function* filteredIn(text: string, position: number, isLast: boolean): Generator<Omit<Filtered, 'end'>> {
  let last = 0;
  for (const found of text.matchAll(STREAM)) {
    const behind = found.index + found[0].length;
    const dictionary = dictionaryIn(
      text.slice(Math.max(last, found.index - LONGEST_DICTIONARY), found.index),
    );
    last = behind;
    if (position > 0 && behind <= LONGEST_DICTIONARY - LONGEST_MARK) continue;
    if (behind > WINDOW - LONGEST_MARK && !isLast) continue;
    const filters = filtersOf(dictionary);
    // Pages may stand there as they are.
    const isPlain = filters.length === 0;
    if (!isPlain && filters.every((name) => CARVED.has(name) || !(name in FILTERS || name === 'Crypt')))
      continue;
    yield { start: position + behind, filters, dictionary };
  }
}

function dictionaryIn(before: string): string {
  return before.slice(before.lastIndexOf('obj') + 1);
}

/** By their names; that they stand elsewhere is possible, and never done. */
function filtersOf(dictionary: string): readonly string[] {
  const named = /\/Filter\s*(\[[^\]]*\]|\/\w+)/.exec(dictionary)?.[1] ?? '';
  return (named.match(/\/\w+/g) ?? []).map((name) => name.slice(1));
}

function endOf(access: RandomAccess, start: number): number {
  for (let position = start; position < access.size; position += WINDOW - LONGEST_MARK) {
    const window = bytesAt(access, position, WINDOW);
    const ends = ENDS.map((end) => window.indexOf(end, 0, 'latin1')).filter((at) => at >= 0);
    if (ends.length > 0) return position + Math.min(...ends);
  }
  return access.size;
}

/** What a stream is behind its filters, as far as they can be undone, and what a page shows by it. */
function* unfiltered(
  { start, end, filters, dictionary }: Filtered,
  access: RandomAccess,
  container: Provenance,
  expansion: Expansion,
  pages: Pages,
): Generator<Found> {
  const { budget } = expansion;
  budget.entry();
  const room = Math.floor(budget.limits.memory / 4);
  let where = placeIn(container, `stream at byte ${start}`, ['stream', 'stored'], { start, end });
  if (end - start > room) {
    const detail = `a stream of ${end - start} bytes, where ${room} are allowed (--max-memory)`;
    yield missed(where, 'too_large', detail);
    return;
  }
  let content = bytesAt(access, start, end - start);
  for (const [index, name] of filters.entries()) {
    const filter = FILTERS[name];
    if (name === 'Crypt') yield missed(where, 'encrypted', 'the stream of the PDF is encrypted by itself');
    if (filter === undefined) break;
    where =
      index === 0
        ? placeIn(container, where.path, ['stream', filter.format], { start, end })
        : placeIn(where, 'content', ['stream', filter.format], { start: 0, end: content.length });
    const undone = filter.undo(content, room, dictionary);
    content = undone.content;
    budget.expand(content.length, 0);
    if (undone.problem === undefined) continue;
    const detail = `damaged after ${content.length} unpacked bytes: ${undone.problem}. What came before was scanned`;
    yield missed(where, 'corrupt', detail);
    break;
  }
  if (filters.length > 0) yield member({ type: 'unit', provenance: where, content });
  yield* shown(content, where, expansion, pages);
}

/** What a stream shows if it is a page, beside the operators that show it. */
export function* shown(
  content: Buffer,
  container: Provenance,
  { budget }: Expansion,
  pages: Pages,
): Generator<Found> {
  const text = pages.add(content)?.text();
  if (text === undefined) return;
  budget.entry();
  budget.expand(text.length, 0);
  const span = { start: 0, end: Number.MAX_SAFE_INTEGER };
  const where = placeIn(container, 'text', ['stream', 'pdf text'], span);
  yield item({ type: 'unit', provenance: where, content: text });
}
