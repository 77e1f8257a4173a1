import type { Span } from '../../model/span.js';
import { latin1 } from '../latin1.js';
import { behindMark, markAbove, markBefore } from './line-mark.js';
import { type DumpLine, toldDumpLine } from './told-dump.js';
import type { Decoder } from './view.js';
import { READ_AFTER, READ_BEFORE, ViewBuilder } from './view.js';

const PAIRS_BEFORE = 240;
const LINES_BEFORE = 12;

/** Digits in pairs: packed and wrapped (`xxd -p`), separated by a character, or in lines with offsets and a text column. */
export const decodeHex: Decoder = (bytes, at) => {
  const builder = new ViewBuilder();
  const limit = Math.min(bytes.length, at + READ_AFTER);
  let line = lineStart(bytes, at);
  // A line of bare groups looks like an offset and groups: then the hit is in what would be the offset.
  if (!dumpLine(bytes, line)?.places.includes(at)) {
    const end = decodePairs(bytes, at, limit, builder);
    return builder.view('hex', end, limit, bytes);
  }
  for (let count = 0; count < LINES_BEFORE; count++) {
    const before = line === 0 ? line : lineStart(bytes, line - 1);
    if (before === line || dumpLine(bytes, before) === undefined) break;
    line = before;
  }
  while (line < limit && !builder.full) {
    const dumped = dumpLine(bytes, line);
    if (dumped === undefined) break;
    for (const place of dumped.places) builder.push(pairAt(bytes, place), place, place + 2);
    line = nextLine(bytes, line, limit);
  }
  return builder.view('hex', line, limit, bytes);
};

/** Whether this byte stands in a line of a hex dump. */
export function inHexDump(bytes: Uint8Array, at: number): boolean {
  return dumpLine(bytes, lineStart(bytes, at)) !== undefined;
}

/** Whether it stands in the text that ends such a line: that holds pieces of what the digits say in full. */
export function inDumpText(bytes: Uint8Array, at: number): boolean {
  const text = dumpLine(bytes, lineStart(bytes, at))?.text;
  return text !== undefined && text.start <= at && at < text.end;
}

export function lineStart(bytes: Uint8Array, at: number): number {
  const floor = Math.max(0, at - READ_BEFORE / 2);
  let start = at;
  while (start > floor && bytes[start - 1] !== 0x0a) start--;
  return start;
}

/** Where the next line begins, or `limit`: what is behind that may be megabytes. */
export function nextLine(bytes: Uint8Array, at: number, limit: number): number {
  let end = at;
  while (end < limit && bytes[end] !== 0x0a) end++;
  return Math.min(end + 1, limit);
}

/** The longest line of a dump that is recognized: 32 bytes with their text. */
const DUMP_LINE = 192;
const LONGEST_INDENT = 16;
/** Fewer digits than these are an offset only at the beginning of a line, or with what marks one. */
const TELLING_DIGITS = 8;

function dumpLine(bytes: Uint8Array, start: number): DumpLine | undefined {
  return plainDumpLine(bytes, start) ?? toldDumpLine(bytes, start);
}

/**
 * An offset of four digits or more (`0x` before it, a colon behind it, as `xxd`, `tcpdump` and debuggers print it), groups
 * of pairs with a space or a dash between, and as many characters of text as there are pairs, in bars or not.
 */
function plainDumpLine(bytes: Uint8Array, start: number): DumpLine | undefined {
  const offset = dumpOffset(bytes, start);
  if (offset === undefined) return undefined;
  const end = lineEnd(bytes, offset.end, start + DUMP_LINE);
  const places: number[] = [];
  let text: Span | undefined;
  for (let next = offset.end; next < end; ) {
    const group = gapEnd(bytes, next, places.length > 0);
    const gap = group - next;
    if (gap === 0) break;
    text = places.length === 0 ? undefined : textColumn(bytes, group, end, places.length, gap);
    if (text !== undefined || (offset.isMarked && gap > 1 && places.length > 0)) break;
    next = group;
    while (isDigit(bytes[next]) && isDigit(bytes[next + 1])) {
      places.push(next);
      next += 2;
    }
    if (next === group) break;
  }
  return places.length > 0 ? { places, text } : undefined;
}

/** Where the offset ends that begins a line of a dump. */
function dumpOffset(bytes: Uint8Array, start: number): { end: number; isMarked: boolean } | undefined {
  let next = start;
  while (next < start + LONGEST_INDENT && isBlank(bytes[next])) next++;
  const isIndented = next > start;
  const isHex = bytes[next] === 0x30 && (bytes[next + 1]! | 0x20) === 0x78;
  if (isHex) next += 2;
  const first = next;
  // WinDbg parts an address of 64 bits by a backtick.
  while (isDigit(bytes[next]) || (bytes[next] === 0x60 && next - first === TELLING_DIGITS)) next++;
  const digits = next - first;
  if (digits < 4 || digits > 17) return undefined;
  const isMarked = bytes[next] === 0x3a;
  if (isMarked) next++;
  if (bytes[next] !== 0x20) return undefined;
  return isIndented && !isHex && !isMarked && digits < TELLING_DIGITS ? undefined : { end: next, isMarked };
}

/** Behind the spaces that part two groups, or the dash that stands in the middle of a line. */
function gapEnd(bytes: Uint8Array, at: number, isInside: boolean): number {
  if (isInside && bytes[at] === 0x2d) return at + 1;
  let next = at;
  while (bytes[next] === 0x20) next++;
  return next;
}

const PAIRS_ALONE = /^[0-9a-fA-F]{2}(?: [0-9a-fA-F]{2})*$/;

/** The text that ends a line, where this is it: a character for each pair, or fewer where blanks were cut off its end. */
function textColumn(
  bytes: Uint8Array,
  start: number,
  end: number,
  count: number,
  gap: number,
): Span | undefined {
  const isBarred = bytes[start] === 0x7c || bytes[start] === 0x3e;
  const from = isBarred ? start + 1 : start;
  const to = isBarred ? Math.min(from + count, end) : end;
  if (isBarred || to - from === count) {
    return !isBarred && PAIRS_ALONE.test(latin1(bytes, from, to)) ? undefined : { start: from, end: to };
  }
  return gap > 1 && to - from < count && !isDigit(bytes[from]) ? { start: from, end: to } : undefined;
}

/** Where a line ends, before CR and LF, or where it is no more looked at. */
function lineEnd(bytes: Uint8Array, from: number, limit: number): number {
  let end = from;
  while (end < limit && end < bytes.length && bytes[end] !== 0x0a && bytes[end] !== 0x0d) end++;
  return end;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09;
}

function decodePairs(bytes: Uint8Array, at: number, limit: number, builder: ViewBuilder): number {
  const spaced = !isDigit(bytes[at + 2]);
  let next = at;
  for (let count = 0; count < PAIRS_BEFORE; count++) {
    let before = next;
    while (before > 0 && isSeparator(bytes[before - 1], spaced)) before--;
    if (before < next && !goesOnAbove(bytes, before, next, spaced)) break;
    if (!spaced) before = isBetweenGroups(bytes, before - 1) ? before - 1 : lineEndAbove(bytes, before);
    if (before < 2 || !isDigit(bytes[before - 1]) || !isDigit(bytes[before - 2])) break;
    next = before - 2;
  }
  while (next < limit && !builder.full) {
    if (isDigit(bytes[next]) && isDigit(bytes[next + 1])) {
      builder.push(pairAt(bytes, next), next, next + 2);
      next += 2;
    } else if (!spaced && isLineEnd(bytes[next])) next = behindMark(bytes, next) ?? next + 1;
    else if (!spaced && isBetweenGroups(bytes, next)) next++;
    else if (isSeparator(bytes[next], spaced || !isDigit(bytes[at + 4]))) next++;
    else break;
  }
  return next;
}

const DIGITS_ABOVE = {
  spaced: /(?:[\s:,-]|^)[0-9a-fA-F]{2}[ \t:,-]+[0-9a-fA-F]{2}$|(?:^|\n)[ \t]*[0-9a-fA-F]{2}$/,
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

function isSeparator(byte: number | undefined, spaced: boolean): boolean {
  if (isLineEnd(byte)) return true;
  return spaced && (byte === 0x20 || byte === 0x3a || byte === 0x09 || byte === 0x2d || byte === 0x2c);
}

function pairAt(bytes: Uint8Array, at: number): number {
  return digit(bytes[at]!) * 16 + digit(bytes[at + 1]!);
}

export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && digit(byte) >= 0;
}

/** The value of a hex digit; -1 for what is none. */
export function digit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
