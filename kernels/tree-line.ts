// A line of a tree: a mode in octal digits, a name, and an ID (gitformat-pack; Git's object format).

/** What `lineEnd` has read last: the mode, and where name and ID begin. */
export let mode: i32 = 0;
export let nameAt: usize = 0;
export let idAt: usize = 0;

/** Bytes of an object ID. */
export let idBytes: i32 = 20;

export function setIdBytes(bytes: i32): void {
  idBytes = bytes;
}

/** Reads the line at `at`; gives where the next begins, or 0 where it is malformed. */
// @ts-ignore: decorator
@inline
export function lineEnd(at: usize, end: usize): usize {
  mode = 0;
  // Git takes any number of zeros before the digits.
  while (at < end && load<u8>(at) == 0x30) at++;
  let digits: i32 = 0;
  for (; digits <= 7; digits++) {
    const byte: i32 = load<u8>(at + digits);
    if (byte == 0x20) break;
    mode = mode * 8 + byte - 0x30;
  }
  if (digits > 7) return 0;
  nameAt = at + digits + 1;
  for (at = nameAt; at < end; at += 16) {
    const zeros: i32 = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0)));
    if (zeros == 0) continue;
    idAt = at + ctz(zeros) + 1;
    return idAt + idBytes <= end ? idAt + idBytes : 0;
  }
  return 0;
}
