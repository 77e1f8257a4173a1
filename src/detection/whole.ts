import type { Match } from '../model/match.js';
import { SecretValue } from '../model/secret.js';
import type { CopiedPiece } from '../model/source.js';
import type { Span } from '../model/span.js';
import { type Candidate, Known } from './candidate.js';
import { standsRight } from './prefilter/beside.js';
import { LONGEST } from './prefilter/disguise.js';
import type { Prefilter } from './prefilter/prefilter.js';
import type { Table } from './prefilter/tables.js';
import type { Resolver } from './resolve.js';
import { Undone } from './undone.js';

/** A literal of the prefilter: where it begins, and which one. */
export interface LiteralHit {
  readonly at: number;
  readonly literal: number;
}

/** So far into something it is looked for base64 of zlib: long logs are searched a fifth faster without. */
export const ZLIB_REACH = 16 * 1024 * 1024;

/** Fresh spans that lie closer than this are searched as one: a call costs more than the bytes between. */
const NEAR = 96;

/**
 * Searches bytes that are in memory whole, in two steps: where literals stand, and what stands there. The first step is
 * nearly all of the cost and can be spared where a literal's place is known already; the second is only taken around hits.
 */
export class WholeSearch {
  readonly #prefilter: Prefilter;
  readonly #resolver: Resolver;
  readonly #table: Table;

  constructor(prefilter: Prefilter, resolver: Resolver, table: Table) {
    this.#prefilter = prefilter;
    this.#resolver = resolver;
    this.#table = table;
  }

  /** Every literal in `bytes`, in order; with `fresh`, those that touch one of its spans or the end, and perhaps more. */
  find(bytes: Uint8Array, fresh?: readonly Span[]): LiteralHit[] {
    const hits: LiteralHit[] = [];
    if (fresh === undefined) this.#findIn(bytes, 0, bytes.length, hits);
    else for (const { start, end } of beginnings(fresh, bytes.length)) this.#findIn(bytes, start, end, hits);
    return this.#likely(bytes, hits).sort(byPlace);
  }

  /** The prefilter's own memory. */
  get room(): Uint8Array {
    return this.#prefilter.memory;
  }

  /** {@link find} in the first `length` bytes of the room: they need not be copied there. */
  findInRoom(length: number): LiteralHit[] {
    const hits: LiteralHit[] = [];
    const found = (at: number, literal: number) => void hits.push({ at, literal });
    this.#prefilter.find(0, length, length, found);
    this.#prefilter.findZlib(0, Math.min(length, ZLIB_REACH), length, found);
    return this.#likely(this.room, hits);
  }

  /** What stands at literals that {@link find} gave, of the same bytes. */
  matches(bytes: Uint8Array, hits: readonly LiteralHit[]): Match[] {
    const known = new Known();
    const undone = new Undone();
    const fresh = hits
      .flatMap((hit) => this.#resolver.resolve(bytes, hit, true, undone))
      .filter((candidate) => known.add(candidate))
      .sort((a, b) => a.start - b.start);
    return matchesOf(bytes, fresh);
  }

  #likely(bytes: Uint8Array, hits: LiteralHit[]): LiteralHit[] {
    if (hits.length === 0) return hits;
    return hits.filter(({ at, literal }) => standsRight(this.#table, bytes, at, literal));
  }

  /** Literals that begin in `[from, to)`. */
  #findIn(bytes: Uint8Array, from: number, to: number, into: LiteralHit[]): void {
    const { memory } = this.#prefilter;
    const step = memory.length - LONGEST;
    for (let at = from; at < to; at += step) {
      const limit = Math.min(to - at, step);
      const end = Math.min(bytes.length - at, limit + LONGEST);
      memory.set(bytes.subarray(at, at + end));
      this.#prefilter.find(0, limit, end, (start, literal) => {
        into.push({ at: at + start, literal });
      });
      const reach = Math.min(limit, ZLIB_REACH - at);
      this.#prefilter.findZlib(0, reach, end, (start, literal) => into.push({ at: at + start, literal }));
    }
  }
}

/**
 * The literals of a base that stand in pieces copied from it: where they stand now. What may reach over the end of a piece
 * is left out: {@link WholeSearch.find} looks there.
 */
export function carried(hits: readonly LiteralHit[], copies: Iterable<CopiedPiece>): LiteralHit[] {
  const moved: LiteralHit[] = [];
  for (const { from, to, length } of copies) {
    for (const hit of hits) {
      if (hit.at >= from && hit.at + LONGEST <= from + length) moved.push({ ...hit, at: hit.at - from + to });
    }
  }
  return moved;
}

/** Both lists as one, in order, each literal once. */
export function united(some: readonly LiteralHit[], others: readonly LiteralHit[]): LiteralHit[] {
  const all = [...some, ...others].sort(byPlace);
  return all.filter((hit, index) => index === 0 || byPlace(all[index - 1]!, hit) !== 0);
}

/** Where a literal may begin that touches one of `fresh` or the end of the bytes: spans in order, none near another. */
function beginnings(fresh: readonly Span[], length: number): Span[] {
  const spans: { start: number; end: number }[] = [];
  for (const span of [...fresh, { start: length, end: length }]) {
    const start = Math.max(0, span.start - LONGEST + 1);
    const end = Math.min(length, span.end);
    const last = spans.at(-1);
    if (last !== undefined && start - last.end < NEAR) last.end = Math.max(last.end, end);
    else spans.push({ start, end });
  }
  return spans;
}

/** @param candidates in order, so that each line is counted once. */
function matchesOf(bytes: Uint8Array, candidates: readonly Candidate[]): Match[] {
  let line = 1;
  let lineStart = 0;
  let lineEnd = candidates.length === 0 ? 0 : endOfLine(bytes, 0);
  return candidates.map(({ rule, start, end, text, confidence, reasons, via }) => {
    for (; lineEnd < start; lineEnd = endOfLine(bytes, lineStart)) {
      line++;
      lineStart = lineEnd + 1;
    }
    return {
      rule: rule.id,
      span: { start, end },
      line,
      column: start - lineStart + 1,
      secret: new SecretValue(text, rule.prefix.length),
      confidence,
      reasons,
      via,
    };
  });
}

/** The next LF, or where there would be one behind the last byte. */
function endOfLine(bytes: Uint8Array, from: number): number {
  const at = bytes.indexOf(0x0a, from);
  return at === -1 ? bytes.length : at;
}

function byPlace(a: LiteralHit, b: LiteralHit): number {
  return a.at - b.at || a.literal - b.literal;
}
