import { latin1 } from '../latin1.js';
import { isDigit, pairAt } from './hex-digits.js';
import { lineStart, lineStop, nextLine } from './lines.js';
import type { Decoder } from './view.js';
import { NOT_TEXT, READ_AFTER, ViewBuilder } from './view.js';

/** Lines before the hit that are read: those that show the left boundary, and one more. */
const LINES_BEFORE = 2;
/** Digits of an offset, at least: fewer are a word. */
const OFFSET_DIGITS = 6;

/**
 * Words of two bytes, the second first, as `hexdump` and `od -x` print them on machines of today, and of four or eight, the
 * last first (`od -t x4`, `xxd -e`, gdb's `x`); with offsets or not.
 */
export const decodeHexWords: Decoder = (bytes, at) => {
  const builder = new ViewBuilder();
  const limit = Math.min(bytes.length, at + READ_AFTER);
  const width = widthOf(bytes, at);
  if (width === undefined) return undefined;
  let next = firstLine(bytes, at);
  let atLineStart = true;
  while (next < limit && !builder.full) {
    if (isSpace(bytes[next])) {
      atLineStart ||= bytes[next] === 0x0a;
      next++;
      continue;
    }
    const first = isMarkedHex(bytes, next) ? next + 2 : next;
    const end = digitsEnd(bytes, first);
    const isText = !atLineStart && width > SHORT_WORD && isBlank(bytes[next - 1]) && isBlank(bytes[next - 2]);
    if (end - first === width && !isText && !(atLineStart && isAddress(bytes, end))) {
      for (let place = end - 2; place >= first; place -= 2)
        builder.push(pairAt(bytes, place), place, place + 2);
      atLineStart = false;
      next = end;
    } else if (atLineStart && (end - first >= OFFSET_DIGITS || (first > next && isAddress(bytes, end)))) {
      next = offsetEnd(bytes, end);
      atLineStart = false;
    } else if (!atLineStart && isRest(bytes, first, end, width)) {
      for (let place = end - 2; place >= first; place -= 2)
        builder.push(pairAt(bytes, place), place, place + 2);
      next = end;
    } else if (!atLineStart && width > SHORT_WORD) {
      // What is shown as text.
      next = lineStop(bytes, next, LONGEST_TEXT) ?? limit;
    } else {
      if (next > at) break;
      builder.length = 0;
      next = Math.max(end, next + 1);
      atLineStart = false;
    }
  }
  return builder.view('hex-words', next, limit, bytes);
};

/** Whether it is the last word, which the end of the data cut: padded on both sides by what its other digits would take. */
function isRest(bytes: Uint8Array, first: number, end: number, width: number): boolean {
  const missing = width - (end - first);
  if (width === SHORT_WORD || missing <= 0 || missing === width || missing % 2 !== 0) return false;
  return latin1(bytes, first - missing - 1, first).trim() === '' && latin1(bytes, end, end + 2) === '  ';
}

const SHORT_WORD = 4;
const WIDTHS: ReadonlySet<number> = new Set([SHORT_WORD, 8, 16]);
const LONGEST_WORD = 16;
const LONGEST_TEXT = 256;
/** A symbol that a debugger names, and a colon. */
const BEHIND_OFFSET = /^(?: <[^>\n]{0,99}>)?:?/;

function isAddress(bytes: Uint8Array, end: number): boolean {
  return bytes[end] === 0x3a || (bytes[end] === 0x20 && bytes[end + 1] === 0x3c);
}

/** How many digits the words have, by the one that holds the digit at `at`. */
function widthOf(bytes: Uint8Array, at: number): number | undefined {
  let first = at;
  while (first > at - LONGEST_WORD && isDigit(bytes[first - 1])) first--;
  const width = digitsEnd(bytes, first) - first;
  return WIDTHS.has(width) ? width : undefined;
}

function digitsEnd(bytes: Uint8Array, at: number): number {
  let end = at;
  while (end < at + 2 * LONGEST_WORD && isDigit(bytes[end])) end++;
  return end;
}

function isMarkedHex(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0x30 && bytes[at + 1] === 0x78;
}

function offsetEnd(bytes: Uint8Array, at: number): number {
  return at + BEHIND_OFFSET.exec(latin1(bytes, at, at + LONGEST_TEXT))![0].length;
}

const NAMES: Readonly<Record<string, number>> = {
  '\\n': 10,
  '\\r': 13,
  '\\t': 9,
  '\\b': 8,
  '\\f': 12,
  '\\v': 11,
  '\\a': 7,
  '\\0': 0,
  nl: 10,
  cr: 13,
  ht: 9,
  sp: 32,
};

/** The `group` of a literal in octal digits. */
export const OCTAL = 8;

/**
 * Characters in columns of four, as `od -c`, `od -a` and `hexdump -c` print them, or bytes in octal (`od -b`); with offsets or
 * not; also where the same bytes are shown in other ways in the lines between (`od -t x1 -t c`).
 */
export const decodeOctalDump: Decoder = (bytes, at, group) => {
  const builder = new ViewBuilder();
  const limit = Math.min(bytes.length, at + READ_AFTER);
  const isOctal = group === OCTAL;
  const lead = leadOf(bytes, at);
  let line = inColumn(bytes, firstLine(bytes, at), at);
  while (line < limit && !builder.full) {
    const begin = lineBehind(bytes, line, lead, isOctal);
    let next = begin ?? line;
    while (begin !== undefined && (!isOctal || isThreeDigits(bytes, next + 1))) {
      const cell = cellAt(bytes, next);
      if (cell === undefined) break;
      if (next >= limit || builder.full) return builder.view('octal-dump', next, limit, bytes);
      builder.push(cell, next, next + 4);
      next += 4;
    }
    if (begin !== undefined) {
      if (next === begin && line > at) break;
      if (next === begin) builder.length = 0;
      if (isOctal) next += TEXT_COLUMN.exec(latin1(bytes, next, next + LONGEST_TEXT))?.[0].length ?? 0;
      while (bytes[next] === 0x20) next++;
      if (bytes[next] === 0x0d) next++;
      if (bytes[next] !== 0x0a && next >= at) return builder.view('octal-dump', next, limit, bytes);
    } else if (line > at && !isOfDump(bytes, line, lead)) break;
    line = nextLine(bytes, next, limit);
  }
  return builder.view('octal-dump', line, limit, bytes);
};

const TEXT_COLUMN = /^ +>[^\n]*</;
const OFFSET = /^[0-9a-fA-F]{6,8}(?= )/;

/** How many blanks stand where the line above has an offset, before the columns of the line that is hit. */
function leadOf(bytes: Uint8Array, at: number): number | undefined {
  const line = lineStart(bytes, at);
  if (line === 0 || bytes[line] !== 0x20) return undefined;
  const above = lineStart(bytes, line - 1);
  const offset = OFFSET.exec(latin1(bytes, above, above + 9))?.[0].length ?? 0;
  const isBlank = latin1(bytes, line, line + offset).trim() === '';
  return offset > 0 && isBlank ? offset : undefined;
}

/** Where the columns of a line begin; `undefined` for one that shows the bytes of the line above in another way. */
function lineBehind(
  bytes: Uint8Array,
  line: number,
  lead: number | undefined,
  isOctal: boolean,
): number | undefined {
  if (lead !== undefined) return bytes[line] === 0x20 ? line + lead : undefined;
  if (isOctal && latin1(bytes, line, line + OFFSET_DIGITS).trim() === '') return undefined;
  let next = line;
  while (isDigit(bytes[next])) next++;
  return next;
}

/** Whether a line that is passed over belongs to the dump: what comes behind it is megabytes. */
function isOfDump(bytes: Uint8Array, line: number, lead: number | undefined): boolean {
  return lead === undefined ? bytes[line] === 0x20 : OFFSET.test(latin1(bytes, line, line + 9));
}

/** Where columns begin, as the hit has them, in a line whose beginning is out of sight. */
function inColumn(bytes: Uint8Array, line: number, at: number): number {
  return line === 0 || bytes[line - 1] === 0x0a ? line : line + ((at - 3 - line) & 3);
}

function isThreeDigits(bytes: Uint8Array, at: number): boolean {
  return isOctal(bytes[at]!) && isOctal(bytes[at + 1]!) && isOctal(bytes[at + 2]!);
}

/** What a column of four characters stands for, of which the first is a space. */
function cellAt(bytes: Uint8Array, at: number): number | undefined {
  if (bytes[at] !== 0x20 || at + 4 > bytes.length) return undefined;
  const first = bytes[at + 1]!;
  const second = bytes[at + 2]!;
  const third = bytes[at + 3]!;
  if (isLineEnd(first) || isLineEnd(second) || isLineEnd(third)) return undefined;
  if (first === 0x20 && second === 0x20) return third;
  if (isThreeDigits(bytes, at + 1)) return (((first & 7) << 6) | ((second & 7) << 3) | (third & 7)) & 255;
  return NAMES[String.fromCharCode(first, second, third).trimStart()] ?? NOT_TEXT;
}

function isLineEnd(byte: number): boolean {
  return byte === 0x0a || byte === 0x0d;
}

function isOctal(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x37;
}

function firstLine(bytes: Uint8Array, at: number): number {
  let line = lineStart(bytes, at);
  for (let count = 0; count < LINES_BEFORE && line > 0; count++) line = lineStart(bytes, line - 1);
  return line;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
