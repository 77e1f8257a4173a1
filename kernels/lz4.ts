// Unpacks blocks of LZ4 (lz4_Block_format.md), and hashes their content (XXH32, xxHash specification 1.0). The caller
// lays out the memory; SLACK bytes after every input and every output may be read or overwritten.

export const SLACK: i32 = 64;
const SHORTEST_MATCH: u32 = 4;

// Outcomes of `unpack`.
export const DONE: i32 = 0;
export const ENDLESS_LENGTH: i32 = 1;
export const TOO_MANY_LITERALS: i32 = 2;
export const CUT_SHORT: i32 = 3;
export const BEFORE_BEGINNING: i32 = 4;
export const TOO_LONG: i32 = 5;

const P1: u32 = 0x9e3779b1;
const P2: u32 = 0x85ebca77;

/** To repeat what is shorter than 16 bytes: where each of 16 bytes comes from, a row for each distance; and how many of them are whole. */
const PATTERNS: usize = memory.data(256, 16);
const STRIDES: usize = memory.data(16, 16);
for (let distance = 1; distance < 16; distance++) {
  for (let at = 0; at < 16; at++) store<u8>(PATTERNS + (distance << 4) + at, <u8>(at % distance));
  store<u8>(STRIDES + distance, <u8>(16 - (16 % distance)));
}

/** The four lanes of the hash, 32 bits each. */
export const LANES: usize = memory.data(16, 16);

/** How many bytes stand in the output after the last `unpack`, those before it included. */
export let written: i32 = 0;

let from: usize = 0;
let problem: i32 = DONE;

export function heapBase(): usize {
  return __heap_base;
}

/** Unpacks the block at `source`, to the output at `out` from its byte `to` on, up to `end` at most. */
export function unpack(source: usize, length: i32, out: usize, to: i32, end: i32): i32 {
  const stop: usize = source + length;
  const limit: usize = out + end;
  let at: usize = source;
  let head: usize = out + to;
  problem = DONE;
  while (at < stop) {
    const token: u32 = load<u8>(at++);
    let literals: usize = token >> 4;
    if (literals == 15) {
      literals = longer(at, stop);
      at = from;
      if (problem != DONE) break;
    }
    if (at + literals > stop || head + literals > limit) {
      problem = TOO_MANY_LITERALS;
      break;
    }
    v128.store(head, v128.load(at));
    if (literals > 16) copy(head + 16, at + 16, literals - 16);
    at += literals;
    head += literals;
    if (at == stop) break;
    if (at + 2 > stop) {
      problem = CUT_SHORT;
      break;
    }
    const distance: usize = load<u16>(at);
    at += 2;
    let match: usize = token & 15;
    if (match == 15) {
      match = longer(at, stop);
      at = from;
      if (problem != DONE) break;
    }
    match += SHORTEST_MATCH;
    if (distance == 0 || distance > head - out) {
      problem = BEFORE_BEGINNING;
      break;
    }
    if (head + match > limit) {
      problem = TOO_LONG;
      break;
    }
    if (distance >= 16) {
      v128.store(head, v128.load(head - distance));
      if (match > 16) copy(head + 16, head - distance + 16, match - 16);
    } else {
      const pattern: v128 = i8x16.swizzle(v128.load(head - distance), v128.load(PATTERNS + (distance << 4)));
      const stride: usize = load<u8>(STRIDES + distance);
      for (let done: usize = 0; done < match; done += stride) v128.store(head + done, pattern);
    }
    head += match;
  }
  written = <i32>(head - out);
  return problem;
}

/** A length of 15 and what the bytes from `at` on add to it; the first one behind them is left in `from`. */
function longer(at: usize, stop: usize): usize {
  let total: usize = 15;
  let byte: usize = 255;
  while (byte == 255) {
    if (at >= stop) {
      problem = ENDLESS_LENGTH;
      break;
    }
    byte = load<u8>(at++);
    total += byte;
  }
  from = at;
  return total;
}

/** 16 bytes at a time, so that what lies at least so far behind is there when it is read. */
// @ts-ignore: decorator
@inline
function copy(target: usize, source: usize, length: usize): void {
  for (let done: usize = 0; done < length; done += 16) v128.store(target + done, v128.load(source + done));
}

/** Hashes `count` stripes of 16 bytes into the lanes. */
export function stripes(at: usize, count: i32): void {
  let a: u32 = load<u32>(LANES);
  let b: u32 = load<u32>(LANES, 4);
  let c: u32 = load<u32>(LANES, 8);
  let d: u32 = load<u32>(LANES, 12);
  for (; count > 0; count--) {
    a = rotl<u32>(a + load<u32>(at) * P2, 13) * P1;
    b = rotl<u32>(b + load<u32>(at, 4) * P2, 13) * P1;
    c = rotl<u32>(c + load<u32>(at, 8) * P2, 13) * P1;
    d = rotl<u32>(d + load<u32>(at, 12) * P2, 13) * P1;
    at += 16;
  }
  store<u32>(LANES, a);
  store<u32>(LANES, b, 4);
  store<u32>(LANES, c, 8);
  store<u32>(LANES, d, 12);
}
