// Which pieces of an object its delta copied (gitformat-pack), beside building it.
import { copy, copyFields, followingBytes, instructions } from './delta';

let copies: usize = 0;
let copyRoom: i32 = 0;

/** How many pieces the last `rebuild` copied: see `setCopies`. */
export let copyCount: i32 = 0;

/** Room for so many pieces: where to, where from, how many bytes, a word each. */
export function setCopies(at: usize, most: i32): void {
  copies = at;
  copyRoom = most;
}

// @ts-ignore: decorator
@inline
export function copyTo(index: i32): i32 {
  return load<i32>(copies + index * 12);
}

// @ts-ignore: decorator
@inline
export function copyFrom(index: i32): i32 {
  return load<i32>(copies + index * 12, 4);
}

// @ts-ignore: decorator
@inline
export function copyLength(index: i32): i32 {
  return load<i32>(copies + index * 12, 8);
}

/** Builds an object from its base, and notes which pieces were copied: where to, where from, how many bytes. */
export function rebuild(base: usize, baseLength: i32, delta: usize, deltaLength: i32, target: usize, size: i32): bool {
  const end: usize = delta + deltaLength;
  let at: usize = delta + instructions;
  let output: i32 = 0;
  copyCount = 0;
  while (at < end) {
    const opcode: u32 = load<u8>(at++);
    if ((opcode & 0x80) == 0) {
      if (opcode == 0 || at + opcode > end || output + <i32>opcode > size) return false;
      copy(target + output, at, opcode);
      at += opcode;
      output += opcode;
      continue;
    }
    const fields: v128 = copyFields(opcode, at);
    at += followingBytes(opcode);
    const offset: u32 = i32x4.extract_lane(fields, 0);
    let length: u32 = i32x4.extract_lane(fields, 1);
    if (length == 0) length = 0x10000;
    if (at > end || <u64>offset + length > <u64>baseLength || <u64>output + length > <u64>size) return false;
    copy(target + output, base + offset, length);
    noteCopy(output, offset, length);
    output += length;
  }
  return output == size;
}

/** What goes on where the last copy ended is one with it; beyond the room, lines count as new. */
function noteCopy(to: i32, from: i32, length: i32): void {
  const last: usize = copies + (copyCount - 1) * 12;
  if (copyCount > 0) {
    const before: i32 = load<i32>(last, 8);
    if (load<i32>(last) + before == to && load<i32>(last, 4) + before == from) {
      store<i32>(last, before + length, 8);
      return;
    }
  }
  if (copyCount == copyRoom) return;
  store<i32>(last + 12, to);
  store<i32>(last + 12, from, 4);
  store<i32>(last + 12, length, 8);
  copyCount++;
}
