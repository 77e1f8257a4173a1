import { inHexDump } from './decode/dump-line.js';
import { behindWordEnd } from './decode/encoded-word.js';
import { frameAt } from './decode/framed-line.js';
import { isDigit } from './decode/hex-digits.js';
import { behindMark } from './decode/line-mark.js';
import { lineStart as beginOfLine, behindEnd, lineBegin, lineStop } from './decode/lines.js';
import { recordLine } from './decode/records.js';
import type { DecodedView } from './decode/view.js';
import { latin1 } from './latin1.js';

/** Encoders fill lines: what is shorter ends because its text does. */
const SHORTEST_LINE = 56;
/** Columns at which tools break lines of base64 (RFC 1421, RFC 2045, `base64`, OpenSSL, GnuPG). */
const COLUMNS: ReadonlySet<number> = new Set([60, 64, 65, 70, 72, 75, 76, 78, 80]);
/** So much readable text behind a line's end does not come about by chance: in one of four hundred cases at most. */
const TELLING = 6;

const LONGEST_LINE = 200;

/** A line's end inside of something that was decoded over lines. */
export interface LineEnd {
  /** How many bytes of the view come from before it. */
  readonly length: number;
  /** Whether what follows belongs to the same text: for sure, or only rather than not. */
  readonly goesOn: 'surely' | 'rather' | 'hardly';
}

/**
 * Where a line ends within `[start, end)` of `bytes`, of which `view` was decoded: a wrapped text goes on there, a value
 * that fills its line does not, and decoding what follows gives noise.
 */
export function lineEndWithin(
  bytes: Uint8Array,
  view: DecodedView,
  start: number,
  end: number,
): LineEnd | undefined {
  if (view.encoding === 'hex') return digitsEndWithin(bytes, view, start, end);
  const at = breakIn(bytes, start, end);
  if (at === undefined) return undefined;
  const length = lengthUpTo(view, at);
  const behind = view.bytes.subarray(length, length + 16);
  const isText = behind.every((byte) => (byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d));
  const frame = behindMark(bytes, at) === undefined ? frameAt(bytes, view.ends[length - 1] ?? at) : undefined;
  if (frame !== undefined) {
    const isFull = COLUMNS.has(frame.columns);
    const isSure = isText && behind.length >= TELLING;
    return { length, goesOn: !isFull || frame.isNamed ? 'hardly' : isSure ? 'surely' : 'rather' };
  }
  if (isText && behind.length >= TELLING) return { length, goesOn: 'surely' };
  if (!isEncodedLine(bytes, at)) return { length, goesOn: 'hardly' };
  const column = at - lineStart(bytes, view, at);
  const isFull = COLUMNS.has(column) || (column >= SHORTEST_LINE && column % 4 === 0 && isText);
  return { length, goesOn: isFull ? 'rather' : 'hardly' };
}

/** Columns at which tools break lines of hex digits: `xxd -p`, `fold`, OpenSSL, and powers of two. */
const DIGIT_COLUMNS: ReadonlySet<number> = new Set([32, 40, 48, 60, 64, 72, 76, 78, 80, 96, 100, 120, 128]);
/** That of `xxd -p`; tokens of such a length are not known. */
const COMMON_COLUMNS = 60;

/**
 * The same of digits in pairs that nothing parts, where whatever follows is as much of a text as what stands before: lines
 * that are wrapped are as long as each other, but for the last.
 */
function digitsEndWithin(
  bytes: Uint8Array,
  view: DecodedView,
  start: number,
  end: number,
): LineEnd | undefined {
  let at = start;
  while (at < end && bytes[at] !== 0x0a && bytes[at] !== 0x0d) at++;
  const next = at === end ? undefined : behindEnd(bytes, at);
  const isPacked = isDigit(bytes[at - 3]) && isDigit(bytes[start + 2] ?? 0);
  if (next === undefined || !isPacked || inHexDump(bytes, start) || behindMark(bytes, at) !== undefined)
    return undefined;
  if (recordLine(bytes, beginOfLine(bytes, at)) !== undefined) return undefined;
  const first = lineBegin(bytes, at, LONGEST_LINE) ?? at - LONGEST_LINE;
  const own = at - first;
  const below = (lineStop(bytes, next, LONGEST_LINE) ?? Number.POSITIVE_INFINITY) - next;
  const isRow = below === own || isAsLongAbove(bytes, first, own);
  const isFull = below <= own && DIGIT_COLUMNS.has(own);
  const goesOn =
    isFull && (isRow || own === COMMON_COLUMNS) ? 'surely' : isFull || isRow ? 'rather' : 'hardly';
  return { length: lengthUpTo(view, at), goesOn };
}

function isAsLongAbove(bytes: Uint8Array, first: number, length: number): boolean {
  const end = first - (bytes[first - 2] === 0x0d ? 2 : 1);
  return end > 0 && end - (lineBegin(bytes, end, LONGEST_LINE) ?? 0) === length;
}

/** How many bytes of a view come from before a place. */
function lengthUpTo(view: DecodedView, at: number): number {
  let length = 0;
  while (length < view.bytes.length && view.ends[length]! <= at) length++;
  return length;
}

/** The first line's end, as such, as an escape in a string, or as the space that a shell made of it; not between encoded words. */
function breakIn(bytes: Uint8Array, start: number, end: number): number | undefined {
  for (let at = start; at < end; at++) {
    at = behindWordEnd(bytes, at, 'B') ?? at;
    const byte = bytes[at];
    if (byte === 0x0a || byte === 0x0d || byte === 0x20) return at;
    if (byte === 0x5c && (bytes[at + 1] === 0x6e || bytes[at + 1] === 0x72)) return at;
  }
  return undefined;
}

/** Where the encoded characters of the line begin that ends at `at`. */
function lineStart(bytes: Uint8Array, view: DecodedView, at: number): number {
  const first = view.starts[0] ?? at;
  for (let place = at - 1; place >= first; place--) {
    if (bytes[place] === 0x0a || bytes[place] === 0x0d || bytes[place] === 0x20) return place + 1;
  }
  return first;
}

const BREAK = /^(?:(?:\r|\n|\\r|\\n)+[ \t]*(?:(?:>+|#+|\*|;+|\/\/|[+-])[ \t]*)?| )/;
// In quoted-printable what stands for line breaks and padding may be written out.
const ENCODED_LINE = /^(?:[A-Za-z0-9+/_-]|=3D|=0D|=0A)+={0,2}(?:$|[\r\n"'`\\<])/;

/** Whether the line after the one that ends at `at` is nothing but base64. */
export function isEncodedLine(bytes: Uint8Array, at: number): boolean {
  const marked = behindMark(bytes, at);
  if (marked !== undefined) return ENCODED_LINE.test(latin1(bytes, marked, marked + LONGEST_LINE));
  const behind = latin1(bytes, at, at + LONGEST_LINE);
  return ENCODED_LINE.test(behind.replace(BREAK, ''));
}
