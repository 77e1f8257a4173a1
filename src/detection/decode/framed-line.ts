import { latin1 } from '../latin1.js';
import { behindEnd, lineBegin, lineStop } from './lines.js';

/** What stands before and behind the base64 of a line is no longer than this. */
const LONGEST_HEAD = 160;
const LONGEST_TAIL = 24;
const LONGEST_RUN = 160;
/** A shorter one is no line of a longer text. */
const SHORTEST_RUN = 48;
const RUN = /^[A-Za-z0-9+/_-]{2,}={0,2}/;

/** What parts two lines of base64. */
interface Frame {
  /** Where the base64 of the next one begins. */
  readonly next: number;
  /** How long that of the first one is. */
  readonly columns: number;
  /** Whether what stands before the lines differs in more than how they are counted, as names of values do. */
  readonly isNamed: boolean;
}

/**
 * What parts the base64 that ends at `at` from that of the next line, where the same stands around both: a program that puts a text together line by line (`$x .= '…';`), a script that writes one (`echo …>>x`), a comment, a row
 * of a table, what `grep` and `cat -n` print.
 */
export function frameAt(bytes: Uint8Array, at: number): Frame | undefined {
  const stop = lineStop(bytes, at, LONGEST_TAIL);
  const next = stop === undefined ? undefined : behindEnd(bytes, stop);
  if (next === undefined || bytes[at] === 0x3d) return undefined;
  const run = runBegin(bytes, at);
  const columns = at - run;
  if (columns < SHORTEST_RUN || columns > LONGEST_RUN || columns % 4 !== 0) return undefined;
  const start = lineBegin(bytes, run, LONGEST_HEAD);
  if (start === undefined) return undefined;
  const own = latin1(bytes, start, run);
  const head = shapeOf(own);
  const tail = latin1(bytes, at, stop!);
  // An end of a line and indentation are no frame.
  if (head.trim() === '' && tail === '') return undefined;
  const below = lineStop(bytes, next, LONGEST_HEAD + LONGEST_RUN + LONGEST_TAIL);
  const line = latin1(bytes, next, below ?? next);
  for (const { index } of line.matchAll(BEGINNINGS)) {
    if (index > LONGEST_HEAD || shapeOf(line.slice(0, index)) !== head) continue;
    const found = RUN.exec(line.slice(index))?.[0];
    if (found === undefined || found.length > columns) continue;
    const rest = line.slice(index + found.length);
    // The last line is as short as it may be, and ends as the whole does.
    if (rest === tail || (rest.length <= LONGEST_TAIL && found.length < columns))
      return { next: next + index, columns, isNamed: nameOf(own) !== nameOf(line.slice(0, index)) };
  }
  return undefined;
}

/** The last byte of the base64 of the line above, where a frame parts it from that which begins at `start`. */
export function frameAbove(bytes: Uint8Array, start: number): number | undefined {
  const line = lineBegin(bytes, start, LONGEST_HEAD);
  if (line === undefined || line === 0) return undefined;
  const above = lineBegin(bytes, line - 1, LONGEST_HEAD + LONGEST_RUN + LONGEST_TAIL);
  if (above === undefined) return undefined;
  for (const { 0: run, index } of latin1(bytes, above, line).matchAll(LONG_RUN)) {
    const end = above + index + run.length;
    if (frameAt(bytes, end)?.next === start) return end - 1;
  }
  return undefined;
}

const LONG_RUN = /[A-Za-z0-9+/_-]{48,}/g;

/** Where a run of base64 may begin. */
const BEGINNINGS = /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]/g;

/** The base64 that ends at `at`: where it begins. */
function runBegin(bytes: Uint8Array, at: number): number {
  let begin = at;
  while (begin > 0 && begin > at - LONGEST_RUN - 1 && isBase64(bytes[begin - 1]!)) begin--;
  return begin;
}

/** The numbers before a line, but for the one that counts it. */
function nameOf(head: string): string {
  return (head.replace(/\d+[:\t ]\s*$/, '').match(/\d+/g) ?? []).join();
}

/** What stands before a line, but for numbers and times, and for what only the first of several lines has otherwise. */
function shapeOf(head: string): string {
  return head
    .replace(/\d+/g, '0')
    .replace(/(\w+)[ \t]*[.+&]?=[ \t]*(?:\1[ \t]*[.+&][ \t]*)?/, '$1=')
    .replace(/^(?:(?:var|let|const|my|local|export|set|dim)[ \t]+)/i, '');
}

function isBase64(byte: number): boolean {
  const lower = byte | 0x20;
  return (
    (byte >= 0x2f && byte <= 0x39) ||
    (lower >= 0x61 && lower <= 0x7a) ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x5f
  );
}
