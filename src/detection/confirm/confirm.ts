import type { Confidence } from '../../model/match.js';
import type { Reason } from '../../model/reason.js';
import { Remembered } from '../../model/remembered.js';
import type { Rule } from '../../model/rule.js';
import type { DecoderName } from '../decode/encoding.js';
import { latin1 } from '../latin1.js';
import { closed, followsCharacter, isXmlControl } from './boundary.js';
import { type Ending, otherEndings } from './ending.js';
import { evidenceAt, looseEnds, usualEnds } from './loose-ends.js';
import { PREDICTABLE_BITS, type Predictability, predictability } from './predictability.js';
import type { Prefixes } from './prefixes.js';
import { isAmongBytes, isParted, isSetOff, type Stored, storedTexts } from './stored.js';
import { cutOf, isPiece, joinedAt } from './text-ends.js';

/** One way to read what stands at a prefix: half-open from the prefix to `end`. */
export interface Reading {
  readonly end: number;
  readonly confidence: Confidence;
  readonly reasons: readonly Reason[];
}

/** What stands at a prefix. */
export interface Confirmation {
  readonly rule: Rule;
  readonly start: number;
  /** Where the body ends at the latest. */
  readonly end: number;
  /** The likeliest first; none where there is nothing to report unless an escape is undone. */
  readonly readings: readonly Reading[];
  /** What may undo the escape that stands where the body ends: then the body may go on behind it. */
  readonly goesOn?: DecoderName;
}

/** A prefix, and what is known of the body behind it before it is judged. */
interface Body {
  readonly bytes: Uint8Array;
  /** Where the prefix stands. */
  readonly start: number;
  /** Where the body begins. */
  readonly from: number;
  /** Where its characters end, or another token begins. */
  readonly run: number;
  /** Whether the bytes end where the input does. */
  readonly ended: boolean;
  /** What lengths that are stored beside it say. */
  readonly stored: readonly Stored[];
  /** Whether nothing tells where it ends among the bytes that it stands in. */
  readonly isLoose: boolean;
}

/** Fewer characters than these say nothing, cut short or not. */
const SHORTEST_LEAD = 4;
/** A word of so few characters is predictable by this many bits. */
const LEAD_BITS = 4;
/** What speaks for an end that a byte before may be the length of, in bits. */
const STORED_BITS = 12;
/** Characters of a body that no name ends in. */
const UNMISTAKABLE = 20;

/** A rule, with its alphabets as tables. */
export class Confirmer {
  readonly rule: Rule;
  readonly #prefixes: Prefixes;
  readonly #body: Uint8Array;
  readonly #companion: Uint8Array;
  readonly #judged: Remembered<Predictability>;
  readonly #endings: Remembered<readonly Ending[]>;
  readonly #looseEnds: Remembered<readonly Ending[]>;

  /** @param prefixes those of all rules: where one stands, another token begins. */
  constructor(rule: Rule, prefixes: Prefixes) {
    this.rule = rule;
    this.#prefixes = prefixes;
    this.#body = alphabetTable(rule.body.alphabet);
    this.#companion = alphabetTable(rule.companion?.alphabet ?? '');
    const { min } = rule.body;
    this.#judged = new Remembered((body) => predictability(body, min, PREDICTABLE_BITS));
    this.#endings = new Remembered((body) => otherEndings(body, min));
    this.#looseEnds = new Remembered((body) => looseEnds(body, min));
  }

  /**
   * Judges the prefix that stands at `start`. `undefined` when there is nothing to report.
   *
   * @param ended whether `bytes` ends where the input does, not where a view was full.
   * @param isStored whether they are as they are stored: where others were decoded too far, there are some that no text has.
   */
  confirm(bytes: Uint8Array, start: number, ended: boolean, isStored = true): Confirmation | undefined {
    const { rule } = this;
    const from = start + rule.prefix.length;
    const run = this.#runEnd(bytes, from);
    const isAmong = isStored && run - from >= rule.body.min && isAmongBytes(bytes, start, run);
    const stored = this.#stored(bytes, start, run, isAmong);
    const sure = stored.find(({ isSure }) => isSure);
    const isLoose = isAmong && sure === undefined && !isParted(bytes, start, run);
    const body: Body = { bytes, start, from, run, ended, stored, isLoose };
    const last = sure?.end ?? run;
    const likely =
      last - from > rule.body.max
        ? this.#overlong(body, last)
        : this.#read(body, sure?.end ?? closed(bytes, start, from, run));
    const readings = this.#besides(likely, body);
    const end = readings.reduce(
      (furthest, reading) => Math.max(furthest, reading.end),
      Math.min(run, from + rule.body.max),
    );
    const goesOn = sure === undefined ? joinedAt(bytes, end, isAmong) : undefined;
    if (readings.length === 0 && goesOn === undefined) return undefined;
    return { rule, start, end, readings, ...(goesOn === undefined ? {} : { goesOn }) };
  }

  /** Where the characters of a body end, or another token begins; or one character after the longest body. */
  #runEnd(bytes: Uint8Array, from: number): number {
    const limit = Math.min(bytes.length, from + this.rule.body.max + 1);
    let end = from;
    while (
      end < limit &&
      this.#body[bytes[end]!] === 1 &&
      this.#prefixes.at(bytes, end) === 0 &&
      !isXmlControl(bytes, end)
    )
      end++;
    return end;
  }

  /** Where lengths that are stored say that it ends, as far as it is a token then. */
  #stored(bytes: Uint8Array, start: number, run: number, isAmong: boolean): Stored[] {
    const from = start + this.rule.prefix.length;
    const least = from + this.rule.body.min;
    if (run < least) return [];
    const all = storedTexts(bytes, start, least, run, isAmong);
    const found = all.filter(({ end }) => this.#isRandom(latin1(bytes, from, end)));
    const sure = found.filter(({ isSure }) => isSure);
    return sure.length > 0 ? sure : found;
  }

  /** The likely readings; and those that would be it if a length is one after all, or none. */
  #besides(likely: Reading[], { stored, from, run }: Body): Reading[] {
    const ends = new Set(stored.map(({ end }) => end));
    if (ends.size > 0 && run - from <= this.rule.body.max) ends.add(run);
    for (const { end } of likely) ends.delete(end);
    return [...likely, ...[...ends].map(otherReading)];
  }

  #read(body: Body, end: number): Reading[] {
    const { bytes, start, from, stored, isLoose } = body;
    if (end - from < this.rule.body.min) {
      const lead = followsCharacter(bytes, start) ? undefined : this.#lead(body, end);
      return lead === undefined ? [] : [{ end, confidence: 'low', reasons: [lead] }];
    }
    const text = latin1(bytes, from, end);
    const { bits, pattern, read } = this.#judged.of(text);
    if (bits >= PREDICTABLE_BITS) {
      const reason = pattern === 'words' ? 'identifier' : 'placeholder';
      return followsCharacter(bytes, start) ? [] : [{ end, confidence: 'low', reasons: [reason] }];
    }
    if (isPiece(bytes, start, end)) return [{ end, confidence: 'low', reasons: ['cut_by_line_end'] }];
    const begins = stored.some((each) => each.begins && each.end === end);
    const glued = !begins && !isLoose && this.#isGlued(body, end, text);
    const loose = isLoose ? this.#loose(body, end, text) : [];
    const random = (at: number): Reading => {
      const reasons: Reason[] = ['random_body'];
      if (stored.some((each) => each.isSure && each.end === at)) reasons.push('stored_length');
      if (this.#hasCompanion(bytes, at)) reasons.push('with_companion');
      if (loose.length > 0) reasons.push('loose_end');
      return glued
        ? { end: at, confidence: 'low', reasons: ['glued', ...reasons] }
        : { end: at, confidence: 'high', reasons };
    };
    const others = this.#others(text, read, loose);
    const ends = [end, ...others.map(({ length }) => from + length)];
    const [first] = others;
    // The body as it stands, unless it is surer as it is where `-` or `_` only joins something to it.
    const best = first !== undefined && first.bits >= PREDICTABLE_BITS ? from + first.length : end;
    return [random(best), ...ends.filter((one) => one !== best).map(otherReading)];
  }

  /**
   * Where a random body may end besides, the surest first.
   *
   * @param read after how many characters it was known to be random.
   */
  #others(text: string, read: number, loose: readonly Ending[]): Ending[] {
    return united(this.#endings.of(text), loose).filter(
      ({ length }) => length >= read || this.#isRandom(text.slice(0, length)),
    );
  }

  /** Where it may end among other bytes, where other values may follow with nothing between. */
  #loose({ bytes, from, stored }: Body, end: number, text: string): readonly Ending[] {
    const said = stored
      .map(({ end: place }) => place - from)
      .filter((length) => length < text.length)
      .map((length) => ({ length, bits: STORED_BITS + evidenceAt(text, length) }));
    const usual = isSetOff(bytes, end) ? [] : usualEnds(text, this.rule.body.min);
    return united(this.#looseEnds.of(text), [...said, ...usual]);
  }

  /** Longer than any token: something is joined to it, if it is one. */
  #overlong({ bytes, from, isLoose }: Body, end: number): Reading[] {
    const text = latin1(bytes, from, end);
    if (isLoose) {
      const ends = this.#looseEnds.of(text).filter((one) => this.#isRandom(text.slice(0, one.length)));
      const [first, ...rest] = ends.map(({ length }) => otherReading(from + length));
      if (first !== undefined)
        return [{ ...first, confidence: 'high', reasons: ['random_body', 'loose_end'] }, ...rest];
    }
    const joint = /[-_]/.exec(text.slice(this.rule.body.min));
    const length = this.rule.body.min + (joint?.index ?? text.length);
    const whole: Reading = { end, confidence: 'low', reasons: ['overlong'] };
    if (length >= text.length || !this.#isRandom(text.slice(0, length))) return [whole];
    return [whole, otherReading(from + length)];
  }

  #isRandom(text: string): boolean {
    return this.#judged.of(text).bits < PREDICTABLE_BITS;
  }

  /**
   * Whether a random body's prefix is the end of a longer word. It is not where another token ends before it, where the
   * byte before says how long the token is, or where no name ends like this: in three kinds of characters.
   */
  #isGlued({ bytes, start }: Body, end: number, text: string): boolean {
    if (!followsCharacter(bytes, start) || bytes[start - 1] === end - start) return false;
    if (this.#followsToken(bytes, start)) return false;
    const mixed = /[0-9]/.test(text) && /[a-z]/.test(text) && /[A-Z]/.test(text);
    return !mixed || text.length < UNMISTAKABLE || predictability(text, this.rule.body.min, 0).bits > 0;
  }

  #followsToken(bytes: Uint8Array, start: number): boolean {
    const { min, max } = this.rule.body;
    const before = this.#prefixes.lastBefore(bytes, start, max);
    if (before === undefined || start - before < min || start - before > max) return false;
    const body = bytes.subarray(before, start);
    return body.every((byte) => this.#body[byte] === 1) && this.#isRandom(latin1(bytes, before, start));
  }

  /** A body too short to be whole is a lead where something cut it, and where it looks like no word. */
  #lead({ bytes, from, ended }: Body, end: number): Reason | undefined {
    if (end - from < SHORTEST_LEAD) return undefined;
    const cut = cutOf(bytes, from, end, ended);
    if (cut === undefined) return undefined;
    const text = latin1(bytes, from, end);
    if (!/[0-9]/.test(text) && !(/[a-z]/.test(text) && /[A-Z]/.test(text.slice(1)))) return undefined;
    return predictability(text, SHORTEST_LEAD, LEAD_BITS).bits > LEAD_BITS ? undefined : cut;
  }

  #hasCompanion(bytes: Uint8Array, end: number): boolean {
    const { companion } = this.rule;
    if (companion === undefined) return false;
    const lead = companion.separator + companion.prefix;
    if (latin1(bytes, end, end + lead.length) !== lead) return false;
    const rest = bytes.subarray(end + lead.length, end + lead.length + companion.length);
    return rest.length === companion.length && rest.every((byte) => this.#companion[byte] === 1);
  }
}

/** Both, each length once, best first. */
function united(some: readonly Ending[], others: readonly Ending[]): Ending[] {
  if (others.length === 0) return [...some];
  const all = [...some, ...others].sort((a, b) => b.bits - a.bits);
  return all.filter(({ length }, index) => all.findIndex((one) => one.length === length) === index);
}

function otherReading(end: number): Reading {
  return { end, confidence: 'low', reasons: ['other_reading'] };
}

/** A table of the bytes that the inside of a bracket expression (`A-Za-z0-9_-`) names. */
function alphabetTable(alphabet: string): Uint8Array {
  const pattern = alphabet === '' ? /(?!)/ : new RegExp(`[${alphabet}]`);
  return Uint8Array.from({ length: 256 }, (_, byte) => (pattern.test(String.fromCharCode(byte)) ? 1 : 0));
}
