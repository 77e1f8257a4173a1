import type { Rule } from '../model/rule.js';
import { asOtherReading, type Candidate } from './candidate.js';
import { type Confirmation, Confirmer, type Reading } from './confirm/confirm.js';
import { Prefixes } from './confirm/prefixes.js';
import { DECODERS, escapeAt } from './decode/decoders.js';
import { type DecoderName, MAX_DEPTH } from './decode/encoding.js';
import { type DecodedView, READ_AFTER, READ_BEFORE, VIEW_BYTES } from './decode/view.js';
import { joinedReadings, joins } from './joined-readings.js';
import { latin1 } from './latin1.js';
import { isEncodedLine, lineEndWithin } from './line-ends.js';
import { standsRight } from './prefilter/beside.js';
import { ScalarPrefilter } from './prefilter/scalar.js';
import { OUTERS, type Table } from './prefilter/tables.js';
import { type Layer, Undone } from './undone.js';

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
/** Decoders that read on behind a line's end, for tools wrap such texts. */
const WRAPPED: ReadonlySet<DecoderName> = new Set(['base64', 'hex']);
const WIDE: ReadonlySet<DecoderName> = new Set(['utf16', 'utf32']);
/** A match that ends in the last group before an escape may go on. */
const SEALED_GROUP = 8;
/** As much as may stand of a match at the end of a view without being one, in two more layers. */
const SHORT_MATCH = 192;
/** How far back an escape may begin that ends before encoded text. */
const LONGEST_ESCAPE = 12;
/** Characters of a group of base64 that may stand before an escape in it. */
const LONGEST_GROUP = 3;

/** Bytes at some depth, and what was undone of them. */
interface Text {
  readonly bytes: Uint8Array;
  readonly ended: boolean;
  readonly undone: Undone;
  readonly depth: number;
  /** Whether these are bytes as they are stored, or characters of UTF-16 or UTF-32 among such: other decoders make up bytes. */
  readonly isStored: boolean;
  /** Set where it is only asked what this layer alone would give. */
  readonly isAsked?: true;
}

const NOTHING: Layer = {
  view: {
    encoding: 'base64',
    bytes: new Uint8Array(),
    starts: new Uint32Array(),
    ends: new Uint32Array(),
    full: false,
    stop: 0,
  },
  searched: 0,
  candidates: [],
  told: true,
};

/** Turns a literal's place into what stands there: undoes one layer, looks for literals in it, and so on inwards. */
export class Resolver {
  readonly #table: Table;
  readonly #confirmers: readonly Confirmer[];
  /** Searches views, which are small; one for each depth, since each has memory of its own. */
  readonly #searches: ScalarPrefilter[] = [];

  constructor(rules: readonly Rule[], table: Table) {
    this.#table = table;
    const prefixes = new Prefixes(rules.map((rule) => rule.prefix));
    this.#confirmers = rules.map((rule) => new Confirmer(rule, prefixes));
  }

  /**
   * @param ended whether `bytes` ends where the input does.
   * @param undone what was undone of the same bytes before.
   */
  resolve(
    bytes: Uint8Array,
    hit: Hit,
    ended: boolean,
    undone: Undone,
    depth = 0,
    isStored = true,
  ): readonly Candidate[] {
    const { outers, rules, groups } = this.#table;
    const outer = OUTERS[outers[hit.literal]!]!;
    // What is packed holds more than a view: it is opened by who reads containers.
    if (outer === 'packed') return [];
    if (!standsRight(this.#table, bytes, hit.at, hit.literal)) return [];
    const text = { bytes, ended, undone, depth, isStored };
    if (outer === 'plain') return this.#plain(text, hit.at, rules[hit.literal]!);
    const layer = this.#undo(text, hit.at, outer, groups[hit.literal]!);
    if (layer.told) return [];
    layer.told = true;
    return layer.candidates;
  }

  #plain(text: Text, at: number, rule: number): Candidate[] {
    const found = this.#confirmers[rule]!.confirm(text.bytes, at, text.ended, text.isStored);
    if (found === undefined) return [];
    const own = found.readings.map((reading) => candidateOf(text.bytes, found, reading));
    if (found.goesOn === undefined) return own;
    const undone = this.#undo(text, at, found.goesOn, 0).candidates.filter(({ start }) => start === at);
    // What is mended need not end any further.
    if (found.goesOn === 'overstrike' && undone.length > 0) return undone;
    if (!undone.some(({ end }) => end > found.end)) return own;
    return joinedReadings(text.bytes, { ...found, goesOn: found.goesOn }, own, undone);
  }

  /** Undoes one layer around a place, or says what came of it when it was undone before. */
  #undo(text: Text, at: number, decoder: DecoderName, group: number): Layer {
    const { bytes, ended, undone, depth } = text;
    const known = undone.find(decoder, at, group);
    if (known !== undefined) return known;
    const view = depth < MAX_DEPTH ? DECODERS[decoder](bytes, at, group) : undefined;
    if (view === undefined) return { ...NOTHING };
    const wholly = ended || at + READ_AFTER < bytes.length;
    const inside = new Undone();
    const below: Text = { ...text, undone: new Undone(), isAsked: true };
    const hits = this.#hitsIn(view, depth);
    const isStored = text.isStored && WIDE.has(decoder);
    const found = hits.flatMap((hit) =>
      this.resolve(view.bytes, hit, wholly && !view.full, inside, depth + 1, isStored).flatMap((inner) => {
        const isBelow = text.isAsked === undefined && standsBelow(inner, view, bytes, decoder);
        if (isBelow && this.#isReadBelow(below, hit.literal, view.starts[hit.at]!, outward(inner, view)))
          return [];
        return WRAPPED.has(decoder) ? this.#overLines(text, view, hit, inner) : [outward(inner, view)];
      }),
    );
    const isCut = hits.some((hit) => isLeftOver(view, hit, found));
    const isOpen = SEALED.has(decoder) && text.isAsked === undefined;
    const candidates = isOpen ? this.#aroundEscapes(text, at, view, found, isCut) : found;
    const layer = { view, searched: searchedOf(view), candidates, told: false };
    undone.add(decoder, layer);
    return layer;
  }

  /** Whether what stands below is read there as surely: what stands before it may have to be undone to tell. */
  #isReadBelow(below: Text, literal: number, at: number, found: Candidate): boolean {
    const { rule, start, end, text, confidence } = found;
    const outer = OUTERS[this.#table.outers[literal]!]!;
    if (outer === 'packed') return false;
    if (outer !== 'plain') {
      const { candidates } = this.#undo(below, at, outer, this.#table.groups[literal]!);
      return candidates.some((each) => each.text === text && each.confidence === confidence);
    }
    const confirmer = this.#confirmers.find((each) => each.rule === rule);
    const readings = confirmer?.confirm(below.bytes, start, below.ended, below.isStored)?.readings ?? [];
    return readings.some((reading) => reading.end === end && reading.confidence === confidence);
  }

  /**
   * Encoded text may hold escapes, as base64 in a URL holds `%0A` and in a mail soft line breaks; decoding stops at them.
   * Where that is where a match ends, or before there is one, undoing the escapes first may give the whole.
   * @param isCut whether what ends there is too short to be a match.
   */
  #aroundEscapes(text: Text, at: number, view: DecodedView, found: Candidate[], isCut: boolean): Candidate[] {
    const { bytes } = text;
    // Half of a pair of digits may stand before the escape.
    const ahead = (escapeAt(bytes, view.stop) ?? escapeAt(bytes, view.stop + 1))?.decoder;
    const cut = found.length === 0 || isCut || found.some(({ end }) => end >= view.stop - SEALED_GROUP);
    if (ahead !== undefined && cut) {
      const longer = this.#undo(text, at, ahead, 0).candidates.filter(
        ({ start, end }) => start <= at + READ_BEFORE && end > view.stop,
      );
      const isSure = found.some(({ confidence }) => confidence === 'high') && isPadding(bytes, view);
      if (longer.length > 0 && isSure) return [...found, ...longer.map(asOtherReading)];
      if (longer.length > 0) return [...found.filter(({ end }) => end < view.stop - SEALED_GROUP), ...longer];
    }
    const behind = found.length > 0 ? undefined : escapeBefore(bytes, view.starts[0] ?? at);
    if (behind === undefined) return found;
    return this.#undo(text, at, behind, 0).candidates.filter(({ start, end }) => start < at && end > at);
  }

  /** Base64 and hex go on in the next line, or do not: what stands over a line's end is read both ways, the likelier first. */
  #overLines({ bytes, depth }: Text, view: DecodedView, hit: Hit, inner: Candidate): Candidate[] {
    const whole = outward(inner, view);
    const lineEnd = lineEndWithin(bytes, view, whole.start, whole.end);
    if (lineEnd === undefined || lineEnd.goesOn === 'surely') return [whole];
    const line = view.bytes.subarray(0, lineEnd.length);
    const shorter = this.resolve(line, hit, true, new Undone(), depth + 1, false)
      .filter(({ start, end }) => start === inner.start && end < inner.end)
      .map((candidate) => outward(candidate, view));
    if (shorter.every(({ reasons }) => reasons.includes('cut_by_end'))) return [whole];
    return lineEnd.goesOn === 'rather'
      ? [whole, ...shorter.map(asOtherReading)]
      : [...shorter, asOtherReading(whole)];
  }

  #hitsIn(view: DecodedView, depth: number): Hit[] {
    this.#searches[depth] ??= new ScalarPrefilter(this.#table, VIEW_BYTES);
    const search = this.#searches[depth];
    search.memory.set(view.bytes);
    const hits: Hit[] = [];
    const length = view.bytes.length;
    search.find(0, searchedOf(view), length, (start, literal) => hits.push({ at: start, literal }));
    return hits;
  }
}

/** Whether a literal at the end of a view led to nothing. */
function isLeftOver({ bytes, starts }: DecodedView, { at }: Hit, found: readonly Candidate[]): boolean {
  return at >= bytes.length - SHORT_MATCH && !found.some(({ start }) => start >= starts[at]!);
}

/** How many bytes of a view are looked at for literals. */
function searchedOf({ full, bytes }: DecodedView): number {
  return full ? Math.max(bytes.length - VIEW_MARGIN, 0) : bytes.length;
}

/** Whether the `=` at which base64 stopped completes its last group, and is no soft line break: no base64 follows it. */
function isPadding(bytes: Uint8Array, { encoding, bytes: { length }, stop }: DecodedView): boolean {
  const isLast = encoding.startsWith('base64') && length % 3 === 2 && bytes[stop] === 0x3d;
  return isLast && !isEncodedLine(bytes, stop + 1);
}

/** What undoes the escape that ends right before a place, or within what a group needs before it. */
function escapeBefore(bytes: Uint8Array, place: number): DecoderName | undefined {
  for (let at = place - 1; at >= Math.max(0, place - LONGEST_ESCAPE - LONGEST_GROUP); at--) {
    const found = escapeAt(bytes, at);
    if (found !== undefined && at + found.length >= place - LONGEST_GROUP) return found.decoder;
  }
  return undefined;
}

function candidateOf(bytes: Uint8Array, { rule, start }: Confirmation, reading: Reading): Candidate {
  const { end, confidence, reasons } = reading;
  return { rule, start, end, text: latin1(bytes, start, end), confidence, reasons, via: [] };
}

/**
 * Whether a candidate stands in the bytes below as it does in the view: its own literal leads to it there. An escape
 * right beside it tells where it begins and ends; a joint there says nothing of it.
 */
function standsBelow(
  { start, end }: Candidate,
  { starts, ends, bytes }: DecodedView,
  below: Uint8Array,
  decoder: DecoderName,
): boolean {
  if (below[starts[start]!] !== bytes[start]) return false;
  const beside = joins(decoder) ? 0 : 1;
  const first = Math.max(0, start - beside);
  const last = Math.min(bytes.length, end + beside) - 1;
  return ends[last]! - starts[first]! === last + 1 - first;
}

/** A candidate of a view, as one of the bytes that the view was decoded from. */
function outward(found: Candidate, view: DecodedView): Candidate {
  const { rule, start, end, text, confidence, reasons, via } = found;
  return {
    rule,
    start: Math.min(view.starts[start]!, view.starts[end - 1]!),
    end: Math.max(view.ends[start]!, view.ends[end - 1]!),
    text,
    confidence,
    reasons,
    via: [view.encoding, ...via],
  };
}
