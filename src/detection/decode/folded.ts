import { latin1 } from '../latin1.js';
import { inHexDump } from './dump-line.js';
import type { Escape, EscapeReader } from './escape.js';
import { behindEnd, endsIn, lineBegin, lineStop } from './lines.js';
import { readCell } from './table-cell.js';

/** Columns at which terminals, `fold`, mail programs and formats of lines end them. */
const COLUMNS: ReadonlySet<number> = new Set([
  60, 64, 70, 72, 74, 75, 76, 77, 78, 79, 80, 100, 120, 132, 160,
]);
/** Lines of equal length below this are a list. */
const SHORTEST = 40;
const LONGEST = 512;
/** What a mail puts before lines that it quotes. */
const LONGEST_QUOTE = 24;
/** Digits of a chunk's size. */
const SIZE = 8;
/** Characters by which the entries of a log or a list are known; so many bytes are not the same by chance. */
const ENTRY_HEAD = 12;
const SAME = 4;

/**
 * The end of a line that is full, behind which a text goes on: of a chunk in a body of HTTP (RFC 9112, 7.1), of a terminal
 * or of `fold`, of a mail that quotes; or of a cell of a table. Nothing says for sure that it does.
 */
export const readFold: EscapeReader = (bytes, at) => {
  if (!isOfBody(bytes[at - 1])) return undefined;
  const next = behindEnd(bytes, at);
  if (next === undefined) return typedOn(bytes, at) ?? readCell(bytes, at);
  const length =
    (chunkHead(bytes, at, next) ?? folded(bytes, at, next) ?? typedIn(bytes, at, next) ?? at) - at;
  return length === 0 ? undefined : { length, byte: undefined };
};

/**
 * What stands at the right margin of a terminal. Shells write a blank and CR, which leads to the next row, while a line is
 * typed; zsh writes what comes there twice. Pagers go back over the blank.
 */
const ZSH_MARGIN = ' \r\x1b[K';
const MARGIN = /^ (?:\r(?:\x1b\[K([\w-])\r(?=\1))?|\x08)(?=[\w-])/;
const ROWS = /\n| [\r\x08]/;

const BACKSPACE = 0x08;
/** A row that is typed on is wider: what stands before a bar that a program draws anew is not. */
const NARROWEST = 40;

/** Whether a shell ended a row of a terminal there, of the line that was typed: wide enough for one. */
export function isMargin(bytes: Uint8Array, at: number): boolean {
  if (typedOn(bytes, at) === undefined) return false;
  const before = latin1(bytes, Math.max(0, at - LONGEST), at);
  const row = before.split(ROWS).at(-1)!;
  return row.replace(CONTROLS, '').length >= NARROWEST;
}

const CONTROLS = /\x1b\[[\d;?]*[A-Za-z]/g;

function typedOn(bytes: Uint8Array, at: number): Escape | undefined {
  if (bytes[at] !== 0x20 || (bytes[at + 1] !== 0x0d && bytes[at + 1] !== BACKSPACE)) return undefined;
  const found = MARGIN.exec(latin1(bytes, at, at + 12));
  return found === null ? undefined : { length: found[0].length, byte: undefined };
}

/** Behind the head of the next chunk, where one ends at `at`. */
function chunkHead(bytes: Uint8Array, at: number, next: number): number | undefined {
  if (next - at !== 2) return undefined;
  let size = 0;
  let end = next;
  for (; end < next + SIZE; end++) {
    const digit = hexDigit(bytes[end]);
    if (digit < 0) break;
    size = size * 16 + digit;
  }
  if (end === next || size === 0 || bytes[end] !== 0x0d || bytes[end + 1] !== 0x0a) return undefined;
  const last = end + 2 + size;
  if (last + 1 < bytes.length && (bytes[last] !== 0x0d || bytes[last + 1] !== 0x0a)) return undefined;
  return isOfBody(bytes[end + 2]) ? end + 2 : undefined;
}

const SHORTEST_WORD = 18;
const LONGEST_WORD = 32;
const FIRST_PART = /(?<![A-Za-z0-9_-])[a-z]{2,8}(?:_[a-z]{0,8})?$/;
const SECOND_PART = /^[a-z]{0,8}_(?:[a-z]{1,8}_)?[A-Za-z0-9_-]{16,}/;

/** The next line, where somebody typed the end of one within words that low lines join, before a long one. */
function typedIn(bytes: Uint8Array, at: number, next: number): number | undefined {
  let end = next;
  while (end < next + LONGEST_WORD && isOfBody(bytes[end])) end++;
  if (end - next < SHORTEST_WORD) return undefined;
  const isCut =
    SECOND_PART.test(latin1(bytes, next, next + 48)) && FIRST_PART.test(latin1(bytes, at - 20, at));
  return isCut ? next : undefined;
}

/** Behind the quotation of the next line, where the one that ends at `at` is as long as such lines are. */
function folded(bytes: Uint8Array, at: number, next: number): number | undefined {
  const start = lineBegin(bytes, at, LONGEST);
  if (start === undefined || at - start < SHORTEST) return undefined;
  const length = at - start;
  const quote = quoteEnd(bytes, start) - start;
  const isContinued = quote === 0 && COLUMNS.has(length) && isBlank(bytes[next]);
  const begin = isContinued ? next + 1 : quoteEnd(bytes, next);
  if (!isOfBody(bytes[begin]) || inHexDump(bytes, next)) return undefined;
  if (begin - next !== (isContinued ? 1 : quote) || beginAlike(bytes, start + quote, begin)) return undefined;
  const stop = lineStop(bytes, next, LONGEST);
  if (stop !== undefined && stop - next > length) return undefined;
  if (quote > 0 || COLUMNS.has(length)) return begin;
  const before = start - (bytes[start - 2] === 0x0d ? 2 : 1);
  const isRow = before > 0 && before - (lineBegin(bytes, before, LONGEST) ?? before) === length;
  return isRow && stop !== undefined && stop - next === length ? begin : undefined;
}

/**
 * Whether two lines begin as entries of a log or a list do, each for itself: with the same bytes, or with the same kinds of
 * characters, among them what parts fields.
 */
function beginAlike(bytes: Uint8Array, one: number, other: number): boolean {
  const [first, second] = [one, other].map((at) => latin1(bytes, at, at + ENTRY_HEAD)) as [string, string];
  if (first.slice(0, SAME) === second.slice(0, SAME)) return true;
  const kinds = kindsOf(first);
  return kinds === kindsOf(second) && /[^0aA]/.test(kinds);
}

function kindsOf(text: string): string {
  return text.replace(/[0-9]/g, '0').replace(/[a-z]/g, 'a').replace(/[A-Z]/g, 'A');
}

/** Whether a second part behind what is at `at` (the end of a line, a quotation) follows a line that ends in the byte `last`. */
export function followsFullLine(bytes: Uint8Array, at: number, last: number): boolean {
  if (bytes[at + 1] === 0x0d && bytes[at] !== 0x0a) {
    const margin = bytes[at] === 0x20 ? at : at - ZSH_MARGIN.length;
    return bytes[margin - 1] === last && (margin === at || latin1(bytes, margin, at) === ZSH_MARGIN);
  }
  if (bytes[at] === 0x0a) return endsIn(bytes, at, last) || hexDigit(bytes[at - 2]) >= 0;
  const start = lineBegin(bytes, at, LONGEST_QUOTE);
  return start !== undefined && bytes[start] === 0x3e && endsIn(bytes, start - 1, last);
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09;
}

function quoteEnd(bytes: Uint8Array, start: number): number {
  let end = start;
  while (end < start + LONGEST_QUOTE && (bytes[end] === 0x3e || (end > start && bytes[end] === 0x20))) end++;
  return end;
}

/** Whether a token may go on with it. */
export function isOfBody(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const lower = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x7a) || byte === 0x2d || byte === 0x5f;
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
