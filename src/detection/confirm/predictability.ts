import { WORD_COSTS } from './words.generated.js';

/** What made a body predictable: spelt like words, or a run, sequence, keyboard row or repetition. */
export type Pattern = 'words' | 'pattern';

export interface Predictability {
  /**
   * How many bits shorter the body becomes under the model than as random characters; the least over all its
   * beginnings of `atLeast` characters or more.
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
 * That holds for a beginning of the body alone, too: what follows a token without a boundary can't make it predictable.
 */
export function predictability(body: string, atLeast: number): Predictability {
  const model = new Mixture();
  let bits = Number.POSITIVE_INFINITY;
  for (let length = 1; length <= body.length; length++) {
    model.learn(body, length - 1);
    if (length < Math.min(atLeast, body.length)) continue;
    bits = Math.min(bits, length * alphabetBits(body.slice(0, length)) - model.bits);
  }
  return { bits, pattern: model.wordBits < model.patternBits ? 'words' : 'pattern' };
}

/** Bits that a random character carries in the narrowest alphabet a service may use for this text: 16, 32, 62 or 64 characters. */
function alphabetBits(text: string): number {
  if (/^(?:[0-9a-f]*|[0-9A-F]*)$/.test(text)) return 4;
  if (/^(?:[0-9a-z]*|[0-9A-Z]*)$/.test(text)) return 5;
  return /^[0-9A-Za-z]*$/.test(text) ? Math.log2(62) : 6;
}

type Expert = (body: string, at: number) => number;

/** Probability left to every character that an expert does not expect: the 64 shares sum to a tenth. */
const REST = 0.1 / 64;
/** How much of the weight is dealt out anew at each character, so that a body may turn from words to digits. */
const SHARE = 0.03;

/** Experts weighed by how well each has predicted so far: Bayes' rule with a fixed share (Herbster and Warmuth, 1998). */
class Mixture {
  bits = 0;
  wordBits = 0;
  patternBits = 0;
  readonly #weights = EXPERTS.map(() => 1 / EXPERTS.length);

  learn(body: string, at: number): void {
    const likelihoods = EXPERTS.map((expert) => expert(body, at));
    const joint = likelihoods.map((likelihood, index) => likelihood * this.#weights[index]!);
    const total = joint.reduce((sum, part) => sum + part, 0);
    this.bits -= Math.log2(total);
    this.wordBits -= Math.log2(likelihoods[1]!);
    this.patternBits -= Math.log2(Math.max(...likelihoods.slice(2)));
    for (const [index, part] of joint.entries()) {
      this.#weights[index] = ((1 - SHARE) * part) / total + SHARE / EXPERTS.length;
    }
  }
}

const uniform: Expert = () => 1 / 64;

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

function expected(character: string, guess: string | undefined): number {
  if (guess === undefined) return 1 / 64;
  return character === guess ? 0.9 + REST : REST;
}

/** Identifiers: words of letters, numbers, and what joins them; in one case, capitalized or in camel case. */
const words: Expert = (body, at) => {
  const character = body[at]!;
  const previous = body[at - 1] ?? '_';
  if (!isLetter(previous)) return afterJoint(character, isDigit(previous));
  const context = letterOf(body[at - 2]) * 27 + letterOf(previous);
  if (!isLetter(character)) {
    const edge = probability(context * 27);
    if (character === '_') return edge * 0.6;
    return character === '-' ? edge * 0.1 : (edge * 0.1) / 10;
  }
  const wasLower = isLower(previous);
  const isLowerNow = isLower(character);
  const within = probability(context * 27 + letterOf(character));
  if (wasLower && !isLowerNow) return probability(context * 27) * 0.2 * start(character);
  if (wasLower) return within;
  return (
    within *
    (isLowerNow ? (isLetter(body[at - 2] ?? '_') ? 0.1 : 0.5) : isLetter(body[at - 2] ?? '_') ? 0.9 : 0.5)
  );
};

function afterJoint(character: string, afterDigit: boolean): number {
  if (isLetter(character)) {
    return start(character) * (isLower(character) ? 0.6 : 0.4) * (afterDigit ? 0.15 : 0.85);
  }
  if (isDigit(character)) return (afterDigit ? 0.65 : 0.1) / 10;
  return character === '_' ? (afterDigit ? 0.15 : 0.03) : afterDigit ? 0.05 : 0.02;
}

let costs: Uint8Array | undefined;

function probability(index: number): number {
  costs ??= Buffer.from(WORD_COSTS, 'base64');
  return 2 ** (-costs[index]! / 8);
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

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9';
}

const EXPERTS: readonly Expert[] = [uniform, words, run, ascending, descending, keyboard, repetition];
