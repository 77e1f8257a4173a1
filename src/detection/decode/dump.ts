import { digit, isDigit, lineStart } from './hex.js';
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
  let line = firstLine(bytes, at);
  while (line < limit && !builder.full) {
    let next = line;
    while (isDigit(bytes[next])) next++;
    const first = next;
    for (; cellAt(bytes, next) !== undefined; next += 4) builder.push(cellAt(bytes, next)!, next, next + 4);
    if (next === first && line > at) break;
    if (next === first) builder.length = 0;
    while (bytes[next] === 0x20) next++;
    if (bytes[next] === 0x0d) next++;
    if (bytes[next] !== 0x0a && next >= at) return builder.view('octal-dump', next, limit, bytes);
    line = bytes.indexOf(0x0a, next) + 1;
    if (line === 0) return builder.view('octal-dump', next, limit, bytes);
  }
  return builder.view('octal-dump', line, limit, bytes);
};

/** What a column of four characters stands for, of which the first is a space. */
function cellAt(bytes: Uint8Array, at: number): number | undefined {
  if (bytes[at] !== 0x20 || at + 4 > bytes.length) return undefined;
  const cell = String.fromCharCode(bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!);
  if (/[\r\n]/.test(cell)) return undefined;
  const text = cell.trimStart();
  if (text === '') return 0x20;
  if (text.length === 1) return text.charCodeAt(0);
  if (/^[0-7]{3}$/.test(text)) return Number.parseInt(text, 8) & 255;
  return NAMES[text] ?? NOT_TEXT;
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
