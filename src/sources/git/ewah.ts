/** Bits that can be set: one stands for an entry of an index, and so many fit into no index that is read. */
const MOST = 4 * 1024 ** 2;

/**
 * Reads a bitmap in EWAH form (gitformat-index, "split index"; Documentation/technical/bitmap-format): runs of equal
 * 64-bit words, then literal ones.
 *
 * @returns the positions of its set bits, and where the bitmap ends; undefined when it is damaged.
 */
export function readEwah(bytes: Buffer, at: number): { bits: readonly number[]; end: number } | undefined {
  if (at + 8 > bytes.length) return undefined;
  const size = bytes.readUInt32BE(at);
  const words = bytes.readUInt32BE(at + 4);
  const start = at + 8;
  const end = start + words * 8 + 4;
  if (end > bytes.length) return undefined;
  const last = Math.min(size, MOST);
  const bits: number[] = [];
  let position = 0;
  const add = (high: number, low: number): void => {
    for (let bit = 0; bit < 64; bit++) {
      const half = bit < 32 ? low : high;
      if (((half >>> (bit & 31)) & 1) === 1 && position + bit < last) bits.push(position + bit);
    }
    position += 64;
  };
  for (let word = 0; word < words; ) {
    const marker = bytes.readBigUInt64BE(start + word++ * 8);
    const fill = (marker & 1n) === 1n ? 0xffffffff : 0;
    const run = Number((marker >> 1n) & 0xffffffffn);
    const literals = Number(marker >> 33n);
    if (fill === 0) position += run * 64;
    else for (let count = 0; count < run && position < last; count++) add(fill, fill);
    for (let count = 0; count < literals && word < words; count++, word++) {
      add(bytes.readUInt32BE(start + word * 8), bytes.readUInt32BE(start + word * 8 + 4));
    }
  }
  return { bits, end };
}
