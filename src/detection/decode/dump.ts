import { digit, isDigit, lineStart, nextLine } from './hex.js';
import type { Decoder } from './view.js';
import { NOT_TEXT, READ_AFTER, ViewBuilder } from './view.js';

/** Lines before the hit that are read: those that show the left boundary, and one more. */
const LINES_BEFORE = 2;
/** Digits of an offset, at least: fewer are a word. */
const OFFSET_DIGITS = 6;

/** Words of two bytes, the second first, as `hexdump` and `od -x` print them on machines of today; with offsets or not. */
export const decodeHexWords: Decoder = (bytes, at) => {
  const builder = new ViewBuilder();
  const limit = Math.min(bytes.length, at + READ_AFTER);
  let next = firstLine(bytes, at);
  let atLineStart = true;
  while (next < limit && !builder.full) {
    if (isSpace(bytes[next])) {
      atLineStart ||= bytes[next] === 0x0a;
      next++;
      continue;
    }
    let end = next;
    while (isDigit(bytes[end])) end++;
    if (end - next === 4) {
      builder.push(pairAt(bytes, next + 2), next + 2, next + 4);
      builder.push(pairAt(bytes, next), next, next + 2);
    } else if (!atLineStart || end - next < OFFSET_DIGITS) {
      if (next > at) break;
      builder.length = 0;
      end = Math.max(end, next + 1);
    }
    atLineStart = false;
    next = end;
  }
  return builder.view('hex-words', next, limit, bytes);
};

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

/** Characters in columns of four, as `od -c`, `od -a` and `hexdump -c` print them; with offsets or not. */
export const decodeOctalDump: Decoder = (bytes, at) => {
  const builder = new ViewBuilder();
  const limit = Math.min(bytes.length, at + READ_AFTER);
  let line = inColumn(bytes, firstLine(bytes, at), at);
  while (line < limit && !builder.full) {
    let next = line;
    while (isDigit(bytes[next])) next++;
    const first = next;
    for (let cell = cellAt(bytes, next); cell !== undefined; cell = cellAt(bytes, next)) {
      if (next >= limit || builder.full) return builder.view('octal-dump', next, limit, bytes);
      builder.push(cell, next, next + 4);
      next += 4;
    }
    if (next === first && line > at) break;
    if (next === first) builder.length = 0;
    while (bytes[next] === 0x20) next++;
    if (bytes[next] === 0x0d) next++;
    if (bytes[next] !== 0x0a && next >= at) return builder.view('octal-dump', next, limit, bytes);
    line = nextLine(bytes, next, limit);
  }
  return builder.view('octal-dump', line, limit, bytes);
};

/** Where columns begin, as the hit has them, in a line whose beginning is out of sight. */
function inColumn(bytes: Uint8Array, line: number, at: number): number {
  return line === 0 || bytes[line - 1] === 0x0a ? line : line + ((at - 3 - line) & 3);
}

/** What a column of four characters stands for, of which the first is a space. */
function cellAt(bytes: Uint8Array, at: number): number | undefined {
  if (bytes[at] !== 0x20 || at + 4 > bytes.length) return undefined;
  const first = bytes[at + 1]!;
  const second = bytes[at + 2]!;
  const third = bytes[at + 3]!;
  if (isLineEnd(first) || isLineEnd(second) || isLineEnd(third)) return undefined;
  if (first === 0x20 && second === 0x20) return third;
  if (isOctal(first) && isOctal(second) && isOctal(third))
    return (((first & 7) << 6) | ((second & 7) << 3) | (third & 7)) & 255;
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

function pairAt(bytes: Uint8Array, at: number): number {
  return digit(bytes[at]!) * 16 + digit(bytes[at + 1]!);
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
