import { inflateRawSync } from 'node:zlib';
import { WORD_COSTS } from './words.generated.js';

/** What made a body predictable: spelt like words, or a run, sequence, keyboard row or repetition. */
export type Pattern = 'words' | 'pattern';

export interface Predictability {
  /**
   * How many bits shorter the body becomes under the model than as random characters; at most {@link TAIL_BITS} more
   * than for any beginning of `atLeast` characters or more.
   */
  readonly bits: number;
  readonly pattern: Pattern;
}

/**
 * Measures how predictable a body is: the likelihood ratio between a model Q of what people write (words, runs,
 * sequences, repetitions) and uniform random characters of the narrowest alphabet that the body fits.
 *
 * Q gives every next character a probability, and these sum to at most 1, so Q is a distribution over texts. Under a
 * uniform distribution U the expectation of Q/U is then at most 1, and by Markov's inequality a random body reaches
 * `bits ≥ t` with a probability of at most 2^-t, whatever its length and alphabet (of those in {@link alphabetBits}).
 *
 * What follows a token without a boundary (`…_production_backup`) must not make it predictable: every beginning has to
 * reach `t - TAIL_BITS`, which a random one does with a probability of at most 2^-(t - TAIL_BITS).
 */
export function predictability(body: string, atLeast: number): Predictability {
  const model = new Mixture();
  const alphabet = new Alphabet();
  let bits = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let length = 1; length <= body.length; length++) {
    model.learn(body, length - 1);
    alphabet.add(body.charCodeAt(length - 1));
    if (length < Math.min(atLeast, body.length)) continue;
    bits = length * alphabet.bits - model.bits;
    least = Math.min(least, bits);
  }
  return {
    bits: Math.min(bits, least + TAIL_BITS),
    pattern: model.wordBits < model.patternBits ? 'words' : 'pattern',
  };
}

/**
 * How far a beginning may fall behind the whole: names begin with what is hard to guess, and go on to show that they
 * are names.
 */
const TAIL_BITS = 10;

/** The narrowest alphabet a service may use for the characters so far: 16, 32, 62 or 64 characters. */
class Alphabet {
  #lower = false;
  #upper = false;
  #beyondHex = false;
  #other = false;

  add(code: number): void {
    const letter = code | 32;
    if (code >= 48 && code <= 57) return;
    if (letter < 97 || letter > 122) {
      this.#other = true;
      return;
    }
    if (letter > 102) this.#beyondHex = true;
    if (code === letter) this.#lower = true;
    else this.#upper = true;
  }

  /** What a random character of it carries. */
  get bits(): number {
    if (this.#other) return 6;
    if (this.#lower && this.#upper) return Math.log2(62);
    return this.#beyondHex ? 5 : 4;
  }
}

type Expert = (body: string, at: number) => number;

/** Probability left to every character that an expert does not expect: the 64 shares sum to a tenth. */
const REST = 0.1 / 64;
/** How much of the weight is dealt out anew at each character, so that a body may turn from words to digits. */
const SHARE = 0.05;

/** Experts weighed by how well each has predicted so far: Bayes' rule with a fixed share (Herbster and Warmuth, 1998). */
class Mixture {
  bits = 0;
  wordBits = 0;
  patternBits = 0;
  readonly #weights = Float64Array.from(PRIORS);
  readonly #likelihoods = new Float64Array(PRIORS.length);

  learn(body: string, at: number): void {
    const likelihoods = this.#likelihoods;
    const weights = this.#weights;
    let total = 0;
    let word = 0;
    let pattern = 0;
    for (let index = 0; index < likelihoods.length; index++) {
      const likelihood = EXPERTS[index]!(body, at);
      likelihoods[index] = likelihood * weights[index]!;
      total += likelihoods[index]!;
      if (index < WORDS.length) word = Math.max(word, likelihood);
      else if (index < WORDS.length + PATTERNS.length) pattern = Math.max(pattern, likelihood);
    }
    this.bits -= Math.log2(total);
    this.wordBits -= Math.log2(word);
    this.patternBits -= Math.log2(pattern);
    for (let index = 0; index < weights.length; index++) {
      weights[index] = ((1 - SHARE) * likelihoods[index]!) / total + SHARE * PRIORS[index]!;
    }
  }
}

/** Random characters of an alphabet: what a body is made of beside what is expected of it. */
function uniform(alphabet: RegExp, size: number): Expert {
  const likelihoods = Float64Array.from(
    { length: 256 },
    (_, code) => (alphabet.test(String.fromCharCode(code)) ? 0.98 / size : 0) + 0.02 / 64,
  );
  return (body, at) => likelihoods[body.charCodeAt(at)]!;
}

const run: Expert = (body, at) => expected(body[at]!, body[at - 1]);

const ascending: Expert = (body, at) => expected(body[at]!, ORDER.get(body[at - 1] ?? '')?.next);
const descending: Expert = (body, at) => expected(body[at]!, ORDER.get(body[at - 1] ?? '')?.previous);
const keyboard: Expert = (body, at) => expected(body[at]!, KEYBOARD.get(body[at - 1] ?? '')?.next);

const ORDER = neighbours(['0123456789abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ']);
const KEYBOARD = neighbours(['1234567890qwertyuiopasdfghjklzxcvbnm', 'QWERTYUIOPASDFGHJKLZXCVBNM']);

/** What stands beside each character; the ends meet. */
function neighbours(
  orders: readonly string[],
): Map<string, { readonly next: string; readonly previous: string }> {
  return new Map(
    orders.flatMap((order) =>
      [...order].map((character, index) => [
        character,
        { next: order[(index + 1) % order.length]!, previous: order.at(index - 1)! },
      ]),
    ),
  );
}

/** Expects what followed the last time that these two characters stood here. */
const repetition: Expert = (body, at) => {
  const before = at < 2 ? -1 : body.lastIndexOf(body.slice(at - 2, at), at - 3);
  return expected(body[at]!, before === -1 ? undefined : body[before + 2]);
};

/** Words that people fill fields with, and that no model of spelling knows. */
const FILLERS = ['deadbeef', 'cafebabe', 'feedface', 'badcafe', 'c0ffee', 'foobar', 'asdf', 'x'];

/** Beginnings of fillers, the longest first, and the character that goes on. */
const FILLER_STARTS = FILLERS.flatMap((word) =>
  Array.from({ length: Math.max(0, word.length - 3) }, (_, index) => ({
    start: word.slice(0, index + 3),
    next: word[index + 3]!,
  })),
).sort((a, b) => b.start.length - a.start.length);
const FILLER_FIRST = new Set(FILLERS.map((word) => word[0]));

/** Expects a filler to go on, or another to begin behind it. */
const filler: Expert = (body, at) => {
  const character = body[at]!;
  if (at >= 3) {
    const before = body.slice(Math.max(0, at - 8), at).toLowerCase();
    for (const { start, next } of FILLER_STARTS) {
      if (before.endsWith(start)) {
        return expected(character.toLowerCase(), next) * (isUpper(character) ? 0.1 : 0.9);
      }
    }
  }
  return FILLER_FIRST.has(character) ? 0.9 / 8 : 0.1 / 64;
};

function expected(character: string, guess: string | undefined): number {
  if (guess === undefined) return 1 / 64;
  return character === guess ? 0.9 + REST : REST;
}

/** How a name in code joins its words: by a character, or by capitals. */
interface NameStyle {
  readonly joint: '_' | '-' | 'capital';
  readonly upper: boolean;
}

/** Expects names of one style: words of letters, numbers, and what joins them. */
function words({ joint, upper }: NameStyle): Expert {
  return (body, at) => 0.98 * next(body, at) + 0.02 / 64;

  function next(body: string, at: number): number {
    const character = body[at]!;
    const previous = body[at - 1];
    const inWord = previous !== undefined && isLetter(previous);
    const context = inWord ? within(body, at) : 0;
    const edge = inWord ? probability(context * 27) : previous !== undefined && isDigit(previous) ? 0.3 : 0;
    if (isDigit(character)) return (inWord ? edge * 0.08 : edge > 0 ? 0.55 : 0.08) / 10;
    if (!isLetter(character)) {
      if (joint === 'capital') return edge * 0.04;
      return character === joint ? edge * 0.92 : 0;
    }
    const capital = !isLower(character);
    if (joint !== 'capital') {
      if (capital !== upper) return 0;
      return inWord
        ? probability(context * 27 + letterOf(character))
        : start(character) * (edge > 0 ? 0.1 : 0.9);
    }
    if (!inWord) return start(character) * (edge > 0 ? 0.15 : 0.45);
    return capital ? edge * 0.84 * start(character) : probability(context * 27 + letterOf(character));
  }

  /** The three letters before, as far as they belong to one word. */
  function within(body: string, at: number): number {
    let context = 0;
    let unit = 1;
    for (let index = at - 1; index >= at - 3 && index >= 0; index--) {
      const character = body[index]!;
      if (!isLetter(character)) break;
      context += unit * letterOf(character);
      unit *= 27;
      if (joint === 'capital' && !isLower(character)) break;
    }
    return context;
  }
}

let costs: Uint8Array | undefined;

/** By cost. */
const PROBABILITIES = Float64Array.from({ length: 256 }, (_, cost) => 2 ** (-cost / 4));

/** @param index a context of three letters, and the letter after them. */
function probability(index: number): number {
  costs ??= costsOf();
  return PROBABILITIES[costs[index]!]!;
}

function costsOf(): Uint8Array {
  const parts = inflateRawSync(Buffer.from(WORD_COSTS, 'base64'));
  const size = 27 ** 3;
  const long = new Uint8Array(parts.buffer, parts.byteOffset + size, size * 27);
  return long.map((more, index) => more + parts[index % size]!);
}

function start(letter: string): number {
  return probability(letterOf(letter));
}

/** 1 to 26; 0 for what is no letter. */
function letterOf(character: string | undefined): number {
  return character !== undefined && isLetter(character) ? (character.charCodeAt(0) | 32) - 96 : 0;
}

function isLetter(character: string): boolean {
  const code = character.charCodeAt(0) | 32;
  return code >= 97 && code <= 122;
}

function isLower(character: string): boolean {
  return character >= 'a' && character <= 'z';
}

function isUpper(character: string): boolean {
  return character >= 'A' && character <= 'Z';
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9';
}

const WORDS: readonly Expert[] = [
  words({ joint: '_', upper: false }),
  words({ joint: '_', upper: true }),
  words({ joint: '-', upper: false }),
  words({ joint: '-', upper: true }),
  words({ joint: 'capital', upper: false }),
];
const PATTERNS: readonly Expert[] = [run, ascending, descending, keyboard, repetition, filler];
/** Letters of one case, as a name has that is spelt like no word: `_` and `-` of random characters come with both cases. */
const NARROW: readonly Expert[] = [
  uniform(/[a-z_]/, 27),
  uniform(/[A-Z_]/, 27),
  uniform(/[a-z-]/, 27),
  uniform(/[a-z0-9_]/, 37),
  uniform(/[A-Z0-9_]/, 37),
];
const RANDOM: readonly Expert[] = [uniform(/[0-9a-f]/, 16), uniform(/[0-9a-z]/, 36), uniform(/./, 64)];
const EXPERTS: readonly Expert[] = [...WORDS, ...PATTERNS, ...NARROW, ...RANDOM];
/**
 * How likely each expert is before anything is seen, chosen on names of words that the spelling was trained on: most
 * names are in snake case, then camel case, then joined by dashes. Together 1.
 */
const PRIORS = normalized([
  ...[26, 5, 14, 2, 26],
  ...[2, 1, 1, 1, 3, 2],
  ...[8, 3, 5, 5, 3],
  ...[0.5, 0.5, 1],
]);

function normalized(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
