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
  if (!dumpLine(bytes, line)?.includes(at)) {
    const end = decodePairs(bytes, at, limit, builder);
    return builder.view('hex', end, limit, bytes);
  }
  for (let count = 0; count < LINES_BEFORE; count++) {
    const before = line === 0 ? line : lineStart(bytes, line - 1);
    if (before === line || dumpLine(bytes, before) === undefined) break;
    line = before;
  }
  while (line < limit && !builder.full) {
    const places = dumpLine(bytes, line);
    if (places === undefined) break;
    for (const place of places) builder.push(pairAt(bytes, place), place, place + 2);
    line = nextLine(bytes, line, limit);
  }
  return builder.view('hex', line, limit, bytes);
};

/** Whether this byte stands in a line of a hex dump: then its text column holds pieces of what the digits say in full. */
export function inHexDump(bytes: Uint8Array, at: number): boolean {
  return dumpLine(bytes, lineStart(bytes, at)) !== undefined;
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

/**
 * Where the pairs of a dump's line start: after an offset of four digits or more (and a colon, as `xxd` prints), groups
 * of pairs with a space between; two spaces after groups of equal length, or `|`, begin the text.
 */
function dumpLine(bytes: Uint8Array, start: number): number[] | undefined {
  let next = start;
  while (isDigit(bytes[next])) next++;
  const offsetDigits = next - start;
  if (offsetDigits < 4 || offsetDigits > 16) return undefined;
  const colon = bytes[next] === 0x3a;
  if (colon) next++;
  if (bytes[next] !== 0x20) return undefined;
  const places: number[] = [];
  const end = Math.min(bytes.length, start + DUMP_LINE);
  while (next < end) {
    let spaces = 0;
    for (; bytes[next] === 0x20; next++) spaces++;
    // `hexdump -C` leaves two spaces after the offset and in the middle, and ends the pairs with two and a bar.
    if (spaces === 0 || bytes[next] === 0x7c || !isDigit(bytes[next])) break;
    if (colon && spaces > 1 && places.length > 0) break;
    const before = places.length;
    while (isDigit(bytes[next]) && isDigit(bytes[next + 1])) {
      places.push(next);
      next += 2;
    }
    if (places.length === before) break;
  }
  return places.length > 0 ? places : undefined;
}

function decodePairs(bytes: Uint8Array, at: number, limit: number, builder: ViewBuilder): number {
  const spaced = !isDigit(bytes[at + 2]);
  let next = at;
  for (let count = 0; count < PAIRS_BEFORE; count++) {
    let before = next;
    while (before > 0 && isSeparator(bytes[before - 1], spaced)) before--;
    if (before < 2 || !isDigit(bytes[before - 1]) || !isDigit(bytes[before - 2])) break;
    next = before - 2;
  }
  while (next < limit && !builder.full) {
    if (isDigit(bytes[next]) && isDigit(bytes[next + 1])) {
      builder.push(pairAt(bytes, next), next, next + 2);
      next += 2;
    } else if (isSeparator(bytes[next], spaced || !isDigit(bytes[at + 4]))) next++;
    else break;
  }
  return next;
}

function isSeparator(byte: number | undefined, spaced: boolean): boolean {
  if (byte === 0x0a || byte === 0x0d) return true;
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
