import type { Confidence } from '../../model/match.js';
import { Remembered } from '../../model/remembered.js';
import type { Rule } from '../../model/rule.js';
import type { DecoderName } from '../decode/encoding.js';
import { latin1 } from '../latin1.js';
import { closed, followsCharacter, isXmlControl } from './boundary.js';
import { type Ending, otherEndings } from './ending.js';
import { evidenceAt, looseEnds, usualEnds } from './loose-ends.js';
import { type Predictability, predictability } from './predictability.js';
import type { Prefixes } from './prefixes.js';
import { PREDICTABLE_BITS, type Reason } from './reasons.js';
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
    const stored = this.#stored(bytes, start, from, run, isAmong);
    const sure = stored.find(({ isSure }) => isSure);
    const last = sure?.end ?? run;
    const isLoose = isAmong && sure === undefined && !isParted(bytes, start, run);
    const likely =
      last - from > rule.body.max
        ? this.#overlong(bytes, from, last, isLoose)
        : this.#read(
            bytes,
            start,
            from,
            sure?.end ?? closed(bytes, start, from, run),
            ended,
            stored,
            isLoose,
          );
    const readings = this.#besides(likely, stored, from, run);
    const end = readings.reduce(
      (furthest, reading) => Math.max(furthest, reading.end),
      Math.min(run, from + rule.body.max),
    );
    const goesOn = sure === undefined ? joinedAt(bytes, end) : undefined;
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
  #stored(bytes: Uint8Array, start: number, from: number, run: number, isAmong: boolean): Stored[] {
    const least = from + this.rule.body.min;
    if (run < least) return [];
    const all = storedTexts(bytes, start, least, run, isAmong);
    const found = all.filter(({ end }) => this.#isRandom(latin1(bytes, from, end)));
    const sure = found.filter(({ isSure }) => isSure);
    return sure.length > 0 ? sure : found;
  }

  /** The likely readings; and those that would be it if a length is one after all, or none. */
  #besides(likely: Reading[], stored: readonly Stored[], from: number, run: number): Reading[] {
    const ends = new Set(stored.map(({ end }) => end));
    if (ends.size > 0 && run - from <= this.rule.body.max) ends.add(run);
    for (const { end } of likely) ends.delete(end);
    return [...likely, ...[...ends].map(otherReading)];
  }

  #read(
    bytes: Uint8Array,
    start: number,
    from: number,
    end: number,
    ended: boolean,
    stored: readonly Stored[],
    isLoose: boolean,
  ): Reading[] {
    if (end - from < this.rule.body.min) {
      const lead = followsCharacter(bytes, start) ? undefined : this.#lead(bytes, from, end, ended);
      return lead === undefined ? [] : [{ end, confidence: 'low', reasons: [lead] }];
    }
    const body = latin1(bytes, from, end);
    const { bits, pattern, read } = this.#judged.of(body);
    if (bits >= PREDICTABLE_BITS) {
      const reason = pattern === 'words' ? 'identifier' : 'placeholder';
      return followsCharacter(bytes, start) ? [] : [{ end, confidence: 'low', reasons: [reason] }];
    }
    if (isPiece(bytes, start, end)) return [{ end, confidence: 'low', reasons: ['cut_by_line_end'] }];
    const begins = stored.some((text) => text.begins && text.end === end);
    const glued = !begins && !isLoose && this.#isGlued(bytes, start, end, body);
    const loose = isLoose ? this.#loose(bytes, from, end, body, stored) : [];
    const random = (at: number): Reading => {
      const reasons: Reason[] = ['random_body'];
      if (stored.some((text) => text.isSure && text.end === at)) reasons.push('stored_length');
      if (this.#hasCompanion(bytes, at)) reasons.push('with_companion');
      if (loose.length > 0) reasons.push('loose_end');
      return glued
        ? { end: at, confidence: 'low', reasons: ['glued', ...reasons] }
        : { end: at, confidence: 'high', reasons };
    };
    return this.#withOthers(random, from, end, body, read, loose);
  }

  /**
   * The body as it stands, and beside it as it is where `-` or `_` only joins something to it; the surer one first.
   * @param read after how many characters the body was known to be random.
   */
  #withOthers(
    random: (end: number) => Reading,
    from: number,
    end: number,
    body: string,
    read: number,
    loose: readonly Ending[],
  ): Reading[] {
    const others = united(this.#endings.of(body), loose).filter(
      ({ length }) => length >= read || this.#isRandom(body.slice(0, length)),
    );
    const [first] = others;
    const ends = [end, ...others.map(({ length }) => from + length)];
    const best = first !== undefined && first.bits >= PREDICTABLE_BITS ? from + first.length : end;
    const rest = ends.filter((one) => one !== best);
    return [random(best), ...rest.map(otherReading)];
  }

  /** Where it may end among other bytes, where other values may follow with nothing between. */
  #loose(
    bytes: Uint8Array,
    from: number,
    end: number,
    body: string,
    stored: readonly Stored[],
  ): readonly Ending[] {
    const said = stored
      .map(({ end: place }) => place - from)
      .filter((length) => length < body.length)
      .map((length) => ({ length, bits: STORED_BITS + evidenceAt(body, length) }));
    const usual = isSetOff(bytes, end) ? [] : usualEnds(body, this.rule.body.min);
    return united(this.#looseEnds.of(body), [...said, ...usual]);
  }

  /** Longer than any token: something is joined to it, if it is one. */
  #overlong(bytes: Uint8Array, from: number, end: number, isLoose: boolean): Reading[] {
    const body = latin1(bytes, from, end);
    if (isLoose) {
      const ends = this.#looseEnds.of(body).filter((one) => this.#isRandom(body.slice(0, one.length)));
      const readings = ends.map(({ length }) => otherReading(from + length));
      if (readings.length > 0)
        return [
          { ...readings[0]!, confidence: 'high', reasons: ['random_body', 'loose_end'] },
          ...readings.slice(1),
        ];
    }
    const joint = /[-_]/.exec(body.slice(this.rule.body.min));
    const length = this.rule.body.min + (joint?.index ?? body.length);
    const whole: Reading = { end, confidence: 'low', reasons: ['overlong'] };
    if (length >= body.length || !this.#isRandom(body.slice(0, length))) return [whole];
    return [whole, otherReading(from + length)];
  }

  #isRandom(body: string): boolean {
    return this.#judged.of(body).bits < PREDICTABLE_BITS;
  }

  /**
   * Whether a random body's prefix is the end of a longer word. It is not where another token ends before it, where the
   * byte before says how long the token is, or where no name ends like this: in three kinds of characters.
   */
  #isGlued(bytes: Uint8Array, start: number, end: number, body: string): boolean {
    if (!followsCharacter(bytes, start) || bytes[start - 1] === end - start) return false;
    if (this.#followsToken(bytes, start)) return false;
    const mixed = /[0-9]/.test(body) && /[a-z]/.test(body) && /[A-Z]/.test(body);
    return !mixed || body.length < UNMISTAKABLE || predictability(body, this.rule.body.min, 0).bits > 0;
  }

  #followsToken(bytes: Uint8Array, start: number): boolean {
    const { min, max } = this.rule.body;
    const before = this.#prefixes.lastBefore(bytes, start, max);
    if (before === undefined || start - before < min || start - before > max) return false;
    const body = bytes.subarray(before, start);
    return body.every((byte) => this.#body[byte] === 1) && this.#isRandom(latin1(bytes, before, start));
  }

  /** A body too short to be whole is a lead where something cut it, and where it looks like no word. */
  #lead(bytes: Uint8Array, from: number, end: number, ended: boolean): Reason | undefined {
    if (end - from < SHORTEST_LEAD) return undefined;
    const cut = cutOf(bytes, from, end, ended);
    if (cut === undefined) return undefined;
    const body = latin1(bytes, from, end);
    if (!/[0-9]/.test(body) && !(/[a-z]/.test(body) && /[A-Z]/.test(body.slice(1)))) return undefined;
    return predictability(body, SHORTEST_LEAD, LEAD_BITS).bits > LEAD_BITS ? undefined : cut;
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
