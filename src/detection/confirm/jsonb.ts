import { RECORD_REACH } from './record.js';

/** What a container begins with: how many values it has, and what it is (PostgreSQL, `jsonb.h`). */
const HEADER = 4;
const SCALAR_IN_ARRAY = 0x5;
const ARRAY = 0x4;
const OBJECT = 0x2;
/** As many values are looked at: all of their entries must lie within reach. */
const MOST = RECORD_REACH / 4;
/** An entry says how long its value is, or where that ends, and of what kind it is: 0 is a text. */
const HAS_OFFSET = 0x80;
const KINDS = 0x70;
const LARGEST_KIND = 0x50;

interface Value {
  readonly start: number;
  readonly end: number;
}

/**
 * The text that holds the byte at `at` in a value that PostgreSQL keeps as `jsonb`: keys and values stand in a row with nothing
 * between, behind entries that say how long each is.
 */
export function textInJsonb(bytes: Uint8Array, at: number): Value | undefined {
  for (let header = at - 2 * HEADER; header >= Math.max(0, at - RECORD_REACH); header--) {
    const kind = bytes[header + 3]! >> 4;
    if ((kind !== OBJECT && kind !== ARRAY && kind !== SCALAR_IN_ARRAY) || bytes[header + 2] !== 0) continue;
    if ((bytes[header + 3]! & 15) !== 0) continue;
    const values = (bytes[header]! | (bytes[header + 1]! << 8)) * (kind === OBJECT ? 2 : 1);
    const value = values > 0 && values <= MOST ? textIn(bytes, header + HEADER, values, at) : undefined;
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Reads entries up to the one whose value holds `at`. */
function textIn(bytes: Uint8Array, entries: number, count: number, at: number): Value | undefined {
  const begin = entries + HEADER * count;
  if (begin > at) return undefined;
  let end = begin;
  for (let entry = entries; entry < begin; entry += HEADER) {
    const flags = bytes[entry + 3]!;
    if ((flags & KINDS) > LARGEST_KIND) return undefined;
    const size = bytes[entry]! | (bytes[entry + 1]! << 8) | (bytes[entry + 2]! << 16) | ((flags & 15) << 24);
    const start = end;
    end = (flags & HAS_OFFSET) === 0 ? end + size : begin + size;
    if (end < start) return undefined;
    if (start <= at && at < end) return (flags & KINDS) === 0 ? { start, end } : undefined;
  }
  return undefined;
}
