/** How far sequences of LZ4 hold together: where the input was left, and how much they make. */
export interface Walked {
  readonly at: number;
  readonly length: number;
}

/**
 * Goes through a block of LZ4 (lz4_Block_format.md) without unpacking it, until it makes `size` bytes or the input ends: where
 * no length is written, that is the only way to its end.
 * @returns undefined where it is none
 */
export function walkLz4(bytes: Uint8Array, from: number, size: number): Walked | undefined {
  let at = from;
  let length = 0;
  const more = (base: number): number => {
    let count = base;
    if (base === 15) {
      let byte = 255;
      while (byte === 255 && at < bytes.length) count += byte = bytes[at++]!;
    }
    return count;
  };
  while (at < bytes.length) {
    const token = bytes[at++]!;
    const literals = more(token >> 4);
    at += literals;
    length += literals;
    if (length > size) return undefined;
    if (length === size || at + 2 > bytes.length) break;
    const distance = bytes[at]! | (bytes[at + 1]! << 8);
    at += 2;
    if (distance === 0 || distance > length) return undefined;
    length += more(token & 15) + 4;
  }
  return length > size ? undefined : { at: Math.min(at, bytes.length), length };
}
