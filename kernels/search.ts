// The prefilter's hot loop, for `asc --enable simd`. Its twin is src/detection/prefilter/scalar.ts; the layout of the
// image is that of src/detection/prefilter/table.ts, moved up by IMAGE.

export const IMAGE: usize = 4096;
const BITS: usize = IMAGE;
const KEYS: usize = BITS + 4 * 4096;
const SLOTS: u32 = 32768;
const FIRSTS: usize = KEYS + 4 * SLOTS;
const ENTRIES: usize = FIRSTS + 2 * SLOTS;
const VALUES: usize = ENTRIES + 4 * 49152;
const MULTIPLIER: u32 = 0x9e3779b1;

// Pairs of a start and a literal.
export const HITS: usize = VALUES + 16 * 12288;
export const MOST_HITS: u32 = 2048;

// A multiple of 16, behind the hits, with room before it for a block that is read and ignored.
export const INPUT: usize = 626720;

let found: u32 = 0;
let from: usize = 0;
let limit: usize = 0;
let end: usize = 0;

/**
 * Looks for literals that begin in [first, least) and end at `stop` or before; addresses. Returns how many it found, or
 * more than MOST_HITS: then the caller asks again for less.
 */
export function search(first: usize, least: usize, stop: usize): u32 {
  found = 0;
  from = first;
  limit = least;
  end = stop;
  const last = min(stop, least + 16);
  for (let at = first & ~15; at < last; at += 32) {
    const any = bits(at) | bits(at + 16);
    if (any & 1) {
      for (let word = at; word < at + 32; word += 4) {
        if (bit(load<u32>(word)) & 1) compare(word);
      }
      if (found > MOST_HITS) break;
    }
  }
  return found;
}

@inline function bit(word: u32): u32 {
  const hash = word * MULTIPLIER;
  return load<u32>(BITS + ((hash >>> 20) << 2)) >>> (hash >>> 15);
}

/** Of the four words at `at`, whether any may be a gram: in bit 0. */
@inline function bits(at: usize): u32 {
  return bit(load<u32>(at)) | bit(load<u32>(at, 4)) | bit(load<u32>(at, 8)) | bit(load<u32>(at, 12));
}

function compare(at: usize): void {
  const word = load<u32>(at);
  let slot: u32 = (word * MULTIPLIER) >>> 17;
  for (;;) {
    const key = load<u32>(KEYS + (slot << 2));
    if (key == word) break;
    if (key == 0) return;
    slot = (slot + 1) % SLOTS;
  }
  let entryAt = ENTRIES + ((<usize>load<u16>(FIRSTS + (slot << 1))) << 2);
  let entry: u32;
  do {
    entry = load<u32>(entryAt);
    const start = at - ((entry >>> 16) & 15);
    const same = i8x16.bitmask(i8x16.eq(v128.load(start), v128.load(VALUES + ((entry & 0xffff) << 4))));
    const length = (entry >>> 20) & 31;
    // All of the literal's bytes are alike: no zero bit among the lowest `length`. Seldom, so the limits come after it.
    if (<u32>ctz(~same) >= length && start >= from && start < limit && start + length <= end) {
      if (found < MOST_HITS) {
        store<u32>(HITS + (found << 3), <u32>start);
        store<u32>(HITS + (found << 3), entry & 0xffff, 4);
      }
      found++;
    }
    entryAt += 4;
  } while (!(entry >>> 31));
}

/** How many bytes of [first, stop) are LF. */
export function countLines(first: usize, stop: usize): u32 {
  let lines: u32 = 0;
  const feed = i8x16.splat(10);
  let at = first;
  while (at + 32 <= stop) {
    let counts = i8x16.splat(0);
    // A lane counts to 255 at most.
    const pause = min(stop - 31, at + 32 * 127);
    while (at < pause) {
      counts = i8x16.sub(counts, i8x16.eq(v128.load(at), feed));
      counts = i8x16.sub(counts, i8x16.eq(v128.load(at, 16), feed));
      at += 32;
    }
    const sums = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(counts));
    lines += i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1);
    lines += i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3);
  }
  for (; at < stop; at++) lines += u32(load<u8>(at) == 10);
  return lines;
}
