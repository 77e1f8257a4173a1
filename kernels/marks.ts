// Finds where a stream may begin among bytes that are no text: any of a few marks, told by their first three bytes all at
// once (the fingerprints of Teddy, as in Hyperscan), and what may be DEFLATE behind them.
import { CUT_SHORT, DONE, TOO_LONG, TOO_SHORT, inflateRaw, produced } from './inflate';

/** Marks that share a bit may be taken for one another; there are eight. */
const BITS: i32 = 8;
const FINGERPRINT: i32 = 3;
/** For each byte of the fingerprint, by its low and by its high four bits: the bits of the marks that have them there. */
const TABLES: usize = memory.data(FINGERPRINT * 2 * 16, 16);

/** A stream that becomes so much is none by accident; no more of it is made. */
const ENOUGH: i32 = 512;
const TELLING: i32 = 32;

let marks: i32 = 0;

export function heapBase(): usize {
  return __heap_base;
}

/** Begins another set of marks. */
export function forget(): void {
  memory.fill(TABLES, 0, FINGERPRINT * 2 * 16);
  marks = 0;
}

/** Adds a mark by its first bytes, the lowest byte first; of two bytes, `known` is 2. */
export function add(fingerprint: u32, known: i32): void {
  const bit: u8 = (<u8>1) << <u8>(marks % BITS);
  marks++;
  for (let place = 0; place < FINGERPRINT; place++) {
    const table: usize = TABLES + (place << 5);
    const byte: u32 = (fingerprint >> (place << 3)) & 255;
    for (let nibble: u32 = 0; nibble < 16; nibble++) {
      if (place >= known || nibble == (byte & 15)) note(table + nibble, bit);
      if (place >= known || nibble == byte >> 4) note(table + 16 + nibble, bit);
    }
  }
}

// @ts-ignore: decorator
@inline
function note(at: usize, bit: u8): void {
  store<u8>(at, load<u8>(at) | bit);
}

/**
 * Lists where a mark may begin in the `length` bytes at `from`, up to `most` places, at `list`. Gives how many. Up to 64 bytes more are
 * read.
 */
export function find(from: usize, length: i32, list: usize, most: i32): i32 {
  let count: i32 = 0;
  const end: usize = from + length;
  for (let at = from; at < end; at += 32) {
    // Seldom do two bytes fit, so the third is only looked at where they do.
    if (!v128.any_true(v128.or(firstTwo(at), firstTwo(at + 16)))) continue;
    let places: u32 = placesAt(at) | (placesAt(at + 16) << 16);
    for (; places != 0; places &= places - 1) {
      const place: usize = at + ctz(places);
      if (place >= end) break;
      if (count == most) return count;
      store<u32>(list + (<usize>count << 2), <u32>(place - from));
      count++;
    }
  }
  return count;
}

/** Of each of 16 places the bits of the marks whose first two bytes may stand there. */
// @ts-ignore: decorator
@inline
function firstTwo(at: usize): v128 {
  return v128.and(bitsOf(at, 0), bitsOf(at + 1, 1));
}

// @ts-ignore: decorator
@inline
function placesAt(at: usize): u32 {
  return <u32>i8x16.bitmask(i8x16.ne(v128.and(firstTwo(at), bitsOf(at + 2, 2)), i8x16.splat(0)));
}

// @ts-ignore: decorator
@inline
function bitsOf(at: usize, place: usize): v128 {
  const bytes: v128 = v128.load(at);
  const table: usize = TABLES + (place << 5);
  return v128.and(
    i8x16.swizzle(v128.load(table), v128.and(bytes, i8x16.splat(15))),
    i8x16.swizzle(v128.load(table, 16), i8x16.shr_u(bytes, 4)),
  );
}

/** Whether DEFLATE data (RFC 1951) begin with a sample. `target` has room for what they become. */
export function begins(sample: usize, length: i32, target: usize): bool {
  const outcome: i32 = inflateRaw(sample, length, target, ENOUGH);
  if (outcome == TOO_LONG) return true;
  return produced >= TELLING && (outcome == DONE || outcome == TOO_SHORT || outcome == CUT_SHORT);
}
