import type { Ending } from './ending.js';
import { costsOf } from './predictability.js';

/** Lengths that bodies have as a rule: bytes in hex, base62 and base64, UUIDs. */
const USUAL: readonly number[] = [32, 40, 43, 36, 48, 64, 24, 20, 22, 16];
/** What speaks for one of them, in bits: as many as they are fewer than all. */
const USUAL_BITS = 6;
/** Bits that must speak for an end: a random body has one in a thirtieth of all cases (see the tests). */
const WORTH_BITS = 8;
/** As many bits cheaper must words be for a turn to be looked at. */
const LEAST_GAIN = 2;
/** How much later than it begins a word may be known to be one, or to be of other characters; and how much earlier. */
const LATE = 4;
const EARLY = 2;
/** As much is read of what follows, and of all of it: a crafted file may be full of such. */
const LONGEST = 14;
const LONGEST_RUN = 128;
/** Ends that are told: each is a probe. */
const MOST = 3;
/** What follows and looks like nothing is no longer than this: a number, a mark of a kind, a short name. */
const SHORT = 12;

/** Alphabets of tokens that are narrower than all of it, the narrowest first, and the bits of a random character. */
const ALPHABETS: readonly (readonly [RegExp, number])[] = [
  [/^(?:[0-9a-f]+|[0-9A-F]+|)/, 4],
  [/^(?:[0-9a-z]+|[0-9A-Z]+|)/, Math.log2(36)],
];

/**
 * Where a body may end that other values follow with nothing between, the likeliest first: where it turns from random
 * characters to words, or to characters of another kind.
 */
export function looseEnds(run: string, atLeast: number): Ending[] {
  const body = run.slice(0, LONGEST_RUN);
  const narrow = ALPHABETS.map(([pattern]) => pattern.exec(body)![0].length);
  const tried = [turnOf(body, atLeast), ...narrow].filter(
    (length) => length >= atLeast && length <= body.length,
  );
  const near = new Set(
    tried.flatMap((last) => Array.from({ length: LATE + EARLY + 1 }, (_, index) => last + EARLY - index)),
  );
  return [...near]
    .filter((length) => length >= atLeast && length < run.length)
    .map((length) => ({ length, bits: evidenceAt(body, length) }))
    .filter(({ bits }) => bits >= WORTH_BITS)
    .sort((a, b) => b.bits - a.bits)
    .slice(0, MOST);
}

export function isUsualLength(length: number): boolean {
  return USUAL.includes(length);
}

/**
 * Where bodies end as a rule, shortly before this one does; unless it ends so itself, and no word or number may be what makes
 * it that long. Nothing else speaks for them.
 */
export function usualEnds(body: string, atLeast: number): Ending[] {
  const isUsual = isUsualLength(body.length);
  return USUAL.filter((length) => length >= Math.max(atLeast, body.length - SHORT) && length < body.length)
    .filter((length) => !isUsual || (WORD.test(body.slice(length)) && MIXED.test(body.slice(0, length))))
    .map((length) => ({ length, bits: 0 }));
}

/** Three characters of a kind at the end, which a body of all kinds has in a twelfth of all cases at most. */
const WORD = /^(?:[a-z]{3,}|[A-Z]{3,}|\d{3,})$/;
const MIXED = /[a-z].*[A-Z]|[A-Z].*[a-z]/;

/** Where it turns to words: from there on words are cheaper than random characters, by the most bits in all. */
function turnOf(body: string, atLeast: number): number {
  const costs = costsOf(body);
  const random = bitsOf(body);
  let gain = 0;
  let best = LEAST_GAIN;
  let turn = -1;
  for (let length = body.length - 1; length >= atLeast; length--) {
    gain += random - (costs[length + 1]! - costs[length]!);
    if (gain <= best) continue;
    best = gain;
    turn = length;
  }
  return turn + 1;
}

/** How many bits shorter all of it is as a token and a text than as one token. */
export function evidenceAt(body: string, length: number): number {
  const rest = body.slice(length, length + LONGEST);
  const whole = bitsOf(body);
  const narrower = length * (whole - bitsOf(body.slice(0, length)));
  const usual = isUsualLength(length) ? USUAL_BITS : 0;
  return narrower + rest.length * whole - costsOf(rest)[rest.length]! + usual;
}

function bitsOf(body: string): number {
  return ALPHABETS.find(([pattern]) => pattern.exec(body)![0].length === body.length)?.[1] ?? 6;
}
