import type { Unpacked } from './block.js';

/** What a file of lzop begins with. */
export const LZOP = '\x89LZO\0\r\n\x1a\n';

/** Matches of these instructions reach so much farther. */
const FAR = 0x4000;
const AFTER_LITERALS = 0x801;
/** Which kind of instruction is read next depends on how many literals came before it: none, one to three, or more. */
const MANY = 4;

/** Unpacks one block of LZO1X (Linux, `Documentation/staging/lzo.rst`) into at most `room` bytes, as far as it is whole. */
export function unpackLzo(packed: Uint8Array, room: number): Unpacked {
  const out = Buffer.allocUnsafe(room);
  let at = 0;
  let length = 0;
  let state = 0;
  let literals = 0;
  if (packed[0]! > 17) {
    literals = packed[0]! - 17;
    state = Math.min(literals, MANY);
    at = 1;
  }
  for (;;) {
    if (at + literals > packed.length || length + literals > room)
      return broken(out, length, 'literals without end');
    for (; literals > 0; literals--) out[length++] = packed[at++]!;
    if (at >= packed.length) return broken(out, length, 'it has no end');
    const code = packed[at++]!;
    let count: number;
    let distance: number;
    if (code < 16 && state === 0) {
      literals = 3 + counted(code, 15);
      state = MANY;
      continue;
    }
    if (code < 16) {
      count = state === MANY ? 3 : 2;
      distance = (code >> 2) + (packed[at++]! << 2) + (state === MANY ? AFTER_LITERALS : 1);
      literals = code & 3;
    } else if (code < 64) {
      count = 2 + (code < 32 ? counted(code & 7, 7) : counted(code & 31, 31));
      const pair = packed[at]! | (packed[at + 1]! << 8);
      at += 2;
      distance = (pair >> 2) + (code < 32 ? FAR + ((code & 8) << 11) : 1);
      literals = pair & 3;
      if (distance === FAR)
        return at <= packed.length ? ended(out, length) : broken(out, length, 'it has no end');
    } else {
      count = (code >> 5) + 1;
      distance = ((code >> 2) & 7) + (packed[at++]! << 3) + 1;
      literals = code & 3;
    }
    if (at > packed.length) return broken(out, length, 'it ends in the middle of a copy');
    if (distance > length) return broken(out, length, 'a copy reaches before the beginning');
    if (length + count > room) return broken(out, length, 'it unpacks to more than it says');
    for (const end = length + count; length < end; length++) out[length] = out[length - distance]!;
    state = literals;
  }

  /** A length that begins in an instruction, and where that is full goes on in bytes behind it: zeros, and one that is none. */
  function counted(begun: number, full: number): number {
    if (begun > 0) return begun;
    let more = full;
    while (packed[at] === 0) {
      more += 255;
      at++;
    }
    return more + (packed[at++] ?? 0);
  }
}

function ended(out: Buffer, length: number): Unpacked {
  return length === out.length ? { content: out } : broken(out, length, 'it unpacks to less than it says');
}

function broken(out: Buffer, length: number, problem: string): Unpacked {
  return { content: out.subarray(0, length), problem };
}
