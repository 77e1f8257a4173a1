import { type PackedWriting, WRITINGS } from './prefilter/packed.js';
import { OUTERS, type Table } from './prefilter/tables.js';
import type { LiteralHit } from './whole.js';

/** A place where something packed begins that is written as text. */
export interface PackedPlace {
  /** Where the text of it begins; of what is only named, where the name does. */
  readonly at: number;
  readonly writing: PackedWriting;
}

/** Those of the literals that begin something packed, each place once, in order. */
export function packedPlaces(hits: readonly LiteralHit[], { outers, rules, groups }: Table): PackedPlace[] {
  const places = new Map<number, PackedPlace>();
  for (const { at, literal } of hits) {
    if (outers[literal] !== PACKED) continue;
    // The literal leaves out characters that it shares with what stands before it, the group does not.
    const group = groups[literal]!;
    const writing = WRITINGS[rules[literal]!]!;
    const start = writing === 'base64' && group > 0 ? at + group - 4 : at + group;
    if (start >= 0) places.set(start, { at: start, writing });
  }
  return [...places.values()].sort((a, b) => a.at - b.at);
}

const PACKED = OUTERS.indexOf('packed');
