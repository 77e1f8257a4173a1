import { latin1 } from '../latin1.js';
import { dumpLine } from './dump-line.js';
import { digit, isDigit, pairAt } from './hex-digits.js';
import { behindMark, markAbove, markBefore } from './line-mark.js';
import { behindEnd, lineStart, nextLine } from './lines.js';
import { firstRecord, recordLine } from './records.js';
import type { Decoder } from './view.js';
import { READ_AFTER, ViewBuilder } from './view.js';

const PAIRS_BEFORE = 240;
const LINES_BEFORE = 12;
/** Of several kinds of lines that `od` prints of the same bytes. */
const MOST_BETWEEN = 3;

/** Digits in pairs: packed and wrapped (`xxd -p`), separated by a character, in lines with offsets and a text column, or in records of firmware. */
export const decodeHex: Decoder = (bytes, at) => {
  const builder = new ViewBuilder();
  const limit = Math.min(bytes.length, at + READ_AFTER);
  let line = lineStart(bytes, at);
  if (recordLine(bytes, line) !== undefined) {
    const end = decodeRecords(bytes, at, limit, builder);
    return builder.view('hex', end, limit, bytes);
  }
  // A line of bare groups looks like an offset and groups: then the hit is in what would be the offset.
  if (!dumpLine(bytes, line)?.places.includes(at)) {
    const end = decodePairs(bytes, at, limit, builder);
    return builder.view('hex', end, limit, bytes);
  }
  for (let count = 0; count < LINES_BEFORE; count++) {
    const before = line === 0 ? line : lineStart(bytes, line - 1);
    if (before === line || (dumpLine(bytes, before) === undefined && !isBetween(bytes, before))) break;
    line = before;
  }
  for (let between = 0; line < limit && !builder.full && between < MOST_BETWEEN; ) {
    const dumped = dumpLine(bytes, line);
    if (dumped === undefined && !isBetween(bytes, line)) break;
    between = dumped === undefined ? between + 1 : 0;
    for (const place of dumped?.places ?? []) builder.push(pairAt(bytes, place), place, place + 2);
    line = nextLine(bytes, line, limit);
  }
  return builder.view('hex', line, limit, bytes);
};

/** Whether a line begins with blanks where an offset would stand: `od` shows the same bytes there once more (`-t x1 -t c`). */
function isBetween(bytes: Uint8Array, line: number): boolean {
  return /^ {7,16}\S/.test(latin1(bytes, line, line + 20));
}

function decodeRecords(bytes: Uint8Array, at: number, limit: number, builder: ViewBuilder): number {
  let line = firstRecord(bytes, at);
  for (; line < limit && !builder.full; line = nextLine(bytes, line, limit)) {
    const record = recordLine(bytes, line);
    if (record === undefined) break;
    for (let place = record.start; place < record.end; place += 2)
      builder.push(pairAt(bytes, place), place, place + 2);
  }
  return line;
}

function decodePairs(bytes: Uint8Array, at: number, limit: number, builder: ViewBuilder): number {
  const spaced = !isDigit(bytes[at + 2]);
  const mayPart = spaced || !isDigit(bytes[at + 4]);
  let next = at;
  for (let count = 0; count < PAIRS_BEFORE; count++) {
    let before = next;
    while (before > 0 && isSeparator(bytes[before - 1], mayPart)) before--;
    if (before < next && !goesOnAbove(bytes, before, next, spaced)) break;
    if (!spaced) before = isBetweenGroups(bytes, before - 1) ? before - 1 : lineEndAbove(bytes, before);
    const first = isDigit(bytes[before - 1]) ? firstDigit(bytes, before - 1, spaced) : undefined;
    if (first === undefined) break;
    next = first;
  }
  while (next < limit && !builder.full) {
    const second = isDigit(bytes[next]) ? secondDigit(bytes, next, spaced) : undefined;
    if (second !== undefined) {
      builder.push(digit(bytes[next]!) * 16 + digit(bytes[second]!), next, second + 1);
      next = second + 1;
    } else if (isLineEnd(bytes[next])) {
      const below = spaced ? undefined : behindMark(bytes, next);
      if (below === undefined && next > at && !goesOnBelow(bytes, next, mayPart)) break;
      next = below ?? next + 1;
    } else if (!spaced && isBetweenGroups(bytes, next)) next++;
    else if (isSeparator(bytes[next], mayPart)) next++;
    else break;
  }
  return next;
}

/** The other digit of a pair: the next one, or the first of the next line where packed digits are wrapped between the two. */
function secondDigit(bytes: Uint8Array, at: number, spaced: boolean): number | undefined {
  if (isDigit(bytes[at + 1])) return at + 1;
  const next = spaced ? undefined : behindEnd(bytes, at + 1);
  return next !== undefined && isDigit(bytes[next]) && goesOnBelow(bytes, at + 1, false) ? next : undefined;
}

/** The same the other way round. */
function firstDigit(bytes: Uint8Array, at: number, spaced: boolean): number | undefined {
  if (isDigit(bytes[at - 1])) return at - 1;
  let end = at;
  while (end > 0 && isLineEnd(bytes[end - 1])) end--;
  const isWrapped = !spaced && end < at && isDigit(bytes[end - 1]) && goesOnAbove(bytes, end, at, spaced);
  return isWrapped ? end - 1 : undefined;
}

const LONGEST_LINE = 1000;
const DIGITS_BELOW = {
  parted: /^[\s:,-]*[0-9a-fA-F]{2}(?:[ \t:,-]*[0-9a-fA-F]{2})*[ \t:,-]*(?:$|[\r\n"'`;)\]}>\\<|])/,
  packed: /^\s*[0-9a-fA-F]+(?: [0-9a-fA-F]+)*[ \t]*(?:$|[\r\n"'`,;)\]}>\\<|])/,
} as const;

/** Whether the line below the one that ends at `at` holds digits, and nothing that is none. */
function goesOnBelow(bytes: Uint8Array, at: number, isParted: boolean): boolean {
  return DIGITS_BELOW[isParted ? 'parted' : 'packed'].test(latin1(bytes, at, at + LONGEST_LINE));
}

const DIGITS_ABOVE = {
  spaced:
    /(?:[\s:,-]|^)(?:[0-9a-fA-F]{2}){1,2}[ \t:,-]+(?:[0-9a-fA-F]{2}){1,2}$|(?:^|\n)[ \t]*[0-9a-fA-F]{2}$/,
  packed: /[0-9a-fA-F]{16}$|(?:^|[^\w.])[0-9a-fA-F]{2,}$/,
} as const;

/** Whether what ends at `end`, before the line's end that stands there, is digits of the same kind, and no word or number. */
function goesOnAbove(bytes: Uint8Array, end: number, next: number, spaced: boolean): boolean {
  if (!isLineEnd(bytes[end]) && !latin1(bytes, end, next).includes('\n')) return true;
  return DIGITS_ABOVE[spaced ? 'spaced' : 'packed'].test(latin1(bytes, Math.max(0, end - 20), end));
}

/** Digits of a group where data is shown in groups, as macOS does. */
const GROUP = 8;

function isBetweenGroups(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== 0x20 || !isDigit(bytes[at + 1]) || !isDigit(bytes[at + 2])) return false;
  let first = at;
  while (first > at - GROUP && isDigit(bytes[first - 1])) first--;
  return first === at - GROUP && (bytes[first - 1] === 0x78 || !isDigit(bytes[first - 1]));
}

/** Where the line above ends, where what both of them are marked by ends at `at`. */
function lineEndAbove(bytes: Uint8Array, at: number): number {
  const mark = isBlank(bytes[at - 1]) ? markBefore(bytes, at) : undefined;
  if (mark?.end !== at || markAbove(bytes, mark) === undefined) return at;
  let end = mark.start;
  while (end > 0 && isLineEnd(bytes[end - 1])) end--;
  return end;
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === 0x0a || byte === 0x0d;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09;
}

function isSeparator(byte: number | undefined, spaced: boolean): boolean {
  if (isLineEnd(byte)) return true;
  return spaced && (byte === 0x20 || byte === 0x3a || byte === 0x09 || byte === 0x2d || byte === 0x2c);
}
