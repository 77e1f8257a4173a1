/** As many bytes of ones as there are before the middle. */
const KEPT: usize = memory.data(32, 16);
memory.fill(KEPT, 0xff, 16);

/** The checksum of RFC 1950, 16 bytes at a time. Up to 15 bytes more are read. */
export function adler32(at: usize, length: i32): u32 {
  let a: u32 = 1;
  let b: u32 = 0;
  const weights: v128 = i16x8(16, 15, 14, 13, 12, 11, 10, 9);
  const more: v128 = i16x8(8, 7, 6, 5, 4, 3, 2, 1);
  let left: i32 = length;
  while (left > 0) {
    // So many bytes of 255 don't overflow 32 bits (zlib's NMAX).
    let block: i32 = min(left, 5552);
    left -= block;
    if (block >= 16) {
      let sums: v128 = i32x4(0, 0, 0, 0);
      let before: v128 = i32x4(0, 0, 0, 0);
      let weighted: v128 = i32x4(0, 0, 0, 0);
      const rounds: i32 = block >> 4;
      for (let round = 0; round < rounds; round++) {
        const bytes: v128 = v128.load(at);
        const low: v128 = i16x8.extend_low_i8x16_u(bytes);
        const high: v128 = i16x8.extend_high_i8x16_u(bytes);
        before = i32x4.add(before, sums);
        sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_u(i16x8.add(low, high)));
        weighted = i32x4.add(weighted, i32x4.add(i32x4.dot_i16x8_s(low, weights), i32x4.dot_i16x8_s(high, more)));
        at += 16;
      }
      b += a * (rounds << 4) + (total(before) << 4) + total(weighted);
      a += total(sums);
      block &= 15;
    }
    if (block > 0) {
      const bytes: v128 = v128.and(v128.load(at), v128.load(KEPT + 16 - block));
      const low: v128 = i16x8.extend_low_i8x16_u(bytes);
      const high: v128 = i16x8.extend_high_i8x16_u(bytes);
      const sum: u32 = total(i32x4.extadd_pairwise_i16x8_u(i16x8.add(low, high)));
      b += a * block + total(i32x4.add(i32x4.dot_i16x8_s(low, weights), i32x4.dot_i16x8_s(high, more))) - sum * (16 - block);
      a += sum;
      at += block;
    }
    a %= 65521;
    b %= 65521;
  }
  return (b << 16) | a;
}

// @ts-ignore: decorator
@inline
function total(sums: v128): u32 {
  return (
    i32x4.extract_lane(sums, 0) +
    i32x4.extract_lane(sums, 1) +
    i32x4.extract_lane(sums, 2) +
    i32x4.extract_lane(sums, 3)
  );
}
