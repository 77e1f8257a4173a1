import { latin1 } from '../latin1.js';
import { behindWordEnd } from './encoded-word.js';
import { frameAbove, frameAt } from './framed-line.js';
import { behindMark, markAbove, markBefore } from './line-mark.js';
import type { Decoder } from './view.js';
import { READ_AFTER, ViewBuilder } from './view.js';

/** How many groups of four before the hit are decoded: what shows the left boundary, and the line of a dump. */
const GROUPS_BEFORE = 96;

const VALUES = new Int8Array(256).fill(-1);
for (const [value, character] of [
  ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
].entries()) {
  VALUES[character.charCodeAt(0)] = value;
}
VALUES['-'.charCodeAt(0)] = 62;
VALUES['_'.charCodeAt(0)] = 63;

/**
 * RFC 4648, both alphabets, padded or not; line breaks (also written `\n`) and the indentation after them are skipped, what
 * stands between long strings that make a text together or between encoded words of a mail, and the marks of quotations,
 * patches and comments before lines.
 */
export const decodeBase64: Decoder = (bytes, at, group) => {
  const builder = new ViewBuilder();
  const places = [0, 0, 0, 0];
  let url = false;
  let buffer = 0;
  let held = 0;
  let next = startOf(bytes, at + group);
  const limit = Math.min(bytes.length, at + READ_AFTER);
  for (; next < limit && !builder.full; next++) {
    const character = bytes[next]!;
    const value = VALUES[character]!;
    if (value < 0) {
      const word = behindWordEnd(bytes, next, 'B');
      if (word !== undefined) held = 0;
      const after =
        word ??
        behindMark(bytes, next) ??
        frameAt(bytes, next)?.next ??
        afterBreak(bytes, next, limit) ??
        afterString(bytes, next) ??
        afterWrittenBreak(bytes, next) ??
        afterSpace(bytes, next);
      if (after === undefined) break;
      next = after - 1;
      continue;
    }
    if (character === 0x2d || character === 0x5f) url = true;
    buffer = held === 0 ? value : (buffer << 6) | value;
    places[held++] = next;
    if (held > 1) builder.push((buffer >> (2 * (4 - held))) & 255, places[held - 2]!, next + 1);
    if (held === 4) held = 0;
  }
  return builder.view(url ? 'base64url' : 'base64', next, limit, bytes);
};

/** Goes back by whole groups, over line breaks, and over what stands between long lines. */
function startOf(bytes: Uint8Array, at: number): number {
  let start = at;
  let before = at - 1;
  let mark = markBefore(bytes, at);
  for (let groups = 0; groups < GROUPS_BEFORE; groups++) {
    for (let count = 0; count < 4; count++) {
      if (mark !== undefined && before < mark.end) {
        before = mark.start - 1;
        mark = markAbove(bytes, mark);
        if (mark === undefined) return start;
      }
      while (bytes[before] === 0x0a || bytes[before] === 0x0d) before--;
      if (before >= 0 && VALUES[bytes[before]!]! < 0) {
        before =
          beforeBreak(bytes, before) ??
          frameAbove(bytes, before + 1) ??
          (afterSpace(bytes, before) === undefined ? before : before - 1);
      }
      if (before < 0 || VALUES[bytes[before]!]! < 0) return start;
      before--;
    }
    start = before + 1;
  }
  return start;
}

/** A string of base64 that is not the whole text is as long as a line: shorter ones next to each other are several. */
const LONG = 48;
/** An operator, and what tells PowerShell and Visual Basic that the next line belongs to this one. */
const OPERATOR = String.raw`[ \t]*[,+.&\\]?[ \t]*[_${'`'}]?[ \t]*`;
const BETWEEN_STRINGS = new RegExp(String.raw`^(["'${'`'}])${OPERATOR}(?:\r?\n[ \t]*)+(?:[+.&][ \t]*)?\1`);

/** The first byte of the next string, where one ends at `at` and the next stands on the next line. */
function afterString(bytes: Uint8Array, at: number): number | undefined {
  if (!endsLongLine(bytes, at)) return undefined;
  const between = BETWEEN_STRINGS.exec(latin1(bytes, at, at + 100));
  return between === null ? undefined : at + between[0].length;
}

const BETWEEN_LINES = new RegExp(
  String.raw`(?:(["'${'`'}])${OPERATOR}(?:\r?\n[ \t]*)+(?:[+.&][ \t]*)?\1|\\\r?\n[ \t]+|\n[ \t]+|(?:<br ?\/?>|&#(?:1[03]|[xX]0*[aAdD]);)+[\r\n \t]*)$`,
);

/** The last byte of the line before, where it is a long one and what parts it from its next ends at `at`. */
function beforeBreak(bytes: Uint8Array, at: number): number | undefined {
  if (bytes[at] === 0x5c && isBreak(bytes[at + 1])) return endsLongLine(bytes, at) ? at - 1 : undefined;
  if (!PARTS.has(bytes[at]!)) return undefined;
  const between = BETWEEN_LINES.exec(latin1(bytes, Math.max(0, at - 99), at + 1));
  if (between === null) return undefined;
  let last = at - between[0].length;
  if (between[1] === undefined && bytes[last] === 0x0d) last--;
  return endsLongLine(bytes, last + 1) ? last : undefined;
}

function isBreak(byte: number | undefined): boolean {
  return byte === 0x0a || byte === 0x0d;
}

function endsLongLine(bytes: Uint8Array, end: number): boolean {
  return end >= LONG && endsWord(bytes, end, LONG);
}

/** A line's end in markup, and one that a backslash continues. */
const WRITTEN_BREAK = /^(?:(?:<br ?\/?>|&#(?:1[03]|[xX]0*[aAdD]);)+[\r\n \t]*|\\\r?\n[ \t]*)/;

function afterWrittenBreak(bytes: Uint8Array, at: number): number | undefined {
  if (!WRITTEN_STARTS.has(bytes[at]!) || !endsLongLine(bytes, at)) return undefined;
  const found = WRITTEN_BREAK.exec(latin1(bytes, at, at + 100));
  return found === null || (VALUES[bytes[at + found[0].length] ?? 0] ?? -1) < 0
    ? undefined
    : at + found[0].length;
}

const WRITTEN_STARTS = new Set([0x3c, 0x26, 0x5c]);

/** Columns at which encoders break lines. */
const COLUMNS = [60, 64, 70, 72, 76];

/** Behind a space that stands where a line ended: shells put the lines of what is not in quotes into one. */
function afterSpace(bytes: Uint8Array, at: number): number | undefined {
  if (bytes[at] !== 0x20 || !endsLongLine(bytes, at) || (VALUES[bytes[at + 1] ?? 0] ?? -1) < 0)
    return undefined;
  const isLine = COLUMNS.some((column) => {
    const before = bytes[at - column - 1];
    return at >= column && endsWord(bytes, at, column) && (before === undefined || VALUES[before]! < 0);
  });
  return isLine ? at + 1 : undefined;
}

function endsWord(bytes: Uint8Array, end: number, length: number): boolean {
  for (let at = end - length; at < end; at++) if (VALUES[bytes[at] ?? 0]! < 0) return false;
  return true;
}

/** Quotes, white space, and what ends a tag or a reference. */
const PARTS = new Set([0x22, 0x27, 0x60, 0x20, 0x09, 0x3e, 0x3b]);

/** The first byte after a line break and indentation. */
function afterBreak(bytes: Uint8Array, at: number, limit: number): number | undefined {
  let next = at;
  for (;;) {
    if (bytes[next] === 0x0a || bytes[next] === 0x0d) next++;
    else if (bytes[next] === 0x5c && (bytes[next + 1] === 0x6e || bytes[next + 1] === 0x72)) next += 2;
    else break;
  }
  if (next === at) return undefined;
  while (next < limit && (bytes[next] === 0x20 || bytes[next] === 0x09)) next++;
  return next;
}
