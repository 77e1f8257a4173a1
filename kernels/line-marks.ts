// Bits, one for each byte of a tree and one more: set where a line begins, and where the last one ends.

/** Bits for `size` bytes, none of them set. */
// @ts-ignore: decorator
@inline
export function clear(bits: usize, size: i32): void {
  memory.fill(bits, 0, (size >> 3) + 16);
}

// @ts-ignore: decorator
@inline
export function mark(bits: usize, place: i32): void {
  const at: usize = bits + (place >> 3);
  store<u8>(at, load<u8>(at) | (<u8>1 << <u8>(place & 7)));
}

// @ts-ignore: decorator
@inline
export function isMarked(bits: usize, place: i32): bool {
  return (load<u8>(bits + (place >> 3)) & (1 << (place & 7))) != 0;
}

/** The last place of [from, to] that is marked; `from` is. */
export function lastMark(bits: usize, from: i32, to: i32): i32 {
  let at: i32 = to;
  while (at > from && !isMarked(bits, at)) {
    if ((at & 7) == 7 && load<u8>(bits + (at >> 3)) == 0 && at - 8 > from) at -= 8;
    else at--;
  }
  return at;
}

/** The target's bits are zero. Whole words are only written: to read what was written a moment ago takes its time. */
export function copyBits(target: usize, to: i32, source: usize, from: i32, count: i32): void {
  const head: i32 = min(count, (64 - (to & 63)) & 63);
  if (head > 0) {
    orBits(target, to, wordAt(source, from), head);
    to += head;
    from += head;
    count -= head;
  }
  for (; count >= 64; count -= 64) {
    store<u64>(target + (to >> 3), wordAt(source, from));
    to += 64;
    from += 64;
  }
  if (count > 0) orBits(target, to, wordAt(source, from), count);
}

// @ts-ignore: decorator
@inline
function wordAt(bits: usize, place: i32): u64 {
  const at: usize = bits + (place >> 3);
  const shift: u64 = place & 7;
  return (load<u64>(at) >> shift) | ((<u64>load<u8>(at, 8) << 1) << (63 - shift));
}

// @ts-ignore: decorator
@inline
function orBits(target: usize, to: i32, word: u64, count: i32): void {
  const at: usize = target + ((to >> 6) << 3);
  store<u64>(at, load<u64>(at) | ((word & ((<u64>1 << <u64>count) - 1)) << <u64>(to & 63)));
}
