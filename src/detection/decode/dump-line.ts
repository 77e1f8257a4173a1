import type { Span } from '../../model/span.js';
import { latin1 } from '../latin1.js';
import { isDigit } from './hex-digits.js';
import { lineStart } from './lines.js';
import { type DumpLine, toldDumpLine } from './told-dump.js';

/** Whether this byte stands in a line of a hex dump. */
export function inHexDump(bytes: Uint8Array, at: number): boolean {
  return dumpLine(bytes, lineStart(bytes, at)) !== undefined;
}

/** Whether it stands in the text that ends such a line: that holds pieces of what the digits say in full. */
export function inDumpText(bytes: Uint8Array, at: number): boolean {
  const text = dumpLine(bytes, lineStart(bytes, at))?.text;
  return text !== undefined && text.start <= at && at < text.end;
}

/** The longest line of a dump that is recognized: 256 bytes as `xxd` shows them. */
const DUMP_LINE = 1000;
const LONGEST_INDENT = 16;
/** Fewer digits than these are an offset only at the beginning of a line, or with what marks one. */
const TELLING_DIGITS = 8;

export function dumpLine(bytes: Uint8Array, start: number): DumpLine | undefined {
  return plainDumpLine(bytes, start) ?? toldDumpLine(bytes, start);
}

/**
 * An offset of four digits or more (`0x` before it, a colon behind it, as `xxd`, `tcpdump` and debuggers print it), groups
 * of pairs with a space or a dash between, and as many characters of text as there are pairs, in bars or not.
 */
function plainDumpLine(bytes: Uint8Array, start: number): DumpLine | undefined {
  const row = rowAt(bytes, start);
  if (row === undefined) return undefined;
  const { offset, places, text } = row;
  // Digits in groups begin with one that is no offset.
  const isGroup = !offset.isTold && text === undefined && offset.digits === row.group;
  return isGroup && !isCounted(bytes, start, row) ? undefined : { places, text };
}

/** An offset, and what stands behind it as pairs and as text. */
interface Row {
  readonly offset: Offset;
  readonly places: readonly number[];
  readonly text: Span | undefined;
  /** Digits of the first group. */
  readonly group: number;
}

function rowAt(bytes: Uint8Array, start: number): Row | undefined {
  const offset = dumpOffset(bytes, start);
  if (offset === undefined) return undefined;
  const end = lineEnd(bytes, offset.end, start + DUMP_LINE);
  if (end === undefined) return undefined;
  const places: number[] = [];
  let text: Span | undefined;
  let group = 0;
  for (let next = offset.end; next < end; ) {
    const first = gapEnd(bytes, next, places.length > 0);
    const gap = first - next;
    if (gap === 0) break;
    text = places.length === 0 ? undefined : textColumn(bytes, first, end, places.length, gap, group);
    if (text !== undefined || (offset.isMarked && gap > 1 && places.length > 0)) break;
    next = first;
    while (isDigit(bytes[next]) && isDigit(bytes[next + 1])) {
      places.push(next);
      next += 2;
    }
    if (next === first) break;
    group ||= next - first;
  }
  return places.length > 0 ? { offset, places, text, group } : undefined;
}

/** Whether the line below or above begins as many bytes away as it or this one shows. */
function isCounted(bytes: Uint8Array, start: number, { offset, places }: Row): boolean {
  const end = lineEnd(bytes, offset.end, start + DUMP_LINE);
  const next = bytes[end!] === 0x0d ? end! + 2 : end! + 1;
  if (dumpOffset(bytes, next)?.value === offset.value + places.length) return true;
  const above = start === 0 ? undefined : rowAt(bytes, lineStart(bytes, start - 1));
  return above !== undefined && above.offset.value + above.places.length === offset.value;
}

interface Offset {
  readonly end: number;
  readonly digits: number;
  readonly value: number;
  /** Whether a colon follows it. */
  readonly isMarked: boolean;
  /** Whether `0x` or a colon says that it is one. */
  readonly isTold: boolean;
}

/** The offset that begins a line of a dump. */
function dumpOffset(bytes: Uint8Array, start: number): Offset | undefined {
  if (start > 0 && bytes[start - 1] !== 0x0a) return undefined;
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
  const isColon = bytes[next] === 0x3a;
  const end = isColon ? next + 1 : next;
  if (bytes[end] !== 0x20) return undefined;
  if (isIndented && !isHex && !isColon && digits < TELLING_DIGITS) return undefined;
  const value = Number.parseInt(latin1(bytes, first, next).replace('`', ''), 16);
  return { end, digits, value, isMarked: isColon, isTold: isColon || isHex };
}

/** Behind the spaces that part two groups, or the dash that stands in the middle of a line. */
function gapEnd(bytes: Uint8Array, at: number, isInside: boolean): number {
  if (isInside && bytes[at] === 0x2d) return at + 1;
  let next = at;
  while (bytes[next] === 0x20) next++;
  return next;
}

/** The text that ends a line, where this is it: a character for each pair, or fewer where blanks were cut off its end. */
function textColumn(
  bytes: Uint8Array,
  start: number,
  end: number,
  count: number,
  gap: number,
  group: number,
): Span | undefined {
  const isBarred = bytes[start] === 0x7c || bytes[start] === 0x3e;
  const from = isBarred ? start + 1 : start;
  const to = isBarred ? Math.min(from + count, end) : end;
  if (isBarred || to - from === count) {
    return !isBarred && isGroups(latin1(bytes, from, to), group) ? undefined : { start: from, end: to };
  }
  return gap > 1 && to - from < count && !isDigit(bytes[from]) ? { start: from, end: to } : undefined;
}

/** Whether a text is groups of so many digits, of which the last may be shorter. */
function isGroups(text: string, digits: number): boolean {
  const parts = text.split(' ');
  const isWhole = (part: string, index: number) =>
    part.length === digits || (index === parts.length - 1 && part.length < digits);
  return parts.every((part, index) => isWhole(part, index) && /^[0-9a-fA-F]+$/.test(part));
}

/** Where a line ends, before CR and LF; `undefined` where that is behind `limit`. */
function lineEnd(bytes: Uint8Array, from: number, limit: number): number | undefined {
  let end = from;
  while (end < limit && end < bytes.length && bytes[end] !== 0x0a && bytes[end] !== 0x0d) end++;
  return end === limit && end < bytes.length ? undefined : end;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09;
}
