import { latin1 } from '../latin1.js';

/** Between two words: what pads the first, white space, the charset of the second. */
const LONGEST = 100;
const BETWEEN: Readonly<Record<'Q' | 'B', RegExp>> = {
  Q: /^\?=[ \t]*(?:\r?\n)?[ \t]+=\?[\w.*-]{1,40}\?Q\?/i,
  B: /^={0,2}\?=[ \t]*(?:\r?\n)?[ \t]+=\?[\w.*-]{1,40}\?B\?/i,
};

/**
 * Behind the end of an encoded word in the head of a mail that stands at `at`, where another of the same encoding follows:
 * their texts are one (RFC 2047, 6.2).
 */
export function behindWordEnd(bytes: Uint8Array, at: number, encoding: 'Q' | 'B'): number | undefined {
  if (bytes[at] !== 0x3f && (encoding === 'Q' || bytes[at] !== 0x3d)) return undefined;
  const between = BETWEEN[encoding].exec(latin1(bytes, at, at + LONGEST));
  return between === null ? undefined : at + between[0].length;
}

const LONGEST_WORD = 80;
const OPEN_WORD = /=\?[\w.*-]{1,40}\?Q\?[^?\s]*$/i;

/** Whether a place is in the text of an encoded word of quoted-printable (RFC 2047, 4.2). */
export function isInWord(bytes: Uint8Array, at: number): boolean {
  return OPEN_WORD.test(latin1(bytes, Math.max(0, at - LONGEST_WORD), at));
}
