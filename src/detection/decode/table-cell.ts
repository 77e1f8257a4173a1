import { latin1 } from '../latin1.js';
import type { Escape } from './escape.js';
import { behindEnd, lineBegin, lineStop } from './lines.js';

const LONGEST_ROW = 1024;
/** Between cells: ASCII, and the light, heavy and double lines that boxes are drawn with. */
const BORDER = String.raw`\||\xe2\x94[\x82\x83]|\xe2\x95\x91`;
/** By which psql says that a cell goes on. */
const MARK = String.raw`\.|\xe2\x80\xa6`;
/** Behind the text of a cell that is full. */
const FULL = new RegExp(String.raw`^(?: ?(?:${BORDER})|(?:${MARK})(?: ?(?:${BORDER})|\r?\n))`);
const UP_TO_CELL = new RegExp(`^.*(?:${BORDER})`, 's');
const CELL = new RegExp(String.raw`^(?: |${MARK})?(?=[\w-])`);
const IN_CELL = new RegExp(`^(?:(?!${BORDER}).)*`, 's');
/** Rows of which no other cell says anything. */
const BLANK = new RegExp(String.raw`^(?:\s|${BORDER}|${MARK})*$`);

/** The end of a row of a table, where a cell goes on in the next row. */
interface CellCut extends Escape {
  /** Whether both rows say so: elsewhere it may be another value in a cell that this one fills. */
  readonly isSaid: boolean;
}

/**
 * Where a cell of a table that is drawn for a terminal is full, and goes on at the same column of the next line, in which
 * all other cells are empty: as libraries draw tables, and psql where it wraps.
 */
export function readCell(bytes: Uint8Array, at: number): CellCut | undefined {
  if (!STARTS.has(bytes[at]!) || !FULL.test(latin1(bytes, at, at + 8))) return undefined;
  const start = lineBegin(bytes, at, LONGEST_ROW);
  const stop = lineStop(bytes, at, LONGEST_ROW);
  const next = stop === undefined ? undefined : behindEnd(bytes, stop);
  if (start === undefined || next === undefined) return undefined;
  const before = UP_TO_CELL.exec(latin1(bytes, start, at))?.[0];
  if (before === undefined) return undefined;
  const below = latin1(bytes, next, lineStop(bytes, next, LONGEST_ROW) ?? next);
  const lead = UP_TO_CELL.exec(below.slice(0, endOf(below, widthOf(before))))?.[0] ?? '';
  if (widthOf(lead) !== widthOf(before) || !BLANK.test(lead)) return undefined;
  const cell = below.slice(lead.length);
  const own = IN_CELL.exec(cell)![0];
  const padding = CELL.exec(cell)?.[0];
  if (padding === undefined || !BLANK.test(cell.slice(own.length))) return undefined;
  const isSaid = bytes[at] === padding.charCodeAt(0) && padding !== ' ';
  return { length: next + lead.length + padding.length - at, byte: undefined, isSaid };
}

const STARTS = new Set([0x20, 0x2e, 0x7c, 0xe2]);
/** Bytes that go on with a character of UTF-8. */
const REST = /[\x80-\xbf]/g;

/** Characters of a text of UTF-8 that is shown byte by byte. */
function widthOf(text: string): number {
  return text.replace(REST, '').length;
}

/** Behind so many characters of such a text. */
function endOf(text: string, width: number): number {
  const found = new RegExp(String.raw`^(?:[^\x80-\xbf][\x80-\xbf]*){${width}}`).exec(text);
  return found?.[0].length ?? 0;
}
