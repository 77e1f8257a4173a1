import { isUtf8 } from 'node:buffer';
import { latin1 } from '../latin1.js';
import { textInJsonb } from './jsonb.js';
import { entryAt } from './packed-list.js';
import { columnAt, RECORD_REACH } from './record.js';
import { isControl, lengthsOfLonger, type Tell } from './stored-longer.js';

/** A text that is stored with its length, as binary formats keep it: what follows it is the next value, with nothing between. */
export interface Stored {
  readonly end: number;
  /** Whether it begins where the prefix does. */
  readonly begins: boolean;
  /** Whether this is what the length says, or only what it may say. */
  readonly isSure: boolean;
}

/** What tells that bytes are no text stands so close. */
const NEAR = 16;
/** What stands before a text, and is no length there where the text is set off behind it, too: as one it would be 32, 34, 39… */
const OPENERS = codesOf(' "\'(,/:;<=>@[|&`');
/** What sets a text off behind it: marks, and ends of lines and texts. A quote closes itself alone. */
const MARKS = codesOf(' )],/:;<>@|&');
const ENDS = codesOf('\0\t\n\r');
const COLON = 0x3a;
const ZERO = 0x30;
const QUOTES = codesOf('"\'`');
/** What sets a text off behind it, among bytes too. */
const SETTING_OFF = codesOf(' \t\n\r"\'`<>&,;)]}\\');
/** How far around a text other bytes are looked for. */
const AMONG = 256;
/** As long as values are looked back through that begin before the prefix. */
const LONGEST_BEGINNING = 200;
/** Before a length of one byte: CBOR, Python's pickles, MessagePack (of text, of bytes), certificates (UTF8String). */
const KINDS = new Set([0x78, 0x8c, 0xd9, 0xc4, 0x0c]);
/** The one of them that words end in. */
const OF_WORDS = 0x78;
const BLANK = 0x20;
/** The same where no text has such a byte before what may be a length: compiled Python (short ASCII, interned or not). */
const SURE_KINDS = new Set([0xda, 0xfa]);

/** The same of control characters that no text has before a mark: property lists, Protocol Buffers. */
const SELDOM = new Set([0x10, 0x12, 0x1a]);

/**
 * What lengths stand before a prefix, as far as they say that the text ends in `[least, run]`, where characters of a body
 * do; the surest first.
 * @param isLoose whether what stands further off tells that the bytes are no text: then lengths are only what they may be
 */
export function storedTexts(
  bytes: Uint8Array,
  start: number,
  least: number,
  run: number,
  isLoose: boolean,
): Stored[] {
  const found: Stored[] = [];
  const tell = (begin: number, length: number, isSure: boolean) => {
    const end = begin + length;
    if (end >= least && end <= run) found.push({ end, begins: begin === start, isSure });
  };
  lengthsInDigits(bytes, start, run, tell);
  const column = hasControl(bytes, start - RECORD_REACH, start) ? columnAt(bytes, start) : undefined;
  if (column !== undefined) tell(column.start, column.end - column.start, true);
  const binary = isBinary(bytes, start, run);
  const value = binary || isLoose ? textInJsonb(bytes, start) : undefined;
  if (value !== undefined) tell(value.start, value.end - value.start, true);
  const entry = binary || isLoose ? entryAt(bytes, start) : undefined;
  if (entry !== undefined) tell(entry.begin, entry.length, true);
  if (binary) {
    lengthsBefore(bytes, start, run, tell);
    lengthsOfLonger(bytes, start, run, tell);
  } else if (isLoose) {
    lengthsBefore(bytes, start, run, (begin, length) => tell(begin, length, false));
    lengthsOfLonger(bytes, start, run, (begin, length, isSure) => isSure && tell(begin, length, true));
  }
  return found.sort((a, b) => Number(b.isSure) - Number(a.isSure));
}

/**
 * Lengths in digits and a colon, as bencode has them (`5:token47:tg_org_…4:user`: torrents, commits of Bazaar), before the prefix or
 * what leads to it: where the text ends, the next value begins, or a list ends. Digits may belong to the value before.
 */
function lengthsInDigits(bytes: Uint8Array, start: number, run: number, tell: Tell): void {
  const floor = Math.max(0, start - LONGEST_BEGINNING);
  for (let colon = start - 1; colon > floor; colon--) {
    if (bytes[colon] !== COLON) continue;
    let length = 0;
    for (let at = colon - 1, scale = 1; isDigit(bytes[at]) && scale <= 1000; at--, scale *= 10) {
      length += (bytes[at]! - 0x30) * scale;
      const end = colon + 1 + length;
      if (bytes[at] === ZERO || end <= start || end >= run) continue;
      // The number of a line stands by itself.
      if (colon === start - 1 && !isAlphanumeric(bytes[at - 1])) continue;
      if (BENCODED.test(latin1(bytes, end, end + 12))) tell(colon + 1, length, true);
    }
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= ZERO + 9;
}

function isAlphanumeric(byte = 0): boolean {
  return isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a);
}

/** How values begin, and lists end, in bencode. */
const BENCODED = /^(?:e*(?:\d{1,4}:|i-?\d+e|[dl][\dlie])|e+(?:[^0-9A-Za-z_-]|$))/;

/** Lengths right before the prefix. */
function lengthsBefore(bytes: Uint8Array, start: number, run: number, tell: Tell): void {
  const last = bytes[start - 1];
  const before = bytes[start - 2];
  if (last === undefined) return;
  // Java, property lists, fields of Protocol Buffers; behind others of those the next one's tag and length stand.
  const behind = bytes[start + last + 1];
  const isTold = isControl(before) || KINDS.has(before ?? 0) || (behind !== 0 && isControl(behind));
  if (SURE_KINDS.has(before ?? 0) && last < 0x80) tell(start, last, true);
  const close = closedBy(last, bytes[run]);
  // A word that ends in `x`, a blank, and a text that a zero ends.
  if (close === 'an end' && before === OF_WORDS && last === BLANK) return;
  // What looks like an end may be the length of the next text, or a mark in it.
  if (close === 'a mark' && start + last < run && SELDOM.has(before ?? 0)) tell(start, last, true);
  else if (close === 'a mark' && start + last < run && KINDS.has(before ?? 0)) tell(start, last, false);
  if (close === 'a mark' || (close !== undefined && !isTold)) return;
  tell(start, last, isTold || start + last === run);
  if (last === 0 && before === 0 && bytes[start - 3] === 0) tell(start, wideLength(bytes, start), true);
  else if (last === 0) tell(start, before ?? 0, false);
  // Avro and Thrift double it; PostgreSQL doubles it with itself counted; Ruby adds five.
  tell(start, last % 2 === 0 ? last / 2 : (last - 3) / 2, false);
  tell(start, last - 5, false);
}

/** A length of four bytes or eight, the last ones first. */
function wideLength(bytes: Uint8Array, start: number): number {
  for (let at = start - 4; at >= start - 7; at--)
    if (bytes[at] !== 0) return at === start - 4 ? bytes[at]! : 0;
  return bytes[start - 8] ?? 0;
}

/** What sets a text off, if what stands before it may do so. */
function closedBy(before: number, behind = 0): 'a mark' | 'an end' | undefined {
  if (QUOTES.has(before)) return behind === before ? 'a mark' : undefined;
  if (!OPENERS.has(before)) return undefined;
  return MARKS.has(behind) ? 'a mark' : ENDS.has(behind) ? 'an end' : undefined;
}

/** Whether bytes that no text has stand within reach: values may lie side by side there. */
export function isAmongBytes(bytes: Uint8Array, start: number, run: number): boolean {
  return (
    hasControl(bytes, start - AMONG, start) || hasControl(bytes, run, Math.min(bytes.length, run + AMONG))
  );
}

/** Whether a text ends in what sets texts off: a quote, white space, a mark. */
export function isSetOff(bytes: Uint8Array, run: number): boolean {
  const behind = bytes[run];
  return behind === undefined || SETTING_OFF.has(behind);
}

/** Whether a text is set off on both sides, or stands between zeros: then its characters are all there is to it. */
export function isParted(bytes: Uint8Array, start: number, run: number): boolean {
  const before = bytes[start - 1] ?? 0;
  if (bytes[run] === 0) return before === 0 || OPENERS.has(before);
  return OPENERS.has(before) && isSetOff(bytes, run);
}

function isBinary(bytes: Uint8Array, start: number, run: number): boolean {
  let from = Math.max(0, start - NEAR);
  if (hasControl(bytes, from, start) || hasControl(bytes, run, run + 2)) return true;
  // A character may have begun before.
  for (let cut = 0; from > 0 && cut < 3 && (bytes[from]! & 0xc0) === 0x80; cut++) from++;
  return !isUtf8(bytes.subarray(from, start));
}

function hasControl(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = Math.max(0, from); at < to; at++) if (isControl(bytes[at])) return true;
  return false;
}

function codesOf(characters: string): ReadonlySet<number> {
  return new Set([...characters].map((character) => character.charCodeAt(0)));
}
