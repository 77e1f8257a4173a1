import type { EscapeReader } from './escape.js';
import { NOT_TEXT } from './view.js';

/** Soft hyphen, zero-width space, joiners, marks of direction, word joiner, variants, byte order mark. */
const INVISIBLE = new Set([
  0xad,
  ...range(0x200b, 0x200f),
  ...range(0x202a, 0x202e),
  ...range(0x2060, 0x2069),
  ...range(0xfe00, 0xfe0f),
  0xfeff,
]);

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Characters that are not seen, in UTF-8: pages put them in where a line may end, and they are copied with the text. */
export const readInvisible: EscapeReader = (bytes, at) => {
  const lead = bytes[at]!;
  if (lead === 0xc2) return bytes[at + 1] === 0xad ? { length: 2, byte: undefined } : undefined;
  if (lead !== 0xe2 && lead !== 0xef) return undefined;
  return INVISIBLE.has(threeBytes(bytes, at)) ? { length: 3, byte: undefined } : undefined;
};

/** The code of a character that takes three bytes of UTF-8; 0 for what is none. */
function threeBytes(bytes: Uint8Array, at: number): number {
  const [second = 0, third = 0] = [bytes[at + 1], bytes[at + 2]];
  if ((second & 0xc0) !== 0x80 || (third & 0xc0) !== 0x80) return 0;
  return ((bytes[at]! & 0x0f) << 12) | ((second & 0x3f) << 6) | (third & 0x3f);
}

/** What a fullwidth form (U+FF01 to U+FF5E) is more than the character of ASCII that it is a form of. */
const FULLWIDTH = 0xfee0;

/** ASCII in the width of East Asian characters, in UTF-8. */
export const readFullwidth: EscapeReader = (bytes, at) => {
  if (bytes[at] !== 0xef) return undefined;
  const byte = asciiOf(threeBytes(bytes, at));
  return byte === undefined || byte === NOT_TEXT || byte === 0 ? undefined : { length: 3, byte };
};

/** The character of a code, in ASCII; `undefined` for what is not seen. */
export function asciiOf(code: number): number | undefined {
  if (INVISIBLE.has(code)) return undefined;
  if (code > FULLWIDTH + 0x20 && code < FULLWIDTH + 0x7f) return code - FULLWIDTH;
  return code < 0x80 ? code : NOT_TEXT;
}
