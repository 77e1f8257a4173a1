// FSE codes of Zstandard (RFC 8878, 4.1): how their states are shared out, and the tables that decode them.

import { USUAL_LENGTHS, USUAL_MATCHES, USUAL_OFFSETS, SHARES, NEXT } from './layout';

// Tables of the specification: 3.1.1.3.2.1.1 and 3.1.1.3.2.2.
const LENGTH_BASE: usize = memory.data<u32>([
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 28, 32, 40, 48, 64, 128, 256, 512, 1024,
  2048, 4096, 8192, 16384, 32768, 65536,
]);
const LENGTH_EXTRA: usize = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
]);
/** Three less than the length: it fits into 17 bits then. */
const MATCH_BASE: usize = memory.data<u32>([
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
  32, 34, 36, 38, 40, 44, 48, 56, 64, 80, 96, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536,
]);
const MATCH_EXTRA: usize = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3,
  3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
]);
const LENGTH_SHARES: usize = memory.data<i16>([
  4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1,
]);
const MATCH_SHARES: usize = memory.data<i16>([
  1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
  1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
]);
const OFFSET_SHARES: usize = memory.data<i16>([
  1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1,
]);

export const OF_LENGTHS: i32 = 0;
export const OF_OFFSETS: i32 = 1;
export const OF_MATCHES: i32 = 2;
export const OF_WEIGHTS: i32 = 3;

export const LENGTH_CODES: i32 = 36;
export const OFFSET_CODES: i32 = 32;
export const MATCH_CODES: i32 = 53;

/** Of the table whose shares were read last: the logarithm of its size. */
export let tableLog: i32 = 0;

/** The tables that blocks use without describing them. */
export function makeUsualTables(): void {
  memory.copy(SHARES, LENGTH_SHARES, LENGTH_CODES << 1);
  buildTable(USUAL_LENGTHS, 6, LENGTH_CODES, OF_LENGTHS);
  memory.copy(SHARES, MATCH_SHARES, MATCH_CODES << 1);
  buildTable(USUAL_MATCHES, 6, MATCH_CODES, OF_MATCHES);
  memory.copy(SHARES, OFFSET_SHARES, 29 << 1);
  buildTable(USUAL_OFFSETS, 5, 29, OF_OFFSETS);
}

/**
 * Reads how the states of an FSE code are shared out (4.1.1) to SHARES, and `tableLog`; how long that is, or -1.
 * @param most the highest symbol there may be
 */
export function readShares(at: usize, size: i32, mostLog: i32, most: i32): i32 {
  if (size < 1) return -1;
  memory.fill(SHARES, 0, (most + 1) << 1);
  tableLog = (load<u8>(at) & 15) + 5;
  if (tableLog > mostLog) return -1;
  let bit: i32 = 4;
  let left: i32 = 1 << tableLog;
  let symbol: i32 = 0;
  while (left > 0) {
    if (symbol > most || bit >> 3 >= size) return -1;
    // Reads beyond the end are noticed when it is known how much was read.
    const bits: i32 = <i32>(load<u32>(at + (bit >> 3)) >> (bit & 7));
    const width: i32 = 32 - clz(left + 1);
    const few: i32 = (1 << width) - 2 - left;
    let value: i32 = bits & ((1 << (width - 1)) - 1);
    if (value < few) {
      bit += width - 1;
    } else {
      value = bits & ((1 << width) - 1);
      if (value >= 1 << (width - 1)) value -= few;
      bit += width;
    }
    const share: i32 = value - 1;
    left -= abs(share);
    store<i16>(SHARES + (symbol << 1), <i16>share);
    symbol++;
    if (share != 0) continue;
    let zeros: i32 = 3;
    while (zeros == 3) {
      if (bit >> 3 >= size) return -1;
      zeros = (load<u16>(at + (bit >> 3)) >> (bit & 7)) & 3;
      bit += 2;
      symbol += zeros;
    }
  }
  const length: i32 = (bit + 7) >> 3;
  return left == 0 && length <= size && symbol <= most + 1 ? length : -1;
}

/** An entry: where the next state begins (16 bits), bits of the extra value (8), bits of the state (8), base (32). */
export function entryFor(code: i32, use: i32): u64 {
  if (use == OF_LENGTHS) {
    return (<u64>load<u32>(LENGTH_BASE + (code << 2)) << 32) | (<u64>load<u8>(LENGTH_EXTRA + code) << 16);
  }
  if (use == OF_MATCHES) {
    return (<u64>load<u32>(MATCH_BASE + (code << 2)) << 32) | (<u64>load<u8>(MATCH_EXTRA + code) << 16);
  }
  if (use == OF_WEIGHTS) return <u64>code << 32;
  // Offsets are three less than what is written; what is below is a repetition and comes of the bits alone.
  const base: i64 = code < 2 ? code : ((<i64>1) << code) - 3;
  return (<u64>base << 32) | (<u64>code << 16);
}

/** The table of an FSE code (4.1.1) whose shares are in SHARES. */
export function buildTable(table: usize, log: i32, codes: i32, use: i32): bool {
  const size: i32 = 1 << log;
  const mask: i32 = size - 1;
  let high: i32 = size;
  for (let code = 0; code < codes; code++) {
    const share: i32 = load<i16>(SHARES + (code << 1));
    if (share < 0) {
      high--;
      store<u8>(table + (high << 3), <u8>code);
      store<u16>(NEXT + (code << 1), 1);
    } else {
      store<u16>(NEXT + (code << 1), <u16>share);
    }
  }
  const stride: i32 = (size >> 1) + (size >> 3) + 3;
  let at: i32 = 0;
  for (let code = 0; code < codes; code++) {
    const share: i32 = load<i16>(SHARES + (code << 1));
    for (let i = 0; i < share; i++) {
      store<u8>(table + (at << 3), <u8>code);
      do {
        at = (at + stride) & mask;
      } while (at >= high);
    }
  }
  if (at != 0) return false;
  for (let index = 0; index < size; index++) {
    const code: i32 = load<u8>(table + (index << 3));
    const next: i32 = load<u16>(NEXT + (code << 1));
    store<u16>(NEXT + (code << 1), <u16>(next + 1));
    const bits: i32 = log - 31 + clz(next);
    const state: u64 = <u64>((next << bits) - size);
    store<u64>(table + (index << 3), entryFor(code, use) | state | (<u64>bits << 24));
  }
  return true;
}
