import type { Confidence } from '../model/match.js';
import type { Rule } from '../model/rule.js';
import { type Confirmation, Confirmer } from './confirm/confirm.js';
import type { Reason } from './confirm/reasons.js';
import { DECODERS, ESCAPES } from './decode/decoders.js';
import { type DecoderName, type Encoding, MAX_DEPTH } from './decode/encoding.js';
import { type DecodedView, READ_AFTER, READ_BEFORE, VIEW_BYTES } from './decode/view.js';
import { ScalarPrefilter } from './prefilter/scalar.js';
import { OUTERS, type Table } from './prefilter/tables.js';

/** A match in the bytes that were looked at, before it has a line. */
export interface Candidate {
  readonly rule: Rule;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly confidence: Confidence;
  readonly reasons: readonly Reason[];
  readonly via: readonly Encoding[];
}

/** A place where a literal stands. */
interface Hit {
  readonly at: number;
  readonly literal: number;
}

/**
 * In a full view, what lies this close to its end may go on behind it; it is left to the hit of its own that the bytes
 * below have there.
 */
const VIEW_MARGIN = 1536;

/** Decoders of texts that have characters of their own, so that an escape ends them. */
const SEALED: ReadonlySet<DecoderName> = new Set(['base64', 'hex', 'utf16', 'utf32']);
/** A match that ends in the last group before an escape may go on. */
const SEALED_GROUP = 8;

/** Turns a literal's place into what stands there: undoes one layer, looks for literals in it, and so on inwards. */
export class Resolver {
  readonly #table: Table;
  readonly #confirmers: readonly Confirmer[];
  /** Searches views, which are small; one for each depth, since each has memory of its own. */
  readonly #searches: readonly ScalarPrefilter[];

  constructor(rules: readonly Rule[], table: Table) {
    this.#table = table;
    this.#confirmers = rules.map((rule) => new Confirmer(rule));
    this.#searches = Array.from({ length: MAX_DEPTH }, () => new ScalarPrefilter(table, VIEW_BYTES));
  }

  /** @param ended whether `bytes` ends where the input does. */
  resolve(bytes: Uint8Array, hit: Hit, ended: boolean, depth = 0): Candidate[] {
    const { outers, rules, groups } = this.#table;
    const outer = OUTERS[outers[hit.literal]!]!;
    if (outer === 'plain') return this.#plain(bytes, hit.at, rules[hit.literal]!, ended, depth);
    return this.#decoded(bytes, hit.at, outer, groups[hit.literal]!, ended, depth);
  }

  #plain(bytes: Uint8Array, at: number, rule: number, ended: boolean, depth: number): Candidate[] {
    const found = this.#confirmers[rule]!.confirm(bytes, at, ended);
    if (found === undefined) return [];
    const own = found.reasons.length === 0 ? [] : [candidateOf(bytes, found)];
    if (found.goesOn === undefined) return own;
    const longer = this.#decoded(bytes, at, found.goesOn, 0, ended, depth).filter(
      ({ start, end }) => start === at && end > found.end,
    );
    return longer.length > 0 ? longer : own;
  }

  #decoded(
    bytes: Uint8Array,
    at: number,
    decoder: DecoderName,
    group: number,
    ended: boolean,
    depth: number,
  ): Candidate[] {
    if (depth >= MAX_DEPTH) return [];
    const view = DECODERS[decoder](bytes, at, group);
    if (view === undefined) return [];
    const wholly = ended || at + READ_AFTER < bytes.length;
    const found = this.#hitsIn(view, depth).flatMap((hit) =>
      this.resolve(view.bytes, hit, wholly && !view.full, depth + 1).map((inner) => outward(inner, view)),
    );
    return this.#beyondEscape(bytes, at, decoder, view.stop, found, ended, depth);
  }

  /**
   * Encoded text may hold escapes, as base64 in a URL holds `%0A`, and decoding stops at the first. Where that is where
   * the match ends (or before there is one), undoing the escapes first may give the whole.
   */
  #beyondEscape(
    bytes: Uint8Array,
    at: number,
    decoder: DecoderName,
    stop: number,
    found: Candidate[],
    ended: boolean,
    depth: number,
  ): Candidate[] {
    const next = ESCAPES.get(bytes[stop] ?? -1);
    if (next === undefined || !SEALED.has(decoder) || next.read(bytes, stop) === undefined) return found;
    if (found.length > 0 && found.every(({ end }) => end < stop - SEALED_GROUP)) return found;
    const longer = this.#decoded(bytes, at, next.decoder, 0, ended, depth).filter(
      ({ start, end }) => start <= at + READ_BEFORE && end > stop,
    );
    return longer.length > 0 ? longer : found;
  }

  #hitsIn(view: DecodedView, depth: number): Hit[] {
    const search = this.#searches[depth]!;
    search.memory.set(view.bytes);
    const hits: Hit[] = [];
    const length = view.bytes.length;
    const limit = view.full ? Math.max(length - VIEW_MARGIN, 0) : length;
    search.find(0, limit, length, (start, literal) => hits.push({ at: start, literal }));
    return hits;
  }
}

/** Whether a candidate is one that is known, or lies in it: several literals may lead to one match, and a body may hold a prefix. */
export function covers(known: Candidate, candidate: Candidate): boolean {
  return (
    known.start <= candidate.start &&
    candidate.end <= known.end &&
    (known.text === candidate.text || known.via.join() === candidate.via.join())
  );
}

function candidateOf(bytes: Uint8Array, { rule, start, end, confidence, reasons }: Confirmation): Candidate {
  const text = Buffer.from(bytes.subarray(start, end)).toString('latin1');
  return { rule, start, end, text, confidence, reasons, via: [] };
}

/** A candidate of a view, as one of the bytes that the view was decoded from. */
function outward(found: Candidate, view: DecodedView): Candidate {
  return {
    ...found,
    start: view.starts[found.start]!,
    end: view.ends[found.end - 1]!,
    via: [view.encoding, ...found.via],
  };
}
