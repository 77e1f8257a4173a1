// Where the entries of a pack begin and end (gitformat-pack), when nothing but the pack itself says it: an entry does not
// tell how long it is packed, so each is inflated to see where the next one begins.
import { CUT_SHORT, DONE, consumed, inflate } from './inflate';

const OFS_DELTA: i32 = 6;
const REF_DELTA: i32 = 7;

/** Whether the last `entryEnds` stopped because there were no more bytes. */
export let wantsMore: bool = false;

/** What the last header says that the entry becomes, in bytes. */
let size: u64 = 0;

/**
 * Writes to `ends` where the entries end that stand one behind the other from `source` on: bytes from there, a word each,
 * `most` of them. Stops before one that is not whole within `length` bytes, is damaged, or becomes more than `room` bytes
 * at `target`. Gives how many there are.
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
  wantsMore = false;
  while (count < most && at < limit) {
    at = behindHeader(at, idBytes);
    if (at == 0) break;
    wantsMore = at >= limit;
    if (wantsMore || !isZlib(at) || size > <u64>room) break;
    const outcome: i32 = inflate(at, <i32>(limit - at), target, <i32>size);
    wantsMore = outcome == CUT_SHORT;
    if (outcome != DONE) break;
    at += consumed;
    store<u32>(ends + (count++ << 2), <u32>(at - source));
  }
  return count;
}

/** At which of the first `length` bytes a header may stand that zlib follows; -1 at none. */
export function mayBegin(source: usize, length: i32, idBytes: i32): i32 {
  for (let at: usize = source; at < source + length; at++) {
    const data: usize = behindHeader(at, idBytes);
    if (data != 0 && isZlib(data)) return <i32>(at - source);
  }
  return -1;
}

/** Where the header ends that begins at `at`; 0 where git writes none like it. */
// @ts-ignore: decorator
@inline
function behindHeader(at: usize, idBytes: i32): usize {
  let byte: u64 = load<u8>(at++);
  const type: i32 = <i32>((byte >> 4) & 7);
  size = byte & 15;
  for (let bits: u64 = 4; (byte & 0x80) != 0; bits += 7) {
    if (bits >= 46) return 0;
    byte = load<u8>(at++);
    size |= (byte & 0x7f) << bits;
  }
  if (type == 0 || type == 5) return 0;
  if (type == OFS_DELTA) {
    const longest: usize = at + 7;
    while (at < longest && (load<u8>(at) & 0x80) != 0) at++;
    return at == longest ? 0 : at + 1;
  }
  return type == REF_DELTA ? at + idBytes : at;
}

/** Deflate with the largest window, which is what git writes, and a header that checks (RFC 1950). */
// @ts-ignore: decorator
@inline
function isZlib(at: usize): bool {
  return load<u8>(at) == 0x78 && (0x7800 + <u32>load<u8>(at, 1)) % 31 == 0;
}
