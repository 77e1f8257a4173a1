import type { Unpacked } from './block.js';

/** Unpacks what PostgreSQL packed its own way (pg_lzcompress.c) into at most `room` bytes, as far as it is whole. */
export function unpackPglz(packed: Uint8Array, room: number): Unpacked {
  const out = Buffer.allocUnsafe(room);
  let length = 0;
  for (let at = 0; at < packed.length && length < room; ) {
    let control = packed[at++]! | 0x100;
    for (; control > 1 && at < packed.length && length < room; control >>= 1) {
      if ((control & 1) === 0) {
        out[length++] = packed[at++]!;
        continue;
      }
      const first = packed[at++]!;
      let start = length - (((first & 0xf0) << 4) | (packed[at++] ?? 0));
      let count = (first & 15) + 3;
      if (count === 18) count += packed[at++] ?? 0;
      if (start < 0 || start === length || at > packed.length) return broken(out, length);
      for (const end = Math.min(room, length + count); length < end; ) out[length++] = out[start++]!;
    }
  }
  return length === room ? { content: out } : broken(out, length);
}

function broken(out: Buffer, length: number): Unpacked {
  return { content: out.subarray(0, length), problem: 'it is not a PostgreSQL value from here on' };
}
