import { isDeepStrictEqual } from 'node:util';
import type { Diagnostic } from '../model/diagnostic.js';
import type { ObjectType, Provenance } from '../model/provenance.js';
import type { LeftOut, UnitCounts } from '../model/report.js';
import type { ScanUnit } from '../model/source.js';

type Counts = { -readonly [kind in keyof UnitCounts]: number };

export interface CoverageSummary {
  readonly bytes: number;
  readonly units: UnitCounts;
  readonly leftOut: LeftOut;
  readonly unscanned: readonly Diagnostic[];
}

/** Counts what was searched and keeps what could not be. */
export class Coverage {
  readonly unscanned: Diagnostic[] = [];
  bytes = 0;
  readonly #units: Counts = { files: 0, blobs: 0, commits: 0, tags: 0, members: 0, streams: 0 };
  readonly #leftOut = { folders: 0, files: 0 };

  get units(): number {
    return Object.values(this.#units).reduce((sum, count) => sum + count, 0);
  }

  /** @param counts whether the unit is one of its kind; of a file in parts only the first part is. */
  searched(unit: ScanUnit, bytes: number, counts = unit.aspect === undefined): void {
    this.bytes += bytes;
    const counter = counts ? counterOf(unit.provenance) : undefined;
    if (counter !== undefined) this.#units[counter] += 1;
  }

  /** Counts objects of a repository that were searched in bulk, and files that were looked at where they were read. */
  passed(type: ObjectType | 'file', count: number, bytes: number): void {
    this.bytes += bytes;
    const counter = counterOfType(type);
    if (counter !== undefined) this.#units[counter] += count;
  }

  missed(diagnostic: Diagnostic): void {
    // A stream that breaks off may be met in several ways, and each says the same.
    const last = this.unscanned.at(-1);
    if (last === undefined || !isDeepStrictEqual(last, diagnostic)) this.unscanned.push(diagnostic);
  }

  /** Something was left out because the user wanted it so. */
  leaveOut(kind: keyof LeftOut): void {
    this.#leftOut[kind] += 1;
  }

  /** Adds what another thread searched. */
  absorb({ bytes, units, leftOut, unscanned }: CoverageSummary): void {
    this.bytes += bytes;
    this.#leftOut.folders += leftOut.folders;
    this.#leftOut.files += leftOut.files;
    for (const kind of Object.keys(units) as (keyof UnitCounts)[]) this.#units[kind] += units[kind];
    // What is missing may be named in what either thread has read.
    const known = new Set(this.unscanned.filter(isMissing).map(({ where }) => JSON.stringify(where)));
    for (const each of unscanned) {
      if (!isMissing(each) || !known.has(JSON.stringify(each.where))) this.unscanned.push(each);
    }
    this.#putInOrder();
  }

  /** Which thread meets what depends on chance: two runs over the same are to say the same. */
  #putInOrder(): void {
    const places = new Map(this.unscanned.map((each) => [each, JSON.stringify([each.where, each.detail])]));
    this.unscanned.sort((a, b) => (places.get(a)! < places.get(b)! ? -1 : 1));
  }

  summary(): CoverageSummary {
    const { bytes, unscanned } = this;
    return { bytes, units: { ...this.#units }, leftOut: { ...this.#leftOut }, unscanned };
  }
}

/** Which count a unit belongs to. Names (refs) and trees are searched but are no units of their own. */
function counterOf(where: Provenance): keyof Counts | undefined {
  switch (where.kind) {
    case 'file':
      return 'files';
    case 'staged':
    case 'commit':
      return 'blobs';
    case 'object':
      return counterOfType(where.type);
    case 'stream':
      return 'streams';
    case 'member':
      return 'members';
    case 'ref':
      return undefined;
  }
}

function counterOfType(type: ObjectType | 'file'): 'blobs' | 'commits' | 'tags' | 'files' | undefined {
  return type === 'tree' ? undefined : `${type}s`;
}

function isMissing({ reason }: Diagnostic): boolean {
  return reason === 'missing_object';
}
