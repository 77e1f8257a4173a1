import type { Match } from '../model/match.js';
import type { Rule } from '../model/rule.js';
import type { Span } from '../model/span.js';
import { type PackedPlace, packedPlaces } from './packed.js';
import { createPrefilter } from './prefilter/create.js';
import type { Prefilter } from './prefilter/prefilter.js';
import { tableFor } from './prefilter/tables.js';
import { Resolver } from './resolve.js';
import { ChunkSession, type ScanSession, type SessionStart } from './session.js';
import { type LiteralHit, WholeSearch } from './whole.js';

export type { PackedPlace } from './packed.js';
export { OVERLAP, type Passed, type ScanSession } from './session.js';
export type { LiteralHit } from './whole.js';

/**
 * Finds tokens in bytes. Synchronous, without I/O; each thread makes its own. Any number of sessions may be open at
 * once: each has memory of its own while it lasts.
 */
export interface Detector {
  /** Searches bytes that are in memory whole: `matches(bytes, find(bytes))`. */
  scan(bytes: Uint8Array): Match[];
  /** Where literals stand that may lead to a match; with `fresh`, those that it touches (see {@link WholeSearch}). */
  find(bytes: Uint8Array, fresh?: readonly Span[]): LiteralHit[];
  /** Memory that bytes can be read into, to be searched where they are; valid until anything else is searched. */
  readonly room: Uint8Array;
  /** {@link find} in the first `length` bytes of the room. */
  findInRoom(length: number): LiteralHit[];
  /** What stands at those places of the same bytes. */
  matches(bytes: Uint8Array, hits: readonly LiteralHit[]): Match[];
  /** Those places at which something packed is written as text, which has to be opened to be searched. */
  packed(hits: readonly LiteralHit[]): PackedPlace[];
  /** Searches bytes that come in pieces; from `start` on, where they are a part of something. */
  session(start?: SessionStart): ScanSession;
  /** What `kernels/search.ts` looks for, where it reads the bytes. */
  readonly image: Uint8Array | undefined;
  /** Which kernel reads the bytes. */
  readonly kernel: Prefilter['kind'];
}

export interface DetectorOptions {
  /** `false` keeps to plain JavaScript where WebAssembly SIMD would work. */
  readonly simd?: boolean;
}

export function createDetector(rules: readonly Rule[], options: DetectorOptions = {}): Detector {
  const table = tableFor(rules.map((rule) => rule.prefix));
  const resolver = new Resolver(rules, table);
  const create = () => createPrefilter(table, options.simd ?? true);
  const own = create();
  const idle: Prefilter[] = [];
  const pool = {
    take: () => idle.pop() ?? create(),
    give: (prefilter: Prefilter) => void idle.push(prefilter),
  };
  const whole = new WholeSearch(own, resolver, table);
  return {
    kernel: own.kind,
    image: own.kind === 'simd' ? table.image : undefined,
    session: (start) => new ChunkSession(pool, resolver, table, start),
    room: whole.room,
    findInRoom: (length) => whole.findInRoom(length),
    find: (bytes, fresh) => whole.find(bytes, fresh),
    matches: (bytes, hits) => whole.matches(bytes, hits),
    packed: (hits) => packedPlaces(hits, table),
    scan: (bytes) => whole.matches(bytes, whole.find(bytes)),
  };
}
