// Applies a delta to its base (gitformat-pack).
import { CUT_SHORT, DONE, TOO_LONG } from './inflate';

/** What the last `readSizes` found; sizes over 4 GiB are capped. */
export let baseSize: u32 = 0;
export let resultSize: u32 = 0;
export let instructions: i32 = 0;

/** Reads what a delta declares; false when it is cut short. */
export function readSizes(delta: usize, length: i32): bool {
  const end: usize = delta + length;
  let at: usize = delta;
  for (let which = 0; which < 2; which++) {
    let value: u64 = 0;
    let shift: u64 = 0;
    let byte: u64;
    do {
      if (at >= end || shift > 56) return false;
      byte = load<u8>(at++);
      value |= (byte & 0x7f) << shift;
      shift += 7;
    } while ((byte & 0x80) != 0);
    const capped: u32 = value > 0xffffffff ? 0xffffffff : <u32>value;
    if (which == 0) baseSize = capped;
    else resultSize = capped;
  }
  instructions = <i32>(at - delta);
  return true;
}

// Of an instruction to copy, by its lowest seven bits: how many bytes follow it, and which of them are the four of the
// offset, then the three of the length; 0x80 stands for none.
const FOLLOWING: usize = memory.data(128, 16);
const FIELDS: usize = memory.data(8 * 128, 16);
for (let bits = 0; bits < 128; bits++) {
  let following: i32 = 0;
  for (let field = 0; field < 8; field++) {
    const given: bool = field < 7 && ((bits >> field) & 1) != 0;
    store<u8>(FIELDS + bits * 8 + field, given ? <u8>following : 0x80);
    if (given) following++;
  }
  store<u8>(FOLLOWING + bits, <u8>following);
}

/** How many bytes stand after the opcode of a copy. */
// @ts-ignore: decorator
@inline
export function followingBytes(opcode: u32): usize {
  return load<u8>(FOLLOWING + (opcode & 0x7f));
}

/** Offset and length of a copy whose bytes after the opcode begin at `at`: the first lanes of 32 bits. */
// @ts-ignore: decorator
@inline
export function copyFields(opcode: u32, at: usize): v128 {
  return i8x16.swizzle(v128.load64_zero(at), v128.load64_zero(FIELDS + ((opcode & 0x7f) << 3)));
}

// Outcomes of `applyDelta`, beside DONE.
export const RESERVED: i32 = 6;
export const BEYOND_BASE: i32 = 7;
export const OTHER_SIZE: i32 = 8;

/** How many stretches the last `applyDelta` wrote to `fresh`, and how many bytes to `target`. */
export let freshCount: i32 = 0;
export let written: i32 = 0;

/**
 * Builds `size` bytes at `target` from a base and the instructions of a delta, and writes to `fresh` which stretches of
 * them no single copy brought along: pairs of start and end, with an empty one where two copies meet. Stretches with no
 * more than `join` bytes between them become one; the last of `room` goes to the end when there are more. Of a copy of
 * more than `most` bytes (an even number) only so many are made, half of them at either end: what is fresh counts in the
 * bytes that were made.
 */
export function applyDelta(
  base: usize,
  baseLength: i32,
  delta: usize,
  deltaLength: i32,
  target: usize,
  size: i32,
  fresh: usize,
  room: i32,
  join: i32,
  most: i32,
): i32 {
  const end: usize = delta + deltaLength;
  let at: usize = delta + instructions;
  let output: usize = target;
  let left: u32 = size;
  let expected: i32 = 0;
  let from: i32 = -1;
  let to: i32 = -1;
  freshCount = 0;
  while (at < end) {
    const opcode: u32 = load<u8>(at++);
    const start: i32 = <i32>(output - target);
    if ((opcode & 0x80) != 0) {
      const fields: v128 = copyFields(opcode, at);
      at += followingBytes(opcode);
      const offset: u32 = i32x4.extract_lane(fields, 0);
      let length: u32 = i32x4.extract_lane(fields, 1);
      if (length == 0) length = 0x10000;
      if (at > end) return CUT_SHORT;
      if (<u64>offset + length > <u64>baseLength) return BEYOND_BASE;
      if (length > left) return TOO_LONG;
      left -= length;
      if (length > <u32>most) {
        const half: u32 = most >> 1;
        copy(output, base + offset, half);
        copy(output + half, base + offset + length - half, half);
        output += most;
      } else {
        copy(output, base + offset, length);
        output += length;
      }
      const seam: bool = <i32>offset != expected;
      expected = <i32>(offset + length);
      if (!seam) continue;
    } else {
      if (opcode == 0) return RESERVED;
      if (at + opcode > end) return CUT_SHORT;
      if (opcode > left) return TOO_LONG;
      left -= opcode;
      copy(output, at, opcode);
      output += opcode;
      at += opcode;
      expected = -1;
    }
    // What begins here is new, or meets what stands before it for the first time.
    const stop: i32 = expected < 0 ? <i32>(output - target) : start;
    if (from >= 0 && (start - to <= join || freshCount >= room - 1)) {
      to = stop;
    } else {
      if (from >= 0) note(fresh, from, to);
      from = start;
      to = stop;
    }
  }
  if (left != 0) return OTHER_SIZE;
  written = <i32>(output - target);
  // The end of the base may be missing: what ran into more bytes now runs into the end.
  if (expected >= 0 && expected != baseLength && to != written) {
    if (from >= 0 && (written - to <= join || freshCount >= room - 1)) {
      to = written;
    } else {
      if (from >= 0) note(fresh, from, to);
      from = written;
      to = written;
    }
  }
  if (from >= 0) note(fresh, from, to);
  return DONE;
}

// @ts-ignore: decorator
@inline
function note(fresh: usize, from: i32, to: i32): void {
  store<i32>(fresh + (freshCount << 3), from);
  store<i32>(fresh + (freshCount++ << 3), to, 4);
}

/** Copies, and overwrites up to 31 bytes more. */
// @ts-ignore: decorator
@inline
export function copy(target: usize, source: usize, length: i32): void {
  if (length > 1024) {
    memory.copy(target, source, length);
    return;
  }
  for (let done = 0; done < length; done += 32) {
    v128.store(target + done, v128.load(source + done));
    v128.store(target + done, v128.load(source + done, 16), 16);
  }
}
