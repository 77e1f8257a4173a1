import { DataFault } from '../../model/data-fault.js';
import type { Provenance } from '../../model/provenance.js';
import { ChainFault, DeltaChains } from '../delta-chains.js';
import type { RandomAccess } from '../file-tree.js';
import { inflateExactly } from '../git/inflate.js';
import { bytesAt } from '../random-access.js';
import { applyFossilDelta } from './fossil-delta.js';
import { type Expansion, type Found, member, missed, placeIn } from './found.js';
import type { Pages } from './sqlite-pages.js';
import { type Column, integerAt, rootOf, rowsOf } from './sqlite-rows.js';

/** What a database says that it is of, where SQLite leaves room for that. */
const APPLICATION = 68;
const FOSSIL = 0x0f055111;
/** `blob(rid, rcvid, size, uuid, content)`, `delta(rid, srcid)`: newer versions add columns at the end. */
const CONTENT = 4;
const BASE = 1;
const MOST_COLUMNS = 16;

/** Whether a database is a repository of Fossil. */
export function isFossil(access: RandomAccess): boolean {
  const id = bytesAt(access, APPLICATION, 4);
  return id.length === 4 && id.readUInt32BE(0) === FOSSIL;
}

/** Bytes in a row: packed by zlib, behind their size. */
interface Artifact {
  readonly id: number;
  readonly row: RandomAccess;
  readonly content: Column;
}

/**
 * The artifacts that a repository of Fossil keeps as what they have of another, as they were. Those that stand by
 * themselves are streams of zlib like others.
 */
export function* fossilArtifacts(
  access: RandomAccess,
  pages: Pages,
  where: Provenance,
  { budget }: Expansion,
): Generator<Found> {
  const artifacts = new Map<number, Artifact>();
  const bases = new Map<number, number>();
  const [blob, delta] = ['blob', 'delta'].map((table) => rootOf(access, pages, table));
  if (blob === undefined || delta === undefined) {
    const detail =
      'the tables of its artifacts were not found: what they have of others was not put together';
    yield missed(where, 'corrupt', detail);
    return;
  }
  for (const { id, columns, content: row } of rowsOf(access, pages, blob, MOST_COLUMNS)) {
    const content = columns[CONTENT];
    if (content !== undefined && content.length > 4) artifacts.set(id, { id, row, content });
  }
  for (const { id, columns, content } of rowsOf(access, pages, delta, MOST_COLUMNS)) {
    const base = columns[BASE];
    if (base !== undefined) bases.set(id, integerAt(content, base));
  }
  const { memory } = budget.limits;
  const chains = new DeltaChains<Artifact>(
    {
      keyOf: ({ id }) => id,
      baseOf: ({ id }) => {
        const base = bases.get(id);
        const found = artifacts.get(base ?? -1);
        if (base !== undefined && found === undefined) throw new ChainFault('what it builds on is not there');
        return found;
      },
      build: (each, base) => {
        const bytes = unpacked(each, memory);
        return base === undefined ? bytes : applyFossilDelta(base, bytes, memory);
      },
    },
    memory,
  );
  chains.allow(access.size);
  for (const [id] of bases) {
    const artifact = artifacts.get(id);
    if (artifact === undefined) continue;
    budget.entry();
    const place = placeIn(where, `artifact ${id}`, ['fossil']);
    try {
      const content = chains.textOf(artifact);
      budget.expand(content.length, 0);
      yield member({ type: 'unit', provenance: place, content });
    } catch (error) {
      if (!(error instanceof DataFault)) throw error;
      const reason = error instanceof ChainFault ? error.reason : 'corrupt';
      yield missed(place, reason, `${error.message}: only what it adds to what it builds on was scanned`);
    }
  }
}

function unpacked({ row, content }: Artifact, largest: number): Buffer {
  const bytes = bytesAt(row, content.at, content.length);
  const size = bytes.length < 4 ? largest + 1 : bytes.readUInt32BE(0);
  if (size > largest)
    throw new ChainFault('is larger than what is held in memory (--max-memory)', 'too_large');
  return inflateExactly(bytes.subarray(4), size).bytes;
}
