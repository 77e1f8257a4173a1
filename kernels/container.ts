// Tells by its first bytes whether a blob may be a container.

/** What tells a tar lies in so many bytes. */
export const HEAD: i32 = 512;
const MARK: i32 = 32;
/** Bytes that show a flow. */
const FLOW: i32 = 16;

const likely: usize = memory.data(256, 16);
let marks: usize = 0;
let markCount: i32 = 0;

/** Beginnings that a container may have, each a length in 16 bytes and the text in 16 more. */
export function setMarks(at: usize, count: i32): void {
  marks = at;
  markCount = count;
  memory.fill(likely, 0, 256);
  for (let index = 0; index < count; index++) {
    const mark: usize = at + index * MARK;
    if (load<u32>(mark) == 0) memory.fill(likely, 1, 256);
    store<u8>(likely + load<u8>(mark, 16), 1);
  }
}

/** Whether the first bytes of a blob may be those of a container. */
export function isContainer(at: usize, size: i32): bool {
  if (load<u8>(likely + load<u8>(at)) != 0) {
    const beginning: v128 = v128.load(at);
    for (let index = 0; index < markCount; index++) {
      const mark: usize = marks + index * MARK;
      const length: u32 = load<u32>(mark);
      const alike: i32 = i8x16.bitmask(i8x16.eq(beginning, v128.load(mark + 16)));
      if (<u32>size >= length && <u32>ctz(~alike) >= length) return true;
    }
  }
  return (size >= HEAD && isTarHeader(at)) || (size >= FLOW && isFlow(at));
}

/** What mitmproxy saves: a length, and behind it the length of a key (tnetstrings). */
function isFlow(at: usize): bool {
  let digits: usize = 0;
  while (digits < 10 && isDigit(at + digits)) digits++;
  return digits > 1 && digits < 10 && load<u8>(at + digits) == 0x3a && isDigit(at + digits + 1);
}

// @ts-ignore: decorator
@inline
function isDigit(at: usize): bool {
  return <u32>load<u8>(at) - 0x30 < 10;
}

/** A block whose checksum, in octal at 148, is that of its bytes, taken as signed or as unsigned. */
function isTarHeader(block: usize): bool {
  let expected: i32 = 0;
  let digits: i32 = 0;
  for (let index = 148; index < 156; index++) {
    const byte: i32 = load<u8>(block + index);
    if (byte >= 0x30 && byte <= 0x37) {
      expected = expected * 8 + byte - 0x30;
      digits++;
    } else if (byte != 0x20 && byte != 0) {
      return false;
    } else if (digits > 0) {
      break;
    }
  }
  if (expected == 0) return false;
  let unsigned: i32 = 8 * 0x20;
  let signed: i32 = 8 * 0x20;
  for (let index = 0; index < HEAD; index++) {
    if (index >= 148 && index < 156) continue;
    unsigned += load<u8>(block + index);
    signed += load<i8>(block + index);
  }
  return expected == unsigned || expected == signed;
}
