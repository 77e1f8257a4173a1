// A packed block (RFC 8878, 3.1.1.3): its literals, its sequences, and what they make in the window.
import { BAD_LITERALS, BAD_SEQUENCES, BAD_TABLE, BEYOND_START, BEYOND_WINDOW } from './faults';
import { OF_LENGTHS, OF_MATCHES, OF_OFFSETS } from './fse';
import { BLOCK, MOST_SEQUENCES, SEQUENCES, WINDOW } from './layout';
import { literalCount, literalsAt, readLiterals } from './literals';
import { readSequences, tableFor } from './sequences';

/** To repeat what is shorter than 16 bytes: where each of 16 bytes comes from, a row for each distance. */
const PATTERNS: usize = memory.data(256, 16);
const STRIDES: usize = memory.data(16, 16);

export function makePatterns(): void {
  for (let distance = 1; distance < 16; distance++) {
    for (let at = 0; at < 16; at++) store<u8>(PATTERNS + (distance << 4) + at, <u8>(at % distance));
    store<u8>(STRIDES + distance, <u8>(16 - (16 % distance)));
  }
}

/** Bytes that the last block made, also when something was wrong with it. */
export let produced: i32 = 0;

// The window as `unpackBlock` finds it.
let head: usize = 0;
let formerEnd: usize = 0;
let reach: i32 = 0;
let lookBack: u64 = 0;
let frameBytes: u64 = 0;

/**
 * Content goes on at `at`; what the window held before it was wrapped round ends at `former`. Matches reach `back` bytes,
 * of the `declared` that the frame says they may, and of the `made` that it has.
 */
export function setWindow(at: usize, former: usize, back: i32, declared: u64, made: u64): void {
  head = at;
  formerEnd = former;
  reach = back;
  lookBack = declared;
  frameBytes = made;
  produced = 0;
}

/** Unpacks the block of `size` bytes at `at` to the window's head. Gives what is wrong with it, or 0. */
export function unpackBlock(at: usize, size: i32): i32 {
  const end: usize = at + size;
  const taken: i32 = readLiterals(at, size);
  if (taken < 0) return BAD_LITERALS;
  let from: usize = at + taken;
  if (from >= end) return BAD_SEQUENCES;
  let count: i32 = load<u8>(from++);
  if (count > 127) {
    if (from + 2 > end) return BAD_SEQUENCES;
    if (count < 255) {
      count = ((count - 128) << 8) + load<u8>(from++);
    } else {
      count = load<u16>(from) + 0x7f00;
      from += 2;
    }
  }
  if (count == 0) {
    if (from != end) return BAD_SEQUENCES;
    memory.copy(head, literalsAt, literalCount);
    produced = literalCount;
    return 0;
  }
  if (count > MOST_SEQUENCES || from >= end) return BAD_SEQUENCES;
  const modes: i32 = load<u8>(from++);
  if ((modes & 3) != 0) return BAD_SEQUENCES;
  from = tableFor(modes >> 6, OF_LENGTHS, from, end);
  if (from == 0) return BAD_TABLE;
  from = tableFor((modes >> 4) & 3, OF_OFFSETS, from, end);
  if (from == 0) return BAD_TABLE;
  from = tableFor((modes >> 2) & 3, OF_MATCHES, from, end);
  if (from == 0) return BAD_TABLE;
  if (from >= end || load<u8>(end - 1) == 0) return BAD_SEQUENCES;
  const read: i32 = readSequences(from, <i32>(end - from), count);
  const problem: i32 = execute(read);
  return problem == 0 && read != count ? BAD_SEQUENCES : problem;
}

/** Carries out the first `count` sequences, and appends the literals that are left when all went well. */
function execute(count: i32): i32 {
  const target: usize = head;
  const limit: usize = target + BLOCK;
  /** Where the oldest byte would be that a match may begin with, had the window not been wrapped round. */
  const low: i32 = <i32>target - reach;
  const former: usize = formerEnd - WINDOW;
  let out: usize = target;
  let literal: usize = literalsAt;
  const literalEnd: usize = literal + literalCount;
  const end: usize = SEQUENCES + (count << 3);
  for (let at: usize = SEQUENCES; at < end; at += 8) {
    const sequence: u64 = load<u64>(at);
    const literalLength: usize = <usize>sequence & 0x1ffff;
    const match: usize = (<usize>(sequence >> 17) & 0x1ffff) + 3;
    const offset: usize = <usize>(sequence >> 34);
    const matchAt: usize = out + literalLength;
    const next: usize = matchAt + match;
    if (next > limit || literal + literalLength > literalEnd) {
      produced = <i32>(out - target);
      return BAD_SEQUENCES;
    }
    v128.store(out, v128.load(literal));
    for (let done: usize = 16; done < literalLength; done += 16) v128.store(out + done, v128.load(literal + done));
    literal += literalLength;
    const straight: i32 = <i32>(matchAt - offset);
    if (straight < low) {
      produced = <i32>(matchAt - target);
      return tooFar(matchAt, offset);
    }
    // Nobody can guess on which side of the wrap it is: no branch.
    const from: usize = <usize>straight + select<usize>(former, 0, straight < <i32>WINDOW);
    if (u32(straight < <i32>WINDOW) & u32(from + match > formerEnd)) {
      copyAcross(matchAt, from, offset, match);
    } else if (offset >= 16) {
      // Most matches are no longer.
      v128.store(matchAt, v128.load(from));
      v128.store(matchAt, v128.load(from, 16), 16);
      for (let done: usize = 32; done < match; done += 16) v128.store(matchAt + done, v128.load(from + done));
    } else {
      repeatPattern(matchAt, from, offset, match);
    }
    out = next;
  }
  const left: i32 = <i32>(literalEnd - literal);
  if (out + left > limit) {
    produced = <i32>(out - target);
    return BAD_SEQUENCES;
  }
  memory.copy(out, literal, left);
  produced = <i32>(out - target) + left;
  return 0;
}

/** A match of less than 16 bytes back. */
function repeatPattern(at: usize, from: usize, offset: usize, length: usize): void {
  const pattern: v128 = i8x16.swizzle(v128.load(from), v128.load(PATTERNS + (offset << 4)));
  const stride: usize = load<u8>(STRIDES + offset);
  for (let done: usize = 0; done < length; done += stride) v128.store(at + done, pattern);
}

/** A match that begins before the end of what the window held before, and goes on at its beginning. */
function copyAcross(at: usize, from: usize, offset: usize, length: usize): void {
  const part: usize = formerEnd - from;
  memory.copy(at, from, part);
  const left: usize = length - part;
  if (offset < 16) {
    repeatPattern(at + part, at + part - offset, offset, left);
    return;
  }
  for (let done: usize = 0; done < left; done += 16) v128.store(at + part + done, v128.load(WINDOW + done));
}

/** Why there is nothing so far back. */
function tooFar(at: usize, offset: usize): i32 {
  const beyond: bool = <u64>offset > lookBack || <u64>offset > frameBytes + <u64>(at - head);
  return beyond ? BEYOND_START : BEYOND_WINDOW;
}
