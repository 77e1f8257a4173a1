import { latin1 } from '../latin1.js';
import { behindWordEnd } from './encoded-word.js';
import type { Encoding } from './encoding.js';
import { digit } from './hex-digits.js';
import { behindEnd } from './lines.js';
import type { Decoder } from './view.js';
import { NOT_TEXT, READ_AFTER, ViewBuilder } from './view.js';

/** One escape: the bytes it takes, and the byte it stands for; `undefined` as the byte where it stands for nothing. */
export interface Escape {
  readonly length: number;
  readonly byte: number | undefined;
}

/** Reads the escape that starts at `at`; `undefined` where none does. */
export type EscapeReader = (bytes: Uint8Array, at: number) => Escape | undefined;

/** RFC 3986, section 2.1; and `%u005F`, as JavaScript's `escape()` writes it (ECMA-262, B.2.1.1). */
export const readPercent: EscapeReader = (bytes, at) => {
  if (bytes[at] !== 0x25) return undefined;
  return bytes[at + 1] === 0x75 ? fourDigits(bytes, at) : pair(bytes, at + 1, 1);
};

const QP_BREAK = 0x0a;

/** RFC 2045, section 6.7: `=5F`, and `=` before a line break, which joins the lines. */
export const readQuotedPrintable: EscapeReader = (bytes, at) => {
  if (bytes[at] === 0x3f) {
    const next = behindWordEnd(bytes, at, 'Q');
    return next === undefined ? undefined : { length: next - at, byte: undefined };
  }
  if (bytes[at] !== 0x3d) return undefined;
  if (bytes[at + 1] === QP_BREAK) return { length: 2, byte: undefined };
  if (bytes[at + 1] === 0x0d && bytes[at + 2] === QP_BREAK) return { length: 3, byte: undefined };
  return pair(bytes, at + 1, 1);
};

const CONTROLS: Record<string, number> = { n: 10, r: 13, t: 9, b: 8, f: 12, v: 11, a: 7, e: 27 };

/**
 * The backslash escapes of JSON, JavaScript, C and shells. Any other character after a backslash stands for itself, but a
 * letter: nobody escapes those, and control words of RTF and names in paths of Windows begin with one.
 */
export const readBackslash: EscapeReader = (bytes, at) => {
  if (bytes[at] !== 0x5c || at + 1 >= bytes.length) return undefined;
  const kind = bytes[at + 1]!;
  if (kind === 0x75) return bytes[at + 2] === 0x7b ? braced(bytes, at) : fourDigits(bytes, at);
  if (kind === 0x55) return eightDigits(bytes, at);
  if (kind === 0x4e) return named(bytes, at);
  if (kind === 0x78) return bytes[at + 2] === 0x7b ? braced(bytes, at) : pair(bytes, at + 2, 2);
  if (kind >= 0x30 && kind <= 0x37) return octal(bytes, at);
  if (kind === 0x0a) return { length: 2, byte: undefined };
  if (kind === 0x0d && bytes[at + 2] === 0x0a) return { length: 3, byte: undefined };
  const control = CONTROLS[String.fromCharCode(kind)];
  return control === undefined && isLetter(kind) ? undefined : { length: 2, byte: control ?? kind };
};

function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

const NAMED: Record<string, string> = {
  lowbar: '_',
  UnderBar: '_',
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  Tab: '\t',
  NewLine: '\n',
  percnt: '%',
  num: '#',
  semi: ';',
  bsol: '\\',
  sol: '/',
  equals: '=',
  plus: '+',
  colon: ':',
  comma: ',',
  period: '.',
  lpar: '(',
  rpar: ')',
  lsqb: '[',
  rsqb: ']',
  lcub: '{',
  rcub: '}',
  ast: '*',
  commat: '@',
  excl: '!',
  quest: '?',
};

/** No reference is longer, but for zeros in front. */
const LONGEST_ENTITY = 24;
const CLOSED_NUMBER = /^#(?:0*(\d{1,7})|[xX]0*([0-9a-fA-F]{1,6}));/;
/** Where nothing ends it, a number is that of a visible character of ASCII: the digits of a token may follow. */
const OPEN_NUMBER = /^#(?:(1[01]\d|12[0-6]|[3-9]\d)|[xX]([2-7][0-9a-fA-F]))/;
/** What is between the letters of a word and not seen. */
const UNSEEN_ENTITIES = new Set(['shy', 'ZeroWidthSpace', 'NoBreak', 'zwj', 'zwnj']);

/**
 * HTML character references: decimal, hexadecimal and the names of ASCII characters (HTML, section 13.5); of numbers, the
 * semicolon may be missing.
 */
export const readEntity: EscapeReader = (bytes, at) => {
  if (bytes[at] !== 0x26) return undefined;
  const text = latin1(bytes, at + 1, Math.min(bytes.length, at + LONGEST_ENTITY));
  const number = CLOSED_NUMBER.exec(text) ?? OPEN_NUMBER.exec(text);
  if (number !== null) {
    const code = number[1] === undefined ? Number.parseInt(number[2]!, 16) : Number(number[1]);
    return { length: 1 + number[0].length, byte: asciiOf(code) };
  }
  const name = /^(\w+);/.exec(text)?.[1];
  if (name === undefined) return undefined;
  const length = name.length + 2;
  if (UNSEEN_ENTITIES.has(name)) return { length, byte: undefined };
  const character = Object.hasOwn(NAMED, name) ? NAMED[name] : undefined;
  return character === undefined ? undefined : { length, byte: character.charCodeAt(0) };
};

/**
 * Control sequences and strings of terminals (ECMA-48, sections 5.4 and 5.6), and what chooses characters (ECMA-35, 13.2),
 * as ISO-2022-JP does behind each Japanese word and `tput sgr0` behind each colour: taken out.
 */
export const readAnsi: EscapeReader = (bytes, at) => {
  if (bytes[at] !== 0x1b) return undefined;
  const kind = bytes[at + 1];
  let next = at + 2;
  if (kind === 0x5b) {
    while (next < at + 32 && bytes[next]! >= 0x20 && bytes[next]! <= 0x3f) next++;
    return bytes[next]! >= 0x40 && bytes[next]! <= 0x7e
      ? { length: next + 1 - at, byte: undefined }
      : undefined;
  }
  if (kind! >= 0x20 && kind! <= 0x2f) {
    while (next < at + 4 && bytes[next]! >= 0x20 && bytes[next]! <= 0x2f) next++;
    return bytes[next]! >= 0x30 && bytes[next]! <= 0x7e
      ? { length: next + 1 - at, byte: undefined }
      : undefined;
  }
  if (kind !== 0x5d) return undefined;
  for (; next < at + 512 && next < bytes.length; next++) {
    if (bytes[next] === 0x07) return { length: next + 1 - at, byte: undefined };
    if (bytes[next] === 0x1b && bytes[next + 1] === 0x5c) return { length: next + 2 - at, byte: undefined };
  }
  return undefined;
};

/** Whether the control sequence that `at` ends, before a second part, follows a first one that ends in the byte `last`. */
export function followsControl(bytes: Uint8Array, at: number, last: number): boolean {
  for (let begin = at - 2; begin >= Math.max(0, at - 32); begin--) {
    if (bytes[begin] !== 0x1b) continue;
    if (bytes[begin - 1] === last) return true;
    return isOfSequence(bytes[begin - 1]) && followsControl(bytes, begin - 1, last);
  }
  return false;
}

/** What a control sequence of colours ends in. */
function isOfSequence(byte: number | undefined): boolean {
  return byte === 0x6d || byte === 0x4b;
}

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

/** White space around the operator, at most. */
const MOST_SPACE = 80;

const OPERATORS = ['..', '||', '<>', '+', '.', '&', '~'];

/** The end of a string, an operator (`+`, `.`, `..`, `&`, `||`, `<>`, `~`) or a continued line, and the beginning of the next: strings as one. */
export const readConcatenation: EscapeReader = (bytes, at) => {
  const quote = bytes[at];
  if (!isQuote(quote)) return undefined;
  const put = appendedTo(bytes, at) ?? (bytes[at - 1] === LOW_LINE ? putTogether(bytes, at) : undefined);
  if (put !== undefined) return put;
  let next = spaceEnd(bytes, at + 1);
  if (bytes[next] === 0x5c) {
    next += bytes[next + 1] === 0x0d ? 2 : 1;
    if (bytes[next] !== 0x0a) return undefined;
    next++;
  } else {
    const text = latin1(bytes, next, next + 2);
    const operator = OPERATORS.find((one) => text.startsWith(one));
    if (operator === undefined) return undefined;
    next += operator.length;
    // Visual Basic and PowerShell go on in the next line only where they are told to.
    const mark = spaceEnd(bytes, next);
    if ((operator === '&' && bytes[mark] === 0x5f) || (operator === '+' && bytes[mark] === 0x60))
      next = mark + 1;
  }
  next = spaceEnd(bytes, next);
  return bytes[next] === quote ? { length: next + 1 - at, byte: undefined } : undefined;
};

const LOW_LINE = 0x5f;
/** How much before and behind a string tells that it is put together with the next. */
const AROUND = 200;
const ASSIGNED = /^["']\s{0,8};?\s{1,40}(\$?[\w.]{1,40})\s{0,8}[.+]=\s{0,8}["']/;

/** The next line, where that appends to the variable that the string was assigned or appended to. */
function appendedTo(bytes: Uint8Array, at: number): Escape | undefined {
  const found = ASSIGNED.exec(latin1(bytes, at, at + AROUND));
  if (found === null) return undefined;
  const name = found[1]!.replace(/[$.]/g, '\\$&');
  const own = new RegExp(`(?:^|[^\\w$])${name}\\s*[.+]?=\\s*["'][^"'\\n]*$`);
  return own.test(latin1(bytes, at - AROUND, at)) ? { length: found[0].length, byte: undefined } : undefined;
}

/** A method, quotes of shells, the second and last element of a list: with all that the token has. */
const METHOD = /^["']\s{0,8}\.\s{0,8}concat\(\s{0,8}["'](?=[\w-]+["']\s{0,8}\)(?!\s{0,8}\.\s{0,8}concat))/;
const IN_SHELL = /^(?:["']{2}|["'])(?=[A-Za-z0-9][\w-]{15,}["']?(?:[\s;)]|$))/;
const LISTED = /^["']\s{0,40},\s{0,40}["'](?=[\w-]+["']\s{0,40}[\])])/;
const JOINING_BEFORE = /\b(?:(?:concat|paste0|str_c)\(|join\(\s{0,8}(?:""|''),\s{0,8}\[)[^()]*$/i;
const JOINING_BEHIND = /^[\w-]+["']\s{0,40}\]\s{0,40}\.\s{0,8}join\((?:""|'')\)/;

/** What puts a prefix together with the rest in a way that no operator shows. */
function putTogether(bytes: Uint8Array, at: number): Escape | undefined {
  const text = latin1(bytes, at, at + AROUND);
  const found = METHOD.exec(text) ?? IN_SHELL.exec(text);
  if (found !== null) return { length: found[0].length, byte: undefined };
  const length = LISTED.exec(text)?.[0].length;
  if (length === undefined) return undefined;
  const isJoined =
    JOINING_BEHIND.test(text.slice(length)) || JOINING_BEFORE.test(latin1(bytes, at - AROUND, at));
  return isJoined ? { length, byte: undefined } : undefined;
}

/**
 * The end of a string and, with nothing but white space between, the beginning of the next: C and Python join them. And a
 * line that a backslash continues where the next is indented: YAML, TOML and Java's properties join them, shells do not.
 */
export const readAdjacency: EscapeReader = (bytes, at) => {
  const quote = bytes[at];
  if (quote === 0x5c) return indented(bytes, at);
  if (quote === 0x0a || quote === 0x0d) return typed(bytes, at);
  if (quote !== 0x22 && quote !== 0x27) return undefined;
  let next = spaceEnd(bytes, at + 1);
  if (next === at + 1) return undefined;
  if (STRING_KINDS.has(bytes[next]!) && bytes[next + 1] === quote) next++;
  return bytes[next] === quote ? { length: next + 1 - at, byte: undefined } : undefined;
};

const WORDS = /(?<![A-Za-z0-9])(?:[a-z]{2,12}_){2}$/;
const BODY = /^[A-Za-z0-9_-]{16,}(?![^\s"'`,;.)\]}])/;

/** The end of a line that somebody typed behind words joined by low lines, where a long word begins the next. */
function typed(bytes: Uint8Array, at: number): Escape | undefined {
  const next = bytes[at - 1] === LOW_LINE ? behindEnd(bytes, at) : undefined;
  if (next === undefined || !WORDS.test(latin1(bytes, at - 30, at))) return undefined;
  return BODY.test(latin1(bytes, next, next + AROUND)) ? { length: next - at, byte: undefined } : undefined;
}

/** Whether the string that ends at `at` is one of bytes in Python with the next: nothing else has such in a row. */
export function joinsBytes(bytes: Uint8Array, at: number): boolean {
  return /^(["'])\s+[bB]\1/.test(latin1(bytes, at, at + MOST_SPACE));
}

function indented(bytes: Uint8Array, at: number): Escape | undefined {
  const line = behindEnd(bytes, at + 1);
  if (line === undefined) return undefined;
  let next = line;
  while (next < line + MOST_SPACE && (bytes[next] === 0x20 || bytes[next] === 0x09)) next++;
  return next === line ? undefined : { length: next - at, byte: undefined };
}

/** What Python writes before a string: `b`, `r`, `u`, `f`; C: `L`. */
const STRING_KINDS = new Set([...'bBrRuUfFL'].map((letter) => letter.charCodeAt(0)));

function isQuote(byte: number | undefined): boolean {
  return byte === 0x22 || byte === 0x27 || byte === 0x60;
}

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

function spaceEnd(bytes: Uint8Array, at: number): number {
  let next = at;
  while (next < at + MOST_SPACE && (bytes[next] === 0x20 || (bytes[next]! >= 0x09 && bytes[next]! <= 0x0d)))
    next++;
  return next;
}

/** How many bytes before the hit are decoded: what shows the left boundary, and two lines of a dump. */
const BYTES_BEFORE = 1400;

/** A decoder that replaces the escapes of one kind and leaves the rest. */
export function escapeDecoder(encoding: Encoding, read: EscapeReader): Decoder {
  return (bytes, at) => {
    const builder = new ViewBuilder();
    const limit = Math.min(bytes.length, at + READ_AFTER);
    let next = Math.max(0, at - BYTES_BEFORE);
    while (next < limit && !builder.full) {
      const found = read(bytes, next);
      const length = found?.length ?? 1;
      const byte = found === undefined ? bytes[next]! : found.byte;
      if (byte !== undefined) builder.push(byte, next, next + length);
      next += length;
    }
    return builder.view(encoding, next, limit, bytes);
  };
}

function pair(bytes: Uint8Array, at: number, lead: number): Escape | undefined {
  if (at + 1 >= bytes.length) return undefined;
  const high = digit(bytes[at]!);
  const low = digit(bytes[at + 1]!);
  return high < 0 || low < 0 ? undefined : { length: lead + 2, byte: high * 16 + low };
}

function fourDigits(bytes: Uint8Array, at: number): Escape | undefined {
  const high = pair(bytes, at + 2, 2);
  const low = pair(bytes, at + 4, 2);
  if (high === undefined || low === undefined) return undefined;
  return { length: 6, byte: asciiOf(high.byte! * 256 + low.byte!) };
}

function eightDigits(bytes: Uint8Array, at: number): Escape | undefined {
  const digits = latin1(bytes, at + 2, Math.min(bytes.length, at + 10));
  if (!/^[0-9a-fA-F]{8}$/.test(digits)) return undefined;
  return { length: 10, byte: asciiOf(Number.parseInt(digits, 16)) };
}

const LONGEST_NAME = 16;

/** `\N{LOW LINE}` of Python and Perl, `\N{U+5F}` of Perl. */
function named(bytes: Uint8Array, at: number): Escape {
  const text = latin1(bytes, at, Math.min(bytes.length, at + LONGEST_NAME));
  const name = /^\\N\{(?:(LOW LINE)|U\+0{0,4}([0-9A-F]{2,4}))\}/i.exec(text);
  if (name === null) return { length: 2, byte: 0x4e };
  return {
    length: name[0].length,
    byte: name[1] === undefined ? asciiOf(Number.parseInt(name[2]!, 16)) : 0x5f,
  };
}

function braced(bytes: Uint8Array, at: number): Escape | undefined {
  let value = 0;
  let next = at + 3;
  for (; next < at + 11 && next < bytes.length && digit(bytes[next]!) >= 0; next++) {
    value = value * 16 + digit(bytes[next]!);
  }
  return next > at + 3 && bytes[next] === 0x7d ? { length: next + 1 - at, byte: asciiOf(value) } : undefined;
}

function octal(bytes: Uint8Array, at: number): Escape {
  let value = 0;
  let length = 1;
  while (length < 4 && bytes[at + length]! >= 0x30 && bytes[at + length]! <= 0x37) {
    const grown = value * 8 + bytes[at + length]! - 0x30;
    if (grown > 255) break;
    value = grown;
    length++;
  }
  return { length, byte: value };
}

/** The character of a code, in ASCII; `undefined` for what is not seen. */
export function asciiOf(code: number): number | undefined {
  if (INVISIBLE.has(code)) return undefined;
  if (code > FULLWIDTH + 0x20 && code < FULLWIDTH + 0x7f) return code - FULLWIDTH;
  return code < 0x80 ? code : NOT_TEXT;
}
