import type { Unpacked } from './block.js';

/** Unpacks what LibLZF packed (lzf_d.c says what the bytes mean) into at most `room` bytes, as far as it is whole. */
export function unpackLzf(packed: Uint8Array, room: number): Unpacked {
  const out = Buffer.allocUnsafe(room);
  let length = 0;
  for (let at = 0; at < packed.length; ) {
    const control = packed[at++]!;
    if (control < 32) {
      const count = control + 1;
      if (at + count > packed.length || length + count > room) return broken(out, length);
      out.set(packed.subarray(at, at + count), length);
      at += count;
      length += count;
      continue;
    }
    let count = (control >> 5) + 2;
    if (count === 9) count += packed[at++] ?? 0;
    const start = length - ((control & 31) << 8) - (packed[at++] ?? 0) - 1;
    if (start < 0 || at > packed.length || length + count > room) return broken(out, length);
    for (let next = start, end = length + count; length < end; ) out[length++] = out[next++]!;
  }
  return length === room ? { content: out } : broken(out, length);
}

function broken(out: Buffer, length: number): Unpacked {
  return { content: out.subarray(0, length), problem: 'it is not LZF from here on' };
}
