// Bits of streams that are read backwards.

/** `count` bits, of those that end `left` bits behind the start; bits before the start are anything. */
export function bitsBefore(start: usize, left: i32, count: i32): i32 {
  const bytes: i32 = (left + 7) >> 3;
  const bits: u64 = load<u64>(start + bytes - 8) << <u64>(-left & 7);
  return <i32>((bits >> 1) >> <u64>(63 - count));
}

/** The highest bits, as many as the lowest six bits of `count` say; what is above those may be anything. */
// @ts-ignore: decorator
@inline
export function top(bits: u64, count: u64): u64 {
  return (bits >> 1) >> ~count;
}
