import type { Confidence } from '../model/match.js';
import type { Rule } from '../model/rule.js';
import { type Confirmation, Confirmer } from './confirm/confirm.js';
import type { Reason } from './confirm/reasons.js';
import { DECODERS } from './decode/decoders.js';
import { type DecoderName, type Encoding, MAX_DEPTH } from './decode/encoding.js';
import { type DecodedView, READ_AFTER, VIEW_BYTES } from './decode/view.js';
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
    return this.#hitsIn(view, depth).flatMap((hit) =>
      this.resolve(view.bytes, hit, wholly && !view.full, depth + 1).map((found) => outward(found, view)),
    );
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
