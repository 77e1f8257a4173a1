import type { Encoding } from './encoding.js';
import { type Decoder, READ_AFTER, ViewBuilder } from './view.js';

/** One escape: the bytes it takes, and the byte it stands for; `undefined` as the byte where it stands for nothing. */
export interface Escape {
  readonly length: number;
  readonly byte: number | undefined;
}

/** Reads the escape that starts at `at`; `undefined` where none does. */
export type EscapeReader = (bytes: Uint8Array, at: number) => Escape | undefined;

/** How many bytes before the hit are decoded: what shows the left boundary, and two lines of a dump. */
const BYTES_BEFORE = 1400;

/** A decoder that replaces the escapes of one kind and leaves the rest. */
export function escapeDecoder(encoding: Encoding, read: EscapeReader): Decoder {
  return (bytes, at) => {
    const builder = new ViewBuilder();
    const limit = Math.min(bytes.length, at + READ_AFTER);
    let next = Math.max(0, at - BYTES_BEFORE);
    while (next < limit && !builder.full) {
      const found = read(bytes, next);
      const length = found?.length ?? 1;
      const byte = found === undefined ? bytes[next]! : found.byte;
      if (byte !== undefined) builder.push(byte, next, next + length);
      next += length;
    }
    return builder.view(encoding, next, limit, bytes);
  };
}
