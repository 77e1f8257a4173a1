import type { Diagnostic } from '../model/diagnostic.js';
import type { ObjectType, Provenance } from '../model/provenance.js';
import type { UnitCounts } from '../model/report.js';
import type { ScanUnit } from '../model/source.js';

type Counts = { -readonly [kind in keyof UnitCounts]: number };

export interface CoverageSummary {
  readonly bytes: number;
  readonly units: UnitCounts;
  readonly unscanned: readonly Diagnostic[];
}

/** Counts what was searched and keeps what could not be. */
export class Coverage {
  readonly unscanned: Diagnostic[] = [];
  bytes = 0;
  readonly #units: Counts = { files: 0, blobs: 0, commits: 0, tags: 0, members: 0, streams: 0 };

  get units(): number {
    return Object.values(this.#units).reduce((sum, count) => sum + count, 0);
  }

  /** @param counts whether the unit is one of its kind; of a file in parts only the first part is. */
  searched(unit: ScanUnit, bytes: number, counts = unit.aspect === undefined): void {
    this.bytes += bytes;
    const counter = counts ? counterOf(unit.provenance) : undefined;
    if (counter !== undefined) this.#units[counter] += 1;
  }

  /** Counts objects of a repository that were searched in bulk. */
  passed(type: ObjectType, objects: number, bytes: number): void {
    this.bytes += bytes;
    const counter = counterOfType(type);
    if (counter !== undefined) this.#units[counter] += objects;
  }

  missed(diagnostic: Diagnostic): void {
    this.unscanned.push(diagnostic);
  }

  /** Adds what another thread searched. */
  absorb({ bytes, units, unscanned }: CoverageSummary): void {
    this.bytes += bytes;
    for (const kind of Object.keys(units) as (keyof UnitCounts)[]) this.#units[kind] += units[kind];
    // What is missing may be named in what either thread has read.
    const known = new Set(this.unscanned.filter(isMissing).map(({ where }) => JSON.stringify(where)));
    for (const each of unscanned) {
      if (!isMissing(each) || !known.has(JSON.stringify(each.where))) this.unscanned.push(each);
    }
  }

  summary(): CoverageSummary {
    return { bytes: this.bytes, units: { ...this.#units }, unscanned: this.unscanned };
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

function counterOfType(type: ObjectType): 'blobs' | 'commits' | 'tags' | undefined {
  return type === 'tree' ? undefined : `${type}s`;
}

function isMissing({ reason }: Diagnostic): boolean {
  return reason === 'missing_object';
}
