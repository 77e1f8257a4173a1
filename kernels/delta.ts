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

// Outcomes of `applyDelta`, beside DONE.
export const RESERVED: i32 = 6;
export const BEYOND_BASE: i32 = 7;
export const OTHER_SIZE: i32 = 8;

/** How many stretches the last `applyDelta` wrote to `fresh`. */
export let freshCount: i32 = 0;

/**
 * Builds `size` bytes at `target` from a base and the instructions of a delta, and writes to `fresh` which stretches of
 * them no single copy brought along: pairs of start and end, with an empty one where two copies meet. Stretches with no
 * more than `join` bytes between them become one; the last of `room` goes to the end when there are more.
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
): i32 {
  const end: usize = delta + deltaLength;
  const outputEnd: usize = target + size;
  let at: usize = delta + instructions;
  let output: usize = target;
  let expected: i32 = 0;
  let from: i32 = -1;
  let to: i32 = -1;
  freshCount = 0;
  while (at < end) {
    const opcode: u32 = load<u8>(at++);
    let start: i32 = <i32>(output - target);
    if ((opcode & 0x80) != 0) {
      let offset: u32 = 0;
      let length: u32 = 0;
      if ((opcode & 0x01) != 0) offset = load<u8>(at++);
      if ((opcode & 0x02) != 0) offset |= (<u32>load<u8>(at++)) << 8;
      if ((opcode & 0x04) != 0) offset |= (<u32>load<u8>(at++)) << 16;
      if ((opcode & 0x08) != 0) offset |= (<u32>load<u8>(at++)) << 24;
      if ((opcode & 0x10) != 0) length = load<u8>(at++);
      if ((opcode & 0x20) != 0) length |= (<u32>load<u8>(at++)) << 8;
      if ((opcode & 0x40) != 0) length |= (<u32>load<u8>(at++)) << 16;
      if (length == 0) length = 0x10000;
      if (at > end) return CUT_SHORT;
      if (<u64>offset + length > <u64>baseLength) return BEYOND_BASE;
      if (<u64>(output - target) + length > <u64>size) return TOO_LONG;
      copy(output, base + offset, length);
      output += length;
      const seam: bool = <i32>offset != expected;
      expected = <i32>(offset + length);
      if (!seam) continue;
    } else {
      if (opcode == 0) return RESERVED;
      if (at + opcode > end) return CUT_SHORT;
      if (output + opcode > outputEnd) return TOO_LONG;
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
      if (from >= 0) {
        store<i32>(fresh + (freshCount << 3), from);
        store<i32>(fresh + (freshCount << 3), to, 4);
        freshCount++;
      }
      from = start;
      to = stop;
    }
  }
  if (output != outputEnd) return OTHER_SIZE;
  // The end of the base may be missing: what ran into more bytes now runs into the end.
  if (expected >= 0 && expected != baseLength && to != size) {
    if (from >= 0 && (size - to <= join || freshCount >= room - 1)) {
      to = size;
    } else {
      if (from >= 0) {
        store<i32>(fresh + (freshCount << 3), from);
        store<i32>(fresh + (freshCount << 3), to, 4);
        freshCount++;
      }
      from = size;
      to = size;
    }
  }
  if (from >= 0) {
    store<i32>(fresh + (freshCount << 3), from);
    store<i32>(fresh + (freshCount << 3), to, 4);
    freshCount++;
  }
  return DONE;
}

// @ts-ignore: decorator
@inline
function copy(target: usize, source: usize, length: i32): void {
  if (length > 256) {
    memory.copy(target, source, length);
    return;
  }
  for (let done = 0; done < length; done += 16) v128.store(target + done, v128.load(source + done));
}
