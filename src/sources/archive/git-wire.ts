import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { bytesAt, WindowAccess } from '../random-access.js';
import { type Expansion, type Found, member, missed, placeIn } from './found.js';
import { SplicedAccess } from './spliced.js';
import { PageReader } from './sqlite-pages.js';
import { startsWith } from './starts-with.js';
import { StoredStream } from './stored-stream.js';

/** Digits of a line's length, which counts them, too (gitprotocol-common). Those that are shorter end something. */
const LENGTH = 4;
const PACK = 'PACK';
/** What a line of a pack begins with, where there is progress to be told beside it (gitprotocol-pack). */
const PACK_BAND = 1;
const MOST_LINES = 1024 * 1024;

interface SentPack {
  readonly start: number;
  readonly end: number;
  readonly content: RandomAccess;
  readonly isCut: boolean;
}

/** The packs that git sent over a connection, in one direction: as they are, or in a band of its lines. */
export async function* readGitWire(
  access: RandomAccess,
  where: Provenance,
  { budget }: Expansion,
): AsyncGenerator<Found> {
  budget.expand(0, access.size);
  for (const { start, end, content, isCut } of packsIn(access)) {
    budget.entry();
    const place = placeIn(where, `pack at byte ${start}`, ['stream', 'git wire'], { start, end });
    yield member({ type: 'unit', provenance: place, content: new StoredStream(content, budget) });
    if (isCut) {
      const detail = `of a pack in more than ${MOST_LINES} lines, what follows was not put together`;
      yield missed(place, 'budget', detail);
    }
  }
}

function* packsIn(access: RandomAccess): Generator<SentPack> {
  const reader = new PageReader(access);
  let at = 0;
  while (at < access.size) {
    if (startsWith(reader.at(at, LENGTH), PACK)) {
      yield wholeFrom(at, access);
      return;
    }
    const { end, content, isCut } = bandFrom(at, reader, access);
    // Most ends of a crafted stream may end nothing.
    const isPack = content.parts > 0 && startsWith(bytesAt(content, 0, LENGTH), PACK);
    if (isPack) yield { start: at, end, content, isCut };
    if (end === at) return;
    at = end;
  }
}

function wholeFrom(start: number, access: RandomAccess): SentPack {
  const content = new WindowAccess(access, start, access.size - start);
  return { start, end: access.size, content, isCut: false };
}

/** What was sent in the band of packs, up to a line that ends it; nothing where there is no line. */
function bandFrom(
  start: number,
  reader: PageReader,
  access: RandomAccess,
): { readonly end: number; readonly content: SplicedAccess; readonly isCut: boolean } {
  const content = new SplicedAccess(access);
  let at = start;
  while (content.parts < MOST_LINES) {
    const line = reader.at(at, LENGTH + 1);
    const length = lengthOf(line);
    if (length === undefined) return { end: at, content, isCut: false };
    if (length < LENGTH) return { end: at + LENGTH, content, isCut: false };
    const from = at + LENGTH + 1;
    at = Math.min(access.size, at + length);
    if (line[LENGTH] === PACK_BAND) content.add(from, at - from);
  }
  return { end: at, content, isCut: true };
}

function lengthOf(line: Buffer): number | undefined {
  const digits = line.toString('latin1', 0, LENGTH);
  return /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : undefined;
}
