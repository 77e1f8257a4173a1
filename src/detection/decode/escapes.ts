import { latin1 } from '../latin1.js';
import { asciiOf } from './code-points.js';
import { behindWordEnd, isInWord } from './encoded-word.js';
import type { EscapeReader } from './escape.js';
import { fourDigits, pair } from './escaped-digits.js';

/** RFC 3986, section 2.1; and `%u005F`, as JavaScript's `escape()` writes it (ECMA-262, B.2.1.1). */
export const readPercent: EscapeReader = (bytes, at) => {
  if (bytes[at] !== 0x25) return undefined;
  return bytes[at + 1] === 0x75 ? fourDigits(bytes, at) : pair(bytes, at + 1, 1);
};

const QP_BREAK = 0x0a;
const LOW_LINE = 0x5f;
const BLANK = 0x20;

/** RFC 2045, section 6.7: `=5F`, and `=` before a line break, which joins the lines; in encoded words, `_` is a blank. */
export const readQuotedPrintable: EscapeReader = (bytes, at) => {
  if (bytes[at] === 0x3f) {
    const next = behindWordEnd(bytes, at, 'Q');
    return next === undefined ? undefined : { length: next - at, byte: undefined };
  }
  if (bytes[at] === LOW_LINE) return isInWord(bytes, at) ? { length: 1, byte: BLANK } : undefined;
  if (bytes[at] !== 0x3d) return undefined;
  if (bytes[at + 1] === QP_BREAK) return { length: 2, byte: undefined };
  if (bytes[at + 1] === 0x0d && bytes[at + 2] === QP_BREAK) return { length: 3, byte: undefined };
  return pair(bytes, at + 1, 1);
};

/** CSS (Syntax Level 3, 4.3.7): a backslash, one to six digits, and a blank that belongs to them. */
export const readCss: EscapeReader = (bytes, at) => {
  if (bytes[at] !== 0x5c) return undefined;
  const found = /^\\([0-9a-fA-F]{1,6})(?:\r\n|[ \t\n\r\f])?/.exec(
    latin1(bytes, at, Math.min(bytes.length, at + 9)),
  );
  return found === null
    ? undefined
    : { length: found[0].length, byte: asciiOf(Number.parseInt(found[1]!, 16)) };
};
