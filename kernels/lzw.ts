// Unpacks what compress(1) writes (.Z): LZW (Welch, 1984), codes of 9 to 16 bits, the lowest bit first, in groups of
// eight that are filled up when the codes grow longer or the table is cleared.

const FEWEST_BITS: i32 = 9;
const LITERALS: i32 = 256;
const CLEAR: i32 = 256;
const NONE: i32 = -1;
const CODES: i32 = 1 << 16;
/** A string has no more bytes than there are codes; eight at a time are written. */
export const LONGEST: i32 = CODES + 8;

// What `step` returns.
/** All of the input is used. */
export const HUNGRY: i32 = 0;
/** There may be no room for another string. */
export const FULL: i32 = 1;
/** There is no such code. */
export const DAMAGED: i32 = 2;

// A string is written in words of eight bytes. Of a code: its last word, as far as it goes; how many bytes it has; and
// the code that is all its words but the last.
const words: usize = (__heap_base + 15) & ~15;
const lengths: usize = words + 8 * CODES;
const befores: usize = lengths + 4 * CODES;

/** Bytes of the input that the last `step` used, and bytes of output that it made. */
export let consumed: i32 = 0;
export let produced: i32 = 0;

let mostBits: i32 = 16;
let clears: bool = false;
let width: i32 = FEWEST_BITS;
/** The code that is defined next. */
let free: i32 = 0;
let former: i32 = NONE;
let bits: u64 = 0;
let count: i32 = 0;
/** Codes of the group that were read, and bits that are left to fill it up. */
let inGroup: i32 = 0;
let filling: i32 = 0;

/** Where the tables end. */
export function heapBase(): usize {
  return befores + 4 * CODES;
}

/** Begins anew, once there is memory up to `heapBase`, with the longest code and whether there is one that clears the table. */
export function reset(most: i32, mayClear: bool): void {
  mostBits = most;
  clears = mayClear;
  former = NONE;
  bits = 0;
  count = 0;
  filling = 0;
  for (let byte = 0; byte < LITERALS; byte++) {
    store<u64>(words + (byte << 3), <u64>byte);
    store<i32>(lengths + (byte << 2), 1);
    store<i32>(befores + (byte << 2), NONE);
  }
  empty(mayClear ? CLEAR + 1 : LITERALS);
}

function empty(first: i32): void {
  free = first;
  width = FEWEST_BITS;
  inGroup = 0;
}

/** Unpacks `length` bytes at `source` to `target`, as far as `room` goes. */
export function step(source: usize, length: i32, target: usize, room: i32): i32 {
  const end: usize = source + length;
  const limit: usize = target + room - LONGEST;
  let at: usize = source;
  let out: usize = target;
  let outcome: i32 = HUNGRY;
  for (;;) {
    while (count <= 48 && at < end) {
      bits |= (<u64>load<u8>(at++)) << <u64>count;
      count += 8;
    }
    if (filling > 0) {
      const part: i32 = min(filling, count);
      bits >>= <u64>part;
      count -= part;
      filling -= part;
      if (filling > 0 && at == end) break;
      continue;
    }
    if (free > (1 << width) - 1 && width < mostBits) {
      fill();
      width++;
      continue;
    }
    if (count < width) break;
    if (out > limit) {
      outcome = FULL;
      break;
    }
    const code: i32 = <i32>bits & ((1 << width) - 1);
    bits >>= <u64>width;
    count -= width;
    inGroup++;
    if (code == CLEAR && clears) {
      fill();
      // The entry that the next code makes is the clearing code's own, which nothing refers to.
      empty(CLEAR);
      continue;
    }
    if (former == NONE) {
      if (code >= LITERALS) {
        outcome = DAMAGED;
        break;
      }
      store<u8>(out++, <u8>code);
      former = code;
      continue;
    }
    if (code > free || (code == free && free == 1 << mostBits)) {
      outcome = DAMAGED;
      break;
    }
    const known: i32 = code == free ? former : code;
    const size: i32 = load<i32>(lengths + (known << 2));
    write(out, known, size);
    const first: u8 = load<u8>(out);
    let next: usize = out + size;
    if (code == free) store<u8>(next++, first);
    if (free < 1 << mostBits) define(first);
    out = next;
    former = code;
  }
  consumed = <i32>(at - source);
  produced = <i32>(out - target);
  return outcome;
}

/** What is left of the group, eight codes, has no meaning. */
// @ts-ignore: decorator
@inline
function fill(): void {
  filling = ((8 - (inGroup & 7)) & 7) * width;
  inGroup = 0;
}

// @ts-ignore: decorator
@inline
function write(out: usize, code: i32, size: i32): void {
  let at: usize = out + <usize>((size - 1) & ~7);
  for (;;) {
    store<u64>(at, load<u64>(words + (code << 3)));
    if (at == out) return;
    at -= 8;
    code = load<i32>(befores + (code << 2));
  }
}

/** The next code stands for the string before and one byte more. */
// @ts-ignore: decorator
@inline
function define(byte: u8): void {
  const size: i32 = load<i32>(lengths + (former << 2));
  const within: i32 = size & 7;
  const word: u64 = within == 0 ? 0 : load<u64>(words + (former << 3));
  store<u64>(words + (free << 3), word | ((<u64>byte) << <u64>(within << 3)));
  store<i32>(befores + (free << 2), within == 0 ? former : load<i32>(befores + (former << 2)));
  store<i32>(lengths + (free++ << 2), size + 1);
}
