import type { Match } from '../model/match.js';
import { SecretValue } from '../model/secret.js';
import { type Candidate, Known } from './candidate.js';
import { LINE_BEFORE, READ_AFTER, READ_BEFORE } from './decode/view.js';
import { type PackedPlace, packedPlaces } from './packed.js';
import type { Prefilter } from './prefilter/prefilter.js';
import type { Table } from './prefilter/tables.js';
import type { Resolver } from './resolve.js';
import { Undone } from './undone.js';
import { ZLIB_REACH } from './whole.js';

/**
 * Bytes that come in pieces. Fill some of `window()` from its front, `commit` how many bytes that were, and again; `end`
 * when there is no more. Matches come with offsets from the first byte of all, each once, up to {@link READ_AFTER} bytes
 * late, so that no boundary between pieces hides one. After `end` the session is over.
 */
export interface ScanSession {
  /** Where the next piece goes: never empty; valid until the next call. */
  window(): Uint8Array;
  commit(length: number): Match[];
  end(): Match[];
  /** Where in what was searched since the last call something packed is written as text. Before the next `window()`. */
  packed(): readonly PackedPlace[];
  /** The bytes from an offset on, as far as they are in memory; valid until the next call. */
  bytesFrom(offset: number): Uint8Array;
  /** What would come besides if the input ended here. With more input some of it may turn out longer, or otherwise. */
  soFar(): Match[];
  /** What was searched and has left memory: whoever goes on from there in another session needs to know. */
  passed(): Passed;
  /** Gives the memory back until the next call, for input that pauses: what is kept meanwhile is a few kilobytes. */
  park(): void;
}

/** A session over a part of something begins a little before it, with bytes that it does not search. */
export interface SessionStart {
  /** The offset of the first byte that comes. */
  readonly at: number;
  /** How many bytes of what comes first belong to the part before: literals that begin there are not looked for. */
  readonly skip: number;
}

/** Lines that ended before `at`, and the offset of the last LF; where there was none, of the byte before the first. */
export interface Passed {
  readonly at: number;
  readonly lines: number;
  readonly lastLine: number;
}

/** Where a session's memory comes from, and goes when it is not needed. */
export interface PrefilterPool {
  take(): Prefilter;
  give(prefilter: Prefilter): void;
}

/** The least room that is left for a piece; below it, what was searched moves out. */
const LEAST_WINDOW = 64 * 1024;
/** What stays in memory behind the searched bytes: a multiple of four, so that words stay aligned. */
const KEPT_BEFORE = (READ_BEFORE + LINE_BEFORE + 3) & ~3;

/**
 * What two sessions over neighbouring parts must have in common: the second begins `before` bytes before its part, the
 * first goes on for `after` bytes behind its own. Parts begin at multiples of four.
 */
export const OVERLAP = { before: KEPT_BEFORE, after: READ_AFTER } as const;

/** Lines are counted as bytes leave: LF costs the kernel less to count than a second reading would. */
export class ChunkSession implements ScanSession {
  readonly #pool: PrefilterPool;
  readonly #resolver: Resolver;
  readonly #table: Table;
  #taken: Prefilter | undefined;
  /** What stood in memory when it was given back. */
  #parked: Uint8Array | undefined;
  #over = false;
  /** The offset of the memory's first byte. */
  #base: number;
  /** Input stands in memory before this place. */
  #filled = 0;
  /** Literals that begin before this place have been resolved. */
  #searched: number;
  /** LFs before the memory's first byte, and the offset of the last of them. */
  #lines = 0;
  #lastLine: number;
  /** What was found, as long as another literal may lead to the same. */
  readonly #known = new Known();
  #packed: PackedPlace[] = [];
  /** What stood in memory at the end, where something of it has to be opened. */
  #tail = new Uint8Array();

  constructor(
    pool: PrefilterPool,
    resolver: Resolver,
    table: Table,
    { at, skip }: SessionStart = { at: 0, skip: 0 },
  ) {
    this.#pool = pool;
    this.#resolver = resolver;
    this.#table = table;
    this.#base = at;
    this.#searched = skip;
    this.#lastLine = at - 1;
  }

  window(): Uint8Array {
    this.#assertOpen();
    if (this.#prefilter.memory.length - this.#filled < LEAST_WINDOW) this.#moveOut();
    return this.#prefilter.memory.subarray(this.#filled);
  }

  commit(length: number): Match[] {
    this.#assertOpen();
    this.#filled += length;
    return this.#search(this.#filled - READ_AFTER, false);
  }

  end(): Match[] {
    this.#assertOpen();
    const matches = this.#search(this.#filled, true);
    this.#over = true;
    if (this.#packed.length > 0) this.#tail = this.#prefilter.memory.slice(0, this.#filled);
    this.#giveBack();
    return matches;
  }

  packed(): readonly PackedPlace[] {
    return this.#packed.splice(0);
  }

  bytesFrom(offset: number): Uint8Array {
    const bytes = this.#over ? this.#tail : this.#prefilter.memory.subarray(0, this.#filled);
    return bytes.subarray(Math.max(0, offset - this.#base));
  }

  soFar(): Match[] {
    this.#assertOpen();
    const told = new Known();
    const fresh = this.#candidates(this.#filled, true)
      .filter((candidate) => !this.#known.has(this.#moved(candidate)) && told.add(candidate))
      .sort(byStart);
    return this.#matchesOf(fresh);
  }

  passed(): Passed {
    return { at: this.#base, lines: this.#lines, lastLine: this.#lastLine };
  }

  park(): void {
    this.#assertOpen();
    if (this.#taken === undefined) return;
    this.#moveOut();
    this.#parked = this.#taken.memory.slice(0, this.#filled);
    this.#giveBack();
  }

  get #prefilter(): Prefilter {
    if (this.#taken === undefined) {
      this.#taken = this.#pool.take();
      if (this.#parked !== undefined) this.#taken.memory.set(this.#parked);
      this.#parked = undefined;
    }
    return this.#taken;
  }

  #giveBack(): void {
    if (this.#taken !== undefined) this.#pool.give(this.#taken);
    this.#taken = undefined;
  }

  #search(limit: number, ended: boolean): Match[] {
    if (limit <= this.#searched) return [];
    const found = this.#candidates(limit, ended, (place) => this.#packed.push(place));
    this.#searched = limit;
    const fresh = found.filter((candidate) => this.#known.add(this.#moved(candidate)));
    return this.#matchesOf(fresh.sort(byStart));
  }

  /** What stands at the literals that begin before `limit` and were not resolved yet. */
  #candidates(limit: number, ended: boolean, onPacked?: (place: PackedPlace) => void): Candidate[] {
    const prefilter = this.#prefilter;
    const hits: { at: number; literal: number }[] = [];
    prefilter.find(this.#searched, limit, this.#filled, (at, literal) => hits.push({ at, literal }));
    if (onPacked !== undefined) {
      const reach = Math.min(limit, ZLIB_REACH - this.#base);
      prefilter.findZlib(this.#searched, reach, this.#filled, (at, literal) => hits.push({ at, literal }));
    }
    if (hits.length === 0) return [];
    const bytes = prefilter.memory.subarray(0, this.#filled);
    hits.sort((a, b) => a.at - b.at);
    if (onPacked !== undefined) {
      for (const { at, writing } of packedPlaces(hits, this.#table))
        onPacked({ at: at + this.#base, writing });
    }
    const undone = new Undone();
    return hits.flatMap((hit) => this.#resolver.resolve(bytes, hit, ended, undone));
  }

  /** A candidate of the memory, as one of the input. */
  #moved(candidate: Candidate): Candidate {
    return { ...candidate, start: candidate.start + this.#base, end: candidate.end + this.#base };
  }

  /** @param candidates in order, so that each line is counted once. */
  #matchesOf(candidates: readonly Candidate[]): Match[] {
    if (candidates.length === 0) return [];
    const { memory } = this.#prefilter;
    let line = this.#lines + 1;
    let lastLine = this.#lastLine;
    let counted = 0;
    return candidates.map(({ rule, start, end, text, confidence, reasons, via }) => {
      line += this.#prefilter.countLines(counted, start);
      const before = memory.subarray(counted, start).lastIndexOf(0x0a);
      if (before !== -1) lastLine = this.#base + counted + before;
      counted = start;
      return {
        rule: rule.id,
        span: { start: this.#base + start, end: this.#base + end },
        line,
        column: this.#base + start - lastLine,
        secret: new SecretValue(text, rule.prefix.length),
        confidence,
        reasons,
        via,
      };
    });
  }

  #moveOut(): void {
    const { memory } = this.#prefilter;
    const gone = Math.max(0, (this.#searched - KEPT_BEFORE) & ~3);
    const lines = this.#prefilter.countLines(0, gone);
    if (lines > 0) {
      this.#lines += lines;
      this.#lastLine = this.#base + memory.lastIndexOf(0x0a, gone - 1);
    }
    memory.copyWithin(0, gone, this.#filled);
    this.#base += gone;
    this.#filled -= gone;
    this.#searched -= gone;
    this.#known.forget(this.#base);
  }

  #assertOpen(): void {
    if (this.#over) throw new Error('The scan session is over: end() was called. Open another.');
  }
}

function byStart(a: Candidate, b: Candidate): number {
  return a.start - b.start;
}
