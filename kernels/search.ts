// The prefilter's hot loop, for `asc --enable simd`. Its twin is src/detection/prefilter/scalar.ts; the layout of the
// image is that of src/detection/prefilter/table.ts, moved up by IMAGE.

export const IMAGE: usize = 4096;
const KEYS: usize = IMAGE;
const SLOTS: u32 = 32768;
const FIRSTS: usize = KEYS + 4 * SLOTS;
const ENTRIES: usize = FIRSTS + 2 * SLOTS;
const VALUES: usize = ENTRIES + 4 * 65024;
const MULTIPLIER: u32 = 0x9e3779b1;
const PAIRED: u32 = 1 << 30;

// A byte for each hash of a word: its lowest bit says whether a gram has it, the others are more bits of that gram's hash,
// or zero where several grams have it. Measured: half the size lets too much through, and bits instead of bytes cost a shift
// and a mask a word. Of ten words that have a gram's hash nine are told from it by the other bits.
const MARKS: usize = VALUES + 16 * 14336;
const MARK_SHIFT: u32 = 14;
// A bit for each hash of a gram and the word before or after it.
const PAIRS: usize = MARKS + (1 << (32 - MARK_SHIFT));
const PAIR_SHIFT: u32 = 13;
const AFTER: u32 = 0x85ebca6b;
const BEFORE: u32 = 0xc2b2ae35;

// For each gram three groups of entries: of literals that go on behind it, of those that end with it, and the paired ones.
// Of each group: how many; which bytes (modulo 32, a bit each) their literals have at a place that all of the group
// reach; that place, counted from the gram.
const GROUPS: usize = PAIRS + (1 << (32 - PAIR_SHIFT - 3));
const GROUP_BYTES: usize = 12;
const GROUPS_EACH: usize = 3;
const GOING: usize = 0;
const PAIRED_KIND: usize = 2;

// What one stretch of input leaves to be looked at closer. Lists are filled without a branch: one in three of a log's
// blocks would be mispredicted.
const STRETCH: usize = 4096;
const BLOCKS: usize = GROUPS + GROUPS_EACH * GROUP_BYTES * SLOTS;
const WORDS: usize = BLOCKS + STRETCH / 4 + 64;

// Pairs of a start and a literal.
export const HITS: usize = WORDS + STRETCH + 64;
export const MOST_HITS: u32 = 2048;

// A multiple of 16, behind the hits, with room before it for a block that is read and ignored.
export const INPUT: usize = (HITS + 8 * 2048 + 32 + 15) & ~15;

let found: u32 = 0;
let from: usize = 0;
let limit: usize = 0;
let end: usize = 0;

/** Makes of the image what `search` reads first. To be called once, when the image is in place. */
export function prepare(): void {
  for (let slot: u32 = 0; slot < SLOTS; slot++) {
    const gram = load<u32>(KEYS + (slot << 2));
    if (gram == 0) continue;
    const hash = gram * MULTIPLIER;
    const marked = load<u8>(hash >>> MARK_SHIFT, MARKS);
    store<u8>(hash >>> MARK_SHIFT, <u8>(marked == 0 ? markOf(hash) : 1), MARKS);
    let entryAt = ENTRIES + ((<usize>load<u16>(FIRSTS + (slot << 1))) << 2);
    let entry: u32 = 0;
    for (let kind: usize = GOING; kind <= PAIRED_KIND; kind++) {
      const first = entryAt;
      for (; !(entry >>> 31); entryAt += 4) {
        const next = load<u32>(entryAt);
        if (kind < PAIRED_KIND && next & PAIRED) break;
        if (kind == GOING && reachOf(next) <= 4) break;
        entry = next;
        if (kind == PAIRED_KIND) markPair(gram, entry);
      }
      markGroup(groupAt(slot) + kind * GROUP_BYTES, first, <u32>((entryAt - first) >> 2));
    }
  }
}

@inline function groupAt(slot: u32): usize {
  return GROUPS + GROUPS_EACH * GROUP_BYTES * slot;
}

/** Where a gram stands in its literal: from -1 on. */
@inline function offsetOf(entry: u32): i32 {
  return <i32>((entry >>> 16) & 15) - 1;
}

/** How far a literal goes from the beginning of its gram on. */
@inline function reachOf(entry: u32): i32 {
  return <i32>((entry >>> 20) & 31) - offsetOf(entry);
}

/** The end of literals tells near misses from them: those share the beginning. */
function markGroup(group: usize, first: usize, count: u32): void {
  const last = first + (count << 2);
  let most: i32 = 16;
  let least: i32 = -16;
  for (let entryAt = first; entryAt < last; entryAt += 4) {
    const entry = load<u32>(entryAt);
    const offset = offsetOf(entry);
    most = min(most, reachOf(entry));
    least = max(least, -offset);
  }
  const place = most > 4 ? most - 1 : least;
  let bytes: u32 = 0;
  for (let entryAt = first; entryAt < last; entryAt += 4) {
    const entry = load<u32>(entryAt);
    bytes |= 1 << (load<u8>(VALUES + ((entry & 0xffff) << 4) + offsetOf(entry) + place) & 31);
  }
  store<u32>(group, count);
  store<u32>(group, bytes, 4);
  store<i32>(group, place, 8);
}

function markPair(gram: u32, entry: u32): void {
  const offset = offsetOf(entry);
  const gramAt = VALUES + ((entry & 0xffff) << 4) + offset;
  const isFollowed = offset + 8 <= <i32>((entry >>> 20) & 31);
  const hash = isFollowed ? hashAfter(gram, load<u32>(gramAt, 4)) : hashBefore(gram, load<u32>(gramAt - 4));
  const at = PAIRS + (hash >>> 3);
  store<u8>(at, <u8>(<u32>load<u8>(at) | (1 << (hash & 7))));
}

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
  for (let at = first & ~15; at < last && found <= MOST_HITS; at += STRETCH) {
    const words = narrow(blocks(at, min(last, at + STRETCH)));
    for (let next = WORDS; next < words; next += 4) compare(load<u32>(next));
  }
  return found;
}

/** Lists the blocks of 16 bytes that may hold a gram. Returns the end of the list. */
@inline function blocks(first: usize, stop: usize): usize {
  let next = BLOCKS;
  for (let at = first; at < stop; at += 32) {
    store<u32>(next, <u32>at);
    next += <usize>marks(at) << 2;
    store<u32>(next, <u32>at + 16);
    next += <usize>marks(at + 16) << 2;
  }
  return next;
}

/** Lists the words of those blocks that may be grams. Returns the end of the list. */
@inline function narrow(stop: usize): usize {
  let next = WORDS;
  for (let listed = BLOCKS; listed < stop; listed += 4) {
    const at = load<u32>(listed);
    for (let word: u32 = at; word < at + 16; word += 4) {
      store<u32>(next, word);
      const hash = load<u32>(word) * MULTIPLIER;
      const marked: u32 = load<u8>(hash >>> MARK_SHIFT, MARKS);
      next += <usize>(u32(marked == markOf(hash)) | u32(marked == 1)) << 2;
    }
  }
  return next;
}

/** What marks the hash of a word, where no two grams have it. */
@inline function markOf(hash: u32): u32 {
  return ((hash >>> (MARK_SHIFT - 8)) & 0xfe) | 1;
}

@inline function mark(word: u32): u32 {
  return load<u8>((word * MULTIPLIER) >>> MARK_SHIFT, MARKS);
}

/** Of the four words at `at`, whether any may be a gram: 0 or 1. */
@inline function marks(at: usize): u32 {
  return (mark(load<u32>(at)) | mark(load<u32>(at, 4)) | mark(load<u32>(at, 8)) | mark(load<u32>(at, 12))) & 1;
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
  const going = groupAt(slot);
  const ending = going + GROUP_BYTES;
  const paired = ending + GROUP_BYTES;
  const first = ENTRIES + ((<usize>load<u16>(FIRSTS + (slot << 1))) << 2);
  const second = first + (load<u32>(going) << 2);
  if (mayEnd(going, at)) compareWith(first, load<u32>(going), at);
  if (mayEnd(ending, at)) compareWith(second, load<u32>(ending), at);
  if (mayEnd(paired, at) && isPaired(word, at)) {
    compareWith(second + (load<u32>(ending) << 2), load<u32>(paired), at);
  }
}

/** Whether some literal of the group has the byte that stands at the place all of them reach; none has, of no literals. */
@inline function mayEnd(group: usize, at: usize): bool {
  return ((load<u32>(group, 4) >>> (load<u8>(at + load<i32>(group, 8)) & 31)) & 1) != 0;
}

function compareWith(first: usize, count: u32, at: usize): void {
  const last = first + (count << 2);
  for (let entryAt = first; entryAt < last; entryAt += 4) {
    const entry = load<u32>(entryAt);
    const start = at - offsetOf(entry);
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
  }
}

/** Whether some literal may hold the gram and what stands beside it. */
@inline function isPaired(gram: u32, at: usize): bool {
  return ((pairBit(hashAfter(gram, load<u32>(at, 4))) | pairBit(hashBefore(gram, load<u32>(at - 4)))) & 1) != 0;
}

@inline function pairBit(hash: u32): u32 {
  return <u32>load<u8>(hash >>> 3, PAIRS) >>> (hash & 7);
}

@inline function hashAfter(gram: u32, next: u32): u32 {
  return ((gram + next * AFTER) * MULTIPLIER) >>> PAIR_SHIFT;
}

@inline function hashBefore(gram: u32, previous: u32): u32 {
  return ((gram + previous * BEFORE) * MULTIPLIER) >>> PAIR_SHIFT;
}

/**
 * Looks for where base64 of zlib may begin in [first, least), with 16 characters before `stop`: no four bytes of that are
 * the same often enough to be a gram. Lists and counts as `search` does.
 */
export function searchZlib(first: usize, least: usize, stop: usize): u32 {
  found = 0;
  for (let at = first; at < least && found <= MOST_HITS; at += 64) {
    const some = v128.or(
      v128.or(mayBeZlib(at), mayBeZlib(at + 16)),
      v128.or(mayBeZlib(at + 32), mayBeZlib(at + 48)),
    );
    if (!v128.any_true(some)) continue;
    for (let part = at; part < at + 64; part += 16) {
      for (let lanes = i8x16.bitmask(mayBeZlib(part)); lanes != 0; lanes &= lanes - 1) {
        const start = part + ctz(lanes);
        if (start >= least || start + 16 > stop || !isZlib(start)) continue;
        if (found < MOST_HITS) {
          store<u32>(HITS + (found << 3), <u32>start);
          store<u32>(HITS + (found << 3), 0, 4);
        }
        found++;
      }
    }
  }
  return found;
}

/** `e`, and a character from `@` to `O` behind it. */
@inline function mayBeZlib(at: usize): v128 {
  return v128.and(
    i8x16.eq(v128.load(at), i8x16.splat(0x65)),
    i8x16.eq(v128.or(v128.load(at, 1), i8x16.splat(0x0f)), i8x16.splat(0x4f)),
  );
}

/** Whether the characters are those of a header (RFC 1950, 2.2), by level, base64 goes on behind them, and no word with them. */
function isZlib(at: usize): bool {
  const level = load<u8>(at, 1);
  const least: u32 = level == 0x4a ? 0x77 : level == 0x4e ? 0x6f : level == 0x41 ? 0x45 : level == 0x46 ? 0x34 : 256;
  if (<u32>load<u8>(at, 2) - least > 3) return false;
  for (let next = at + 3; next < at + 16; next++) if (!mayBeBase64(load<u8>(next))) return false;
  if (at == INPUT || !isAlphanumeric(load<u8>(at - 1))) return true;
  // The end of an escape is no word.
  if (at >= INPUT + 2 && load<u8>(at - 2) == 0x5c) return true;
  if (at >= INPUT + 3 && load<u8>(at - 3) == 0x25) return true;
  return at >= INPUT + 6 && load<u8>(at - 6) == 0x5c && load<u8>(at - 5) == 0x75;
}

/** Of either alphabet, or what escapes one of it. */
@inline function mayBeBase64(byte: u32): bool {
  return (
    isAlphanumeric(byte) || byte == 0x2b || byte == 0x2d || byte == 0x2f || byte == 0x5f || byte == 0x25 || byte == 0x5c
  );
}

@inline function isAlphanumeric(byte: u32): bool {
  return byte - 0x30 < 10 || (byte | 0x20) - 0x61 < 26;
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
