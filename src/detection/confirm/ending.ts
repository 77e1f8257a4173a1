import { costOf } from './predictability.js';

/** Another place where a body may end: how many characters it has then, and how much speaks for it. */
export interface Ending {
  readonly length: number;
  /** Likelihood ratio of a token with something appended to a token that goes on, in bits. */
  readonly bits: number;
}

/** What an ending needs to be worth a probe: a random body of 43 characters has one in a sixth of all cases (see the tests). */
const WORTH_BITS = 1;
/** Longer endings than this are no names. */
const LONGEST_ENDING = 40;
/** Places that are weighed, from either end: a crafted body may be full of them. */
const TRIED = 3;

/**
 * `-` and `_` join tokens to what follows in names of files and variables (`…-backup`), and close emphasis; bodies may
 * also be made of them. For each place before one, this weighs a token of the narrowest alphabet followed by what people
 * append against a token that goes on: of the narrowest alphabet that has the joints, so that tokens in parts stay whole.
 *
 * What people append has a distribution (see `predictability.ts`), so by Markov's inequality a random body gives any one
 * place `t` bits with a probability of at most 2^-t. Best first.
 */
export function otherEndings(body: string, atLeast: number): Ending[] {
  const places: number[] = [];
  for (let length = Math.max(atLeast, body.length - LONGEST_ENDING); length < body.length; length++) {
    if (isJoint(body.charCodeAt(length))) places.push(length);
  }
  const tried = places.filter((_, index) => index < TRIED || index >= places.length - TRIED);
  return tried
    .map((length) => ({ length, bits: evidence(body, length) }))
    .filter(
      ({ length, bits }) => bits >= WORTH_BITS || /^(?:[0-9a-z]+|[0-9A-Z]+)$/.test(body.slice(0, length)),
    )
    .sort((a, b) => b.bits - a.bits);
}

function evidence(body: string, length: number): number {
  const token = body.slice(0, length);
  const appended = body.slice(length);
  const closing = /^[-_]+/.exec(appended)![0];
  // No token in parts ends in a joint: there it is a character like others.
  const goesOn = closing === appended ? 6 : bitsOf(body);
  const joint = JOINT_BITS + AGAIN_BITS * (closing.length - 1);
  const left = body.length * goesOn - length * bitsOf(token) - joint;
  return left - costOf(appended.slice(closing.length), left - WORTH_BITS);
}

const JOINT_BITS = 2.5;
const AGAIN_BITS = 1.5;

/** Bits of a character of the narrowest alphabet: hex, one case, both, and those of the joints that occur. */
function bitsOf(body: string): number {
  const joints = Number(body.includes('-')) + Number(body.includes('_'));
  if (/^(?:[0-9a-f_-]*|[0-9A-F_-]*)$/.test(body)) return Math.log2(16 + joints);
  if (/^(?:[0-9a-z_-]*|[0-9A-Z_-]*)$/.test(body)) return Math.log2(36 + joints);
  return Math.log2(62 + joints);
}

function isJoint(code: number): boolean {
  return code === 0x2d || code === 0x5f;
}
