import { Fillers } from './fillers.js';
import { letterOf, probability } from './spelling.js';

/** How many experts there are, of which the first know words, and the next patterns. */
export const EXPERTS = 23;
export const WORDS = 7;
export const PATTERNS = 8;

/**
 * What each expert expects of the next character, as a probability: seven styles of names (snake, upper snake, kebab,
 * upper kebab, camel, words run together in either case), eight patterns (run, ascending, descending, rows and columns of
 * a keyboard, two sequences in turns, repetition, filler), and random characters of eight alphabets. Characters come one at
 * a time, and what an expert gives to all of them sums to at most 1.
 */
export class Expectations {
  readonly #likelihoods = new Float64Array(EXPERTS);
  readonly #codes = new Uint8Array(LONGEST_TEXT);
  readonly #fillers = new Fillers();
  #length = 0;
  /** Three letters before, as far as they belong to one word: in names that join by a character, and by capitals. */
  #joined = 0;
  #humped = 0;

  /** Forgets what came before. */
  begin(): void {
    this.#length = 0;
    this.#joined = 0;
    this.#humped = 0;
    this.#fillers.begin();
  }

  /** The likelihoods of the character that comes, which is known from then on. Valid until the next call. */
  of(code: number): Float64Array {
    const into = this.#likelihoods;
    const previous = this.#length === 0 ? 0 : this.#codes[this.#length - 1]!;
    this.#words(code, previous, into);
    const before = this.#length < 2 ? 0 : this.#codes[this.#length - 2]!;
    into[WORDS] = expected(code, this.#length === 0 ? 0 : previous);
    into[WORDS + 1] = eitherCase(code, ASCENDING[previous]!);
    into[WORDS + 2] = eitherCase(code, DESCENDING[previous]!);
    into[WORDS + 3] = either(code, ROWS[previous]!, ROWS_BACK[previous]!);
    into[WORDS + 4] = either(code, COLUMNS[previous]!, COLUMNS_BACK[previous]!);
    into[WORDS + 5] = inTurns(code, before);
    into[WORDS + 6] = expected(code, this.#repeated());
    into[WORDS + 7] = this.#fillers.likelihood(code);
    for (let index = 0; index < ALPHABETS; index++)
      into[WORDS + PATTERNS + index] = UNIFORM[code * ALPHABETS + index]!;
    this.#learn(code);
    return into;
  }

  #learn(code: number): void {
    if (this.#length < LONGEST_TEXT) this.#codes[this.#length++] = code;
    const letter = letterOf(code);
    this.#joined = letter === 0 ? 0 : letter + 27 * (this.#joined % 729);
    this.#humped = letter === 0 ? 0 : isUpper(code) ? letter : letter + 27 * (this.#humped % 729);
    this.#fillers.learn(code);
  }

  #words(code: number, previous: number, into: Float64Array): void {
    const inWord = letterOf(previous) !== 0;
    const outside = isDigit(previous) ? 0.3 : 0;
    const edge = inWord ? probability(this.#joined * 27) : outside;
    const hump = inWord ? probability(this.#humped * 27) : outside;
    const letter = letterOf(code);
    let lower = 0;
    let upper = 0;
    let snake = 0;
    let kebab = 0;
    let camel = 0;
    let together = 0;
    if (isDigit(code)) {
      lower = upper = together = (inWord ? edge * 0.08 : edge > 0 ? 0.55 : 0.08) / 10;
      camel = (inWord ? hump * 0.08 : hump > 0 ? 0.55 : 0.08) / 10;
    } else if (letter === 0) {
      if (code === LOW_LINE) snake = edge * 0.92;
      else kebab = code === DASH ? edge * 0.92 : 0;
      camel = hump * 0.04;
    } else {
      const start = probability(letter);
      const likelihood = inWord ? probability(this.#joined * 27 + letter) : start * (edge > 0 ? 0.1 : 0.9);
      together = inWord ? 0.95 * (likelihood + edge * start) : likelihood;
      if (isUpper(code)) upper = likelihood;
      else lower = likelihood;
      if (!inWord) camel = start * (hump > 0 ? 0.15 : 0.45);
      else camel = isUpper(code) ? hump * 0.84 * start : probability(this.#humped * 27 + letter);
    }
    into[0] = 0.98 * (lower + snake) + LEFT;
    into[1] = 0.98 * (upper + snake) + LEFT;
    into[2] = 0.98 * (lower + kebab) + LEFT;
    into[3] = 0.98 * (upper + kebab) + LEFT;
    into[4] = 0.98 * camel + LEFT;
    into[5] = 0.98 * (letter !== 0 && isUpper(code) ? 0 : together) + LEFT;
    into[6] = 0.98 * (letter !== 0 && !isUpper(code) ? 0 : together) + LEFT;
  }

  /** What followed the last time that the two characters before stood here; 0 where they are new. */
  #repeated(): number {
    const codes = this.#codes;
    const length = this.#length;
    const first = codes[length - 2];
    const second = codes[length - 1];
    for (let at = length - 3; at >= 0; at--) {
      if (codes[at] === first && codes[at + 1] === second) return codes[at + 2]!;
    }
    return 0;
  }
}

/** More than any body has. */
const LONGEST_TEXT = 512;
const LOW_LINE = 0x5f;
const DASH = 0x2d;
/** What an expert of words leaves to every character. */
const LEFT = 0.02 / 64;
/** Probability left to every character that an expert of patterns does not expect: the 64 shares sum to a tenth. */
const REST = 0.1 / 64;

function expected(code: number, guess: number): number {
  if (guess === 0) return 1 / 64;
  return code === guess ? 0.9 + REST : REST;
}

/** One of two characters; the first rather than the second. */
function either(code: number, first: number, second: number): number {
  if (first === 0) return 1 / 64;
  if (code === first) return 0.6 + REST;
  return code === second ? 0.3 + REST : REST;
}

/** A letter in the case that is expected, or in the other. */
function eitherCase(code: number, guess: number): number {
  return letterOf(guess) === 0 ? expected(code, guess) : either(code, guess, guess ^ 0x20);
}

/** What follows the character before the last: the same, its neighbour in the alphabet or on the keyboard. */
function inTurns(code: number, before: number): number {
  if (before === 0) return 1 / 64;
  const after = ASCENDING[before]!;
  if (code === after) return 0.4 + REST;
  if (code === DESCENDING[before]) return 0.2 + REST;
  if (code === before || code === AROUND[before]) return 0.1 + REST;
  const isOther = code === ROWS[before] || (letterOf(after) !== 0 && code === (after ^ 0x20));
  return isOther ? 0.05 + REST : REST;
}

const ORDERS = ['0123456789abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const ASCENDING = neighbours(ORDERS, 1);
const DESCENDING = neighbours(ORDERS, -1);
/** Digits and hex digits begin again after the last. */
const AROUND = neighbours(['0123456789', 'abcdef', 'ABCDEF'], 1);
const KEYBOARD_ROWS = ['1234567890qwertyuiopasdfghjklzxcvbnm', 'QWERTYUIOPASDFGHJKLZXCVBNM'];
const ROWS = neighbours(KEYBOARD_ROWS, 1);
const ROWS_BACK = neighbours(KEYBOARD_ROWS, -1);
const KEYBOARD_COLUMNS = ['1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p', 'QAZWSXEDCRFVTGBYHNUJMIKOLP'];
const COLUMNS = neighbours(KEYBOARD_COLUMNS, 1);
const COLUMNS_BACK = neighbours(KEYBOARD_COLUMNS, -1);

/** What stands beside each character, by its code; the ends meet. */
function neighbours(orders: readonly string[], step: 1 | -1): Uint8Array {
  const table = new Uint8Array(256);
  for (const order of orders) {
    for (let index = 0; index < order.length; index++) {
      table[order.charCodeAt(index)] = order.charCodeAt((index + step + order.length) % order.length);
    }
  }
  return table;
}

/**
 * Random characters of an alphabet: what a body is made of beside what is expected of it. First letters of one case, as a
 * name has that is spelt like no word: `_` and `-` of random characters come with both cases. Then what services make
 * bodies of.
 */
const RANDOM: readonly (readonly [RegExp, number])[] = [
  [/[a-z_]/, 27],
  [/[A-Z_]/, 27],
  [/[a-z-]/, 27],
  [/[a-z0-9_]/, 37],
  [/[A-Z0-9_]/, 37],
  [/[0-9a-f]/, 16],
  [/[0-9a-z]/, 36],
  [/./, 64],
];
const ALPHABETS = RANDOM.length;
/** By character, and then by alphabet. */
const UNIFORM = Float64Array.from({ length: 256 * ALPHABETS }, (_, index) => {
  const [alphabet, size] = RANDOM[index % ALPHABETS]!;
  const character = String.fromCharCode(Math.floor(index / ALPHABETS));
  return (alphabet.test(character) ? 0.98 / size : 0) + LEFT;
});

/**
 * How likely each expert is before anything is seen, chosen on names of words that the spelling was trained on: most
 * names are in snake case, then camel case, then joined by dashes. Together 1.
 */
export const PRIORS = normalized([
  ...[26, 5, 14, 2, 26, 3, 2],
  ...[12, 8, 4, 2, 2, 8, 8, 8],
  ...[8, 3, 5, 5, 3],
  ...[0.5, 0.5, 1],
]);

function normalized(weights: readonly number[]): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Float64Array.from(weights, (weight) => weight / total);
}

function isUpper(code: number): boolean {
  return code >= 65 && code <= 90;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
