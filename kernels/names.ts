// What trees and commits name, and whether it is there.
import { BLOB, COMMIT, TREE } from './entries';
import { areKnown, idBytes, isKnown, isNear } from './known';
import { miss } from './out';

const name: usize = memory.data(64, 16);

/** What a tree names is looked up so many at once: each look is at memory that is far, and none waits for another. */
const BATCH: i32 = 32;
/** Where the IDs stand, and whether they are folders'. */
const named: usize = memory.data(8 * BATCH, 16);

/** What the tree names on the lines from `from` until one begins after `to`; false when `doubtful` and not all is there. */
export function lines(entry: i32, bytes: usize, size: i32, from: i32, to: i32, doubtful: bool): bool {
  if (!areKnown) return true;
  const end: usize = bytes + size;
  let at: usize = bytes + from;
  let count: i32 = 0;
  while (at < end) {
    // Modes have five digits or six, the first not zero; whatever else there may be is read with more patience.
    let folder: bool = load<u32>(at) == 0x30303034 && load<u16>(at, 4) == 0x2030;
    let submodule: bool = false;
    if (!folder && (load<u16>(at) != 0x3031 || load<u8>(at, 6) != 0x20)) {
      while (at < end && load<u8>(at) == 0x30) at++;
      let mode: i32 = 0;
      let digits: i32 = 0;
      for (; digits <= 7; digits++) {
        const byte: i32 = load<u8>(at + digits);
        if (byte == 0x20) break;
        mode = mode * 8 + byte - 0x30;
      }
      if (digits > 7) break;
      at += digits + 1;
      folder = (mode & 0o170000) == 0o40000;
      submodule = (mode & 0o170000) == 0o160000;
    } else {
      at += folder ? 6 : 7;
    }
    for (;;) {
      const zeros: i32 = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0)));
      if (zeros != 0) {
        at += ctz(zeros) + 1;
        break;
      }
      at += 16;
      if (at >= end) return lookUp(entry, count, doubtful);
    }
    if (at + idBytes > end) break;
    if (!submodule) {
      if (count == BATCH) {
        if (!lookUp(entry, count, doubtful)) return false;
        count = 0;
      }
      store<u32>(named + (count << 3), <u32>at);
      store<i32>(named + (count++ << 3), folder ? TREE : BLOB, 4);
    }
    at += idBytes;
    if (at > bytes + to) break;
  }
  return lookUp(entry, count, doubtful);
}

/** Looks up the first `count` that are named; false when `doubtful` and not all is there. */
function lookUp(entry: i32, count: i32, doubtful: bool): bool {
  let all: i32 = 1;
  for (let index = 0; index < count; index++) all &= <i32>isNear(load<u32>(named + (index << 3)));
  if (all != 0) return true;
  for (let index = 0; index < count; index++) {
    const id: usize = load<u32>(named + (index << 3));
    if (isKnown(id)) continue;
    if (doubtful) return false;
    miss(entry, load<i32>(named + (index << 3), 4), id, idBytes);
  }
  return true;
}

/** A place before `place` where a line begins, by its looks; 0 when none is near. */
export function lineBefore(bytes: usize, size: i32, place: i32): i32 {
  for (let back = 128; back <= 512 && back < place; back *= 2) {
    for (let from = place - back; from <= place; from += 16) {
      for (let found: i32 = modesIn(bytes + from); found != 0; found &= found - 1) {
        const at: i32 = from + ctz(found);
        if (at > place) break;
        const end: i32 = lineEnd(bytes, size, at);
        if (end == size || (end < size && (modesIn(bytes + end) & 1) != 0)) return at;
      }
    }
  }
  return 0;
}

/** Where the line ends that begins at `at`; beyond `size` where it does not end in the tree. */
// @ts-ignore: decorator
@inline
function lineEnd(bytes: usize, size: i32, at: i32): i32 {
  for (let end: i32 = at; end < size; end += 16) {
    const zeros: i32 = i8x16.bitmask(i8x16.eq(v128.load(bytes + end), i8x16.splat(0)));
    if (zeros != 0) return end + ctz(zeros) + 1 + idBytes;
  }
  return size + 1;
}

/** At which of 16 places stands what looks like the mode of a folder, or of anything else. */
// @ts-ignore: decorator
@inline
function modesIn(at: usize): i32 {
  const first: v128 = v128.load(at);
  const folder: v128 = v128.and(
    v128.and(i8x16.eq(first, i8x16.splat(0x34)), i8x16.eq(v128.load(at, 5), i8x16.splat(0x20))),
    v128.and(i8x16.eq(v128.load(at, 1), i8x16.splat(0x30)), i8x16.eq(v128.load(at, 4), i8x16.splat(0x30))),
  );
  const other: v128 = v128.and(
    v128.and(i8x16.eq(first, i8x16.splat(0x31)), i8x16.eq(v128.load(at, 6), i8x16.splat(0x20))),
    v128.and(i8x16.eq(v128.load(at, 2), i8x16.splat(0x30)), i8x16.lt_u(v128.load(at, 3), i8x16.splat(0x38))),
  );
  return i8x16.bitmask(v128.or(folder, other));
}

/** What the header of a commit or a tag names. */
export function links(entry: i32, bytes: usize, size: i32): void {
  if (!areKnown) return;
  const digits: i32 = idBytes * 2;
  const end: usize = bytes + size;
  let at: usize = bytes;
  if (at + 7 + digits < end && load<u32>(at) == 0x656a626f && load<u32>(at, 3) == 0x20746365) {
    if (load<u8>(at + 7 + digits) == 0x0a && readHex(at + 7) && !isKnown(name)) miss(entry, COMMIT, name, idBytes);
    return;
  }
  if (at + 5 + digits < end && load<u32>(at) == 0x65657274) {
    if (readHex(at + 5) && !isKnown(name)) miss(entry, TREE, name, idBytes);
    at += 6 + digits;
  }
  while (at + 7 + digits < end && load<u32>(at) == 0x65726170 && load<u32>(at, 3) == 0x20746e65) {
    if (readHex(at + 7) && !isKnown(name)) miss(entry, COMMIT, name, idBytes);
    at += 8 + digits;
  }
}

/** Writes the ID at `at` to `name`; false when it isn't one or all zeros. */
function readHex(at: usize): bool {
  let valid: v128 = i8x16.splat(-1);
  let any: v128 = i8x16.splat(0);
  // Of 40 digits the last 16 overlap with those before.
  for (let done = 0; ; ) {
    const text: v128 = v128.load(at + 2 * done);
    const decimal: v128 = i8x16.lt_u(i8x16.sub(text, i8x16.splat(0x30)), i8x16.splat(10));
    const letter: v128 = i8x16.lt_u(i8x16.sub(text, i8x16.splat(0x61)), i8x16.splat(6));
    valid = v128.and(valid, v128.or(decimal, letter));
    const digits: v128 = v128.and(
      i8x16.add(text, v128.and(letter, i8x16.splat(9))),
      i8x16.splat(0x0f),
    );
    any = v128.or(any, digits);
    const pairs: v128 = v128.and(
      v128.or(i16x8.shl(digits, 4), i16x8.shr_u(digits, 8)),
      i16x8.splat(0xff),
    );
    v128.store64_lane(name + done, i8x16.narrow_i16x8_u(pairs, pairs), 0);
    if (done + 8 >= idBytes) break;
    done = min(done + 8, idBytes - 8);
  }
  return i8x16.all_true(valid) && v128.any_true(any);
}
