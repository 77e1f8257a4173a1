import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream, bytesAt } from '../random-access.js';
import { carveStreams } from './carve.js';
import { fossilArtifacts, isFossil } from './fossil.js';
import { type Expansion, type Found, item, member, missed, placeIn } from './found.js';
import { cellsIn, TABLE_INTERIOR, TREE } from './sqlite-cells.js';
import { Chain, declaredLength, isWal, PageReader, type Pages, pagesOf } from './sqlite-pages.js';
import { mayHoldSnappy, snappyValues } from './sqlite-snappy.js';
import { StoredStream } from './stored-stream.js';

/** Of how many values a page may be a part: one, and one more where what was deleted still says so. Crafted ones name all. */
const MOST_VALUES = 2;
/** Added to the count of a page that holds cells: it is no part of a value that nothing names. */
const IN_TREE = 0x80;

/**
 * Reads a SQLite database or its write-ahead log (sqlite.org/fileformat2): the bytes as they are, and each value that runs
 * over into other pages as a whole; what deleted values left in pages that nobody names any more, too.
 */
export async function* readSqlite(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  yield item({ type: 'unit', provenance: where, content: new AccessStream(access) });
  // Programs pack what they keep in tables: artifacts of Fossil, notes, messages.
  yield* carveStreams(access, where, expansion, { archives: false });
  const pages = pagesOf(access);
  if (pages === undefined) return;
  const declared = declaredLength(access) ?? 0;
  if (access.size < declared) {
    const detail = `it has ${access.size} of the ${declared} bytes that its header tells of: it was cut short, or the others are in its write-ahead log`;
    yield missed(where, 'corrupt', detail);
  }
  if (pages.isCut) {
    const detail = `of more than ${pages.count} pages: values that lie over several of the others were not put together`;
    yield missed(where, 'budget', detail);
  }
  if (isFossil(access)) yield* fossilArtifacts(access, pages, where, expansion);
  if (mayHoldSnappy(access)) yield* snappyValues(access, pages, where, expansion);
  const format = isWal(bytesAt(access, 0, 4)) ? 'sqlite wal' : 'sqlite';
  for (const chain of chainsIn(access, pages)) {
    expansion.budget.entry();
    const { start, end } = chain;
    const path = start === end ? `page at byte ${start}` : `value at byte ${start}`;
    const provenance = placeIn(where, path, ['stream', format], { start, end });
    // It may be crafted so that many values lead to the same pages.
    yield member({ type: 'unit', provenance, content: new StoredStream(chain, expansion.budget) });
  }
}

/** Values over several pages: those that cells begin, then those that nothing does any more. */
function* chainsIn(access: RandomAccess, pages: Pages): Generator<Chain> {
  const reader = new PageReader(access);
  const used = new Uint8Array(pages.count);
  for (let index = 0; index < pages.count; index++) {
    const { number, at } = pages.nth(index);
    const page = reader.at(at, pages.usable);
    const header = number === 1 ? 100 : 0;
    const kind = page[header]!;
    if (!TREE.has(kind) || page.length < header + 12) continue;
    used[index]! |= IN_TREE;
    if (kind === TABLE_INTERIOR) continue;
    for (const { start, end, left } of cellsIn(page, header, kind)) {
      if (left === 0) continue;
      const beginning = { start: at + start, end: at + end, left, near: index, used, most: MOST_VALUES };
      const chain = new Chain(access, pages, beginning);
      if (chain.parts.length > 0) yield chain;
    }
  }
  yield* orphans(access, pages, used);
}

/** Pages that no cell leads to, each with those that it leads to: first those that none of them leads to either. */
function* orphans(access: RandomAccess, pages: Pages, used: Uint8Array): Generator<Chain> {
  const reader = new PageReader(access);
  const led = new Uint8Array(pages.count);
  for (let index = 0; index < pages.count; index++) {
    const bytes = used[index] === 0 ? reader.at(pages.nth(index).at, 4) : undefined;
    const next = bytes?.length === 4 ? pages.find(bytes.readUInt32BE(0), index) : undefined;
    if (next !== undefined) led[next] = 1;
  }
  for (const isLed of [0, 1]) {
    for (let index = 0; index < pages.count; index++) {
      if (used[index] !== 0 || led[index] !== isLed) continue;
      const { at } = pages.nth(index);
      const left = access.size;
      const chain = new Chain(access, pages, { start: at, end: at, left, near: index, used, most: 1 });
      if (chain.parts.length > 1) yield chain;
    }
  }
}
