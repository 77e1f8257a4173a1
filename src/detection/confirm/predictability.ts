import { EXPERTS, Expectations, PATTERNS, PRIORS, WORDS } from './experts.js';

/**
 * Bits of predictability from which a body is no longer taken for random: a model of what people write makes it that much
 * shorter than random characters are. A random body reaches it with a probability of less than 2^-20, one in a million; one
 * that words follow without a boundary, of less than 2^-10.
 */
export const PREDICTABLE_BITS = 20;

/** What made a body predictable: spelt like words, or a run, sequence, keyboard row or repetition. */
export type Pattern = 'words' | 'pattern';

export interface Predictability {
  /**
   * How many bits shorter the body becomes under the model than as random characters; at most {@link TAIL_BITS} more
   * than for any beginning of `atLeast` characters or more.
   */
  readonly bits: number;
  readonly pattern: Pattern;
  /** How many characters it took to know: of texts that begin with these, no longer one reaches what was needed. */
  readonly read: number;
}

/**
 * Measures how predictable a body is: the likelihood ratio between a model Q of what people write (words, runs,
 * sequences, repetitions) and uniform random characters of the narrowest alphabet that the body fits.
 *
 * Q gives every next character a probability, and these sum to at most 1, so Q is a distribution over texts. Under a
 * uniform distribution U the expectation of Q/U is then at most 1, and by Markov's inequality a random body reaches
 * `bits ≥ t` with a probability of at most 2^-t, whatever its length and alphabet (of those in {@link Alphabet}).
 *
 * What follows a token without a boundary (`…_production_backup`) must not make it predictable: every beginning has to
 * reach `t - TAIL_BITS`, which a random one does with a probability of at most 2^-(t - TAIL_BITS).
 *
 * @param needed where only whether this many bits are reached is asked: random bodies then need not be read to their end.
 */
export function predictability(body: string, atLeast: number, needed = -Infinity): Predictability {
  const model = MIXTURE.begin();
  const alphabet = new Alphabet();
  let bits = 0;
  let least = Number.POSITIVE_INFINITY;
  let length = 1;
  for (; length <= body.length; length++) {
    const code = body.charCodeAt(length - 1);
    model.learn(code);
    alphabet.add(code);
    if (length < Math.min(atLeast, body.length)) continue;
    bits = length * alphabet.bits - model.bits;
    least = Math.min(least, bits);
    if (least + TAIL_BITS < needed) break;
  }
  return {
    bits: Math.min(bits, least + TAIL_BITS),
    pattern: model.pattern,
    read: Math.min(length, body.length),
  };
}

/** Fewer characters than these say nothing by themselves; more bits than these are a word, a number or a name. */
const FEWEST = 8;
const FEWEST_LETTERS = 12;
const WORD_BITS = 4;

/** Whether a few characters are of both cases, with digits or more of them, and like nothing that people write. */
export function isUnmistakable(text: string): boolean {
  if (!/[a-z]/.test(text) || !/[A-Z]/.test(text)) return false;
  const fewest = /[0-9]/.test(text) ? FEWEST : FEWEST_LETTERS;
  return text.length >= fewest && predictability(text, fewest, WORD_BITS).bits <= WORD_BITS;
}

/**
 * What a text costs under the model, in bits: about 2 to 3 a letter for words, 6 for random characters.
 * @param most where it is of no interest how much more it is.
 */
export function costOf(text: string, most: number): number {
  const model = MIXTURE.begin();
  for (let at = 0; at < text.length && model.bits <= most; at++) model.learn(text.charCodeAt(at));
  return model.bits;
}

/** What each beginning of a text costs under the model, in bits: of none, of one character, and so on. */
export function costsOf(text: string): number[] {
  const model = MIXTURE.begin();
  const costs = [0];
  for (let at = 0; at < text.length; at++) {
    model.learn(text.charCodeAt(at));
    costs.push(model.bits);
  }
  return costs;
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

/** How much of the weight is dealt out anew at each character, so that a body may turn from words to digits. */
const SHARE = 0.1;

/** Experts weighed by how well each has predicted so far: Bayes' rule with a fixed share (Herbster and Warmuth, 1998). */
class Mixture {
  readonly #expectations = new Expectations();
  readonly #weights = PRIORS.slice();
  readonly #all = new Product();
  /** How far those of words have been trusted, less those of patterns: summed up over all characters. */
  #trust = 0;

  /** Forgets what it has learned. */
  begin(): this {
    this.#weights.set(PRIORS);
    this.#all.begin();
    this.#trust = 0;
    this.#expectations.begin();
    return this;
  }

  /** What the text costs. */
  get bits(): number {
    return this.#all.bits;
  }

  /** What made it cheap. */
  get pattern(): Pattern {
    return this.#trust > 0 ? 'words' : 'pattern';
  }

  learn(code: number): void {
    const likelihoods = this.#expectations.of(code);
    const weights = this.#weights;
    let total = 0;
    let trust = 0;
    for (let index = 0; index < EXPERTS; index++) {
      const weight = weights[index]! * likelihoods[index]!;
      weights[index] = weight;
      total += weight;
      if (index < WORDS) trust += weight;
      else if (index < WORDS + PATTERNS) trust -= weight;
    }
    const kept = (1 - SHARE) / total;
    for (let index = 0; index < EXPERTS; index++) weights[index] = kept * weights[index]! + DEALT[index]!;
    this.#all.times(total);
    this.#trust += trust / total;
  }
}

const DEALT = PRIORS.map((prior) => SHARE * prior);

/** A product of probabilities, as bits: logarithms are dear, so they are taken of many at once. */
class Product {
  #factor = 1;
  #bits = 0;

  get bits(): number {
    return this.#bits - Math.log2(this.#factor);
  }

  begin(): void {
    this.#factor = 1;
    this.#bits = 0;
  }

  times(probability: number): void {
    this.#factor *= probability;
    if (this.#factor > 1e-200) return;
    this.#bits -= Math.log2(this.#factor);
    this.#factor = 1;
  }
}

/** One for all, one text after the other: making one costs as much as it does to read ten characters. */
const MIXTURE = new Mixture();
