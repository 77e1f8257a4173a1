// The header of a commit: its tree, its parents, and when it was committed (Git's object format).
import { roomForIds, tellCommit } from './records';
import { idBytes } from './tree-line';

/** Commits of more parents are nothing that has to be fast. */
const MOST_PARENTS: i32 = 256;

/** Tells what the header of a commit names, and when it was committed; false where it isn't as git writes it. */
export function readCommit(entry: i32, bytes: usize, size: i32): bool {
  const digits: i32 = idBytes * 2;
  const end: usize = bytes + size;
  let at: usize = bytes;
  let target: usize = roomForIds(MOST_PARENTS);
  if (at + 6 + digits > end || load<u32>(at) != 0x65657274 || !readHex(at + 5, target)) return false;
  at += 6 + digits;
  target += idBytes;
  let parents: i32 = 0;
  while (at + 8 + digits < end && load<u32>(at) == 0x65726170 && load<u32>(at, 3) == 0x20746e65) {
    if (parents == MOST_PARENTS || !readHex(at + 7, target)) return false;
    at += 8 + digits;
    target += idBytes;
    parents++;
  }
  if (at + 7 > end || load<u32>(at) != 0x68747561) return false;
  at = newline(at, end);
  if (at + 11 > end || !isCommitter(at + 1)) return false;
  tellCommit(entry, seconds(at + 1, newline(at + 1, end)), parents);
  return true;
}

// @ts-ignore: decorator
@inline
function isCommitter(at: usize): bool {
  return load<u64>(at) == 0x657474696d6d6f63 && load<u16>(at, 8) == 0x2072;
}

function newline(at: usize, end: usize): usize {
  while (at < end && load<u8>(at) != 0x0a) at++;
  return at;
}

/** The seconds in `… <mail> seconds +hhmm`, which ends at `end`; 0 when there are none. */
function seconds(start: usize, end: usize): f64 {
  let at: usize = end - 5;
  if (at < start + 12 || (load<u8>(at) != 0x2b && load<u8>(at) != 0x2d) || load<u8>(at - 1) != 0x20) return 0;
  for (let digit = 1; digit < 5; digit++) if (!isDigit(load<u8>(at + digit))) return 0;
  at -= 2;
  let value: f64 = 0;
  let scale: f64 = 1;
  let digits: i32 = 0;
  for (; digits < 15 && isDigit(load<u8>(at)); at--, digits++) {
    value += scale * <f64>(load<u8>(at) - 0x30);
    scale *= 10;
  }
  if (digits == 0) return 0;
  return load<u8>(at) == 0x2d ? -value : value;
}

// @ts-ignore: decorator
@inline
function isDigit(byte: i32): bool {
  return byte >= 0x30 && byte <= 0x39;
}

function readHex(at: usize, target: usize): bool {
  for (let index = 0; index < idBytes; index++) {
    const high: i32 = digitOf(load<u8>(at + (index << 1)));
    const low: i32 = digitOf(load<u8>(at + (index << 1), 1));
    if ((high | low) < 0) return false;
    store<u8>(target + index, <u8>((high << 4) | low));
  }
  return load<u8>(at + (idBytes << 1)) == 0x0a;
}

// @ts-ignore: decorator
@inline
function digitOf(byte: i32): i32 {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1;
}
