// Where the entries of a pack end (gitformat-pack). Nothing says how long they are packed: each begins where the one before
// it ends, and that is known once it is inflated.
import { DONE, consumed, inflate } from './inflate';

const OFS_DELTA: i32 = 6;
const REF_DELTA: i32 = 7;

/**
 * Writes to `ends` where the entries end that stand one behind the other from `source` on: bytes from there, a word each, `most`
 * of them. Stops before one that is not whole within `length` bytes, is damaged, or becomes more than `room` bytes at `target`.
 * Gives how many there are.
 */
export function entryEnds(
  source: usize,
  length: i32,
  idBytes: i32,
  target: usize,
  room: i32,
  ends: usize,
  most: i32,
): i32 {
  const limit: usize = source + length;
  let at: usize = source;
  let count: i32 = 0;
  while (count < most && at < limit) {
    let byte: u64 = load<u8>(at++);
    const type: i32 = <i32>((byte >> 4) & 7);
    let size: u64 = byte & 15;
    for (let bits: u64 = 4; (byte & 0x80) != 0 && bits < 32; bits += 7) {
      byte = load<u8>(at++);
      size |= (byte & 0x7f) << bits;
    }
    if ((byte & 0x80) != 0 || type == 0 || type == 5 || size > <u64>room) break;
    if (type == OFS_DELTA) {
      const longest: usize = at + 10;
      while (at < longest && (load<u8>(at) & 0x80) != 0) at++;
      at++;
    } else if (type == REF_DELTA) {
      at += idBytes;
    }
    // Git writes no other window than the largest.
    if (at >= limit || load<u8>(at) != 0x78) break;
    if (inflate(at, <i32>(limit - at), target, <i32>size) != DONE) break;
    at += consumed;
    store<u32>(ends + (count++ << 2), <u32>(at - source));
  }
  return count;
}
