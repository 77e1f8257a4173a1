/** How far back the header of a record is looked for. */
export const RECORD_REACH = 1024;
/** A header says so of itself in one byte: one that a text has only where it ends a line, or before a number's type. */
const LONGEST_HEADER = 127;
const SHORT_HEADER = 31;
/** Length and row ID that stand before it, of nine bytes each at most. */
const LONGEST_VARINT = 9;
const LEAD = 2 * LONGEST_VARINT;

/** Sizes of numbers, by their serial types. */
const NUMBERS = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, Number.NaN, Number.NaN];

/** A column of a record, half-open. */
interface Column {
  readonly start: number;
  readonly end: number;
}

/**
 * The column that holds the byte at `at`, where a record of SQLite does (sqlite.org/fileformat2, 2.1): the values of a row
 * stand in a row with nothing between, behind a header that says how long each is. What only looks like one, in a header,
 * is nearer than it and seldom begins a column there.
 */
export function columnAt(bytes: Uint8Array, at: number): Column | undefined {
  const first = Math.max(1, at - RECORD_REACH);
  let furthest: Column | undefined;
  let high = at;
  for (let header = at - 2; header >= first; header--) {
    // What is longer than a byte says has a length of several, right before.
    while (high >= header || (high > first - LEAD && bytes[high]! < 0x80)) high--;
    if (at - header >= 0x80 && high < header - LEAD) continue;
    const length = bytes[header]!;
    if (length < 2 || length > LONGEST_HEADER || header + length > at) continue;
    if (length > SHORT_HEADER && bytes[header + 1]! > 8) continue;
    const column = columnIn(bytes, header, header + length, at);
    if (column === undefined || !isSaidBefore(bytes, header, column.total)) continue;
    if (column.start === at) return column;
    furthest = column;
  }
  return furthest;
}

/** The column that holds `at`, and how long header and values are in all. */
function columnIn(
  bytes: Uint8Array,
  header: number,
  body: number,
  at: number,
): (Column & { readonly total: number }) | undefined {
  let next = header + 1;
  let end = body;
  let column: Column | undefined;
  while (next < body) {
    const byte = bytes[next]!;
    const type = byte < 0x80 ? byte : varint(bytes, next);
    const start = end;
    end += sizeOf(type);
    if (start <= at && at < end) column = { start, end };
    // Of two types there are no values.
    if (Number.isNaN(end) || (column === undefined && start > at)) return undefined;
    next += byte < 0x80 ? 1 : varintLength(bytes, next);
  }
  if (column === undefined || next !== body) return undefined;
  return { ...column, total: end - header };
}

/** What a value of a serial type takes. */
function sizeOf(type: number): number {
  return type < NUMBERS.length ? NUMBERS[type]! : Math.floor((type - 12) / 2);
}

/** Whether the length of a record stands before its header, with the ID of its row between or not. */
function isSaidBefore(bytes: Uint8Array, header: number, total: number): boolean {
  for (let at = header - 1; at >= Math.max(0, header - LEAD); at--) {
    if (varint(bytes, at) !== total) continue;
    const next = at + varintLength(bytes, at);
    if (next === header || next + varintLength(bytes, next) === header) return true;
  }
  return false;
}

/** Seven bits a byte, the first ones first. What is too long for a length comes out as something else. */
function varint(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let next = at; next < at + LONGEST_VARINT; next++) {
    const byte = bytes[next] ?? 0;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) break;
  }
  return value;
}

function varintLength(bytes: Uint8Array, at: number): number {
  let length = 1;
  while (length < LONGEST_VARINT && (bytes[at + length - 1] ?? 0) >= 0x80) length++;
  return length;
}
