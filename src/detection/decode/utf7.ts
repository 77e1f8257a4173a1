import type { Decoder } from './view.js';
import { NOT_TEXT, READ_AFTER, ViewBuilder } from './view.js';

const BYTES_BEFORE = 512;
const LONGEST_SHIFT = 512;

/** RFC 2152: characters between `+` and `-` (or what is no base64) are base64 of UTF-16BE. */
export const decodeUtf7: Decoder = (bytes, at) => {
  const builder = new ViewBuilder();
  const limit = Math.min(bytes.length, at + READ_AFTER);
  let next = Math.max(0, at - BYTES_BEFORE);
  while (next < limit && !builder.full) {
    const shift = bytes[next] === 0x2b ? shiftAt(bytes, next) : undefined;
    if (shift === undefined) builder.push(bytes[next]!, next, next + 1);
    else for (const byte of shift.bytes) builder.push(byte, next, next + shift.length);
    next += shift?.length ?? 1;
  }
  return builder.view('utf7', next, limit, bytes);
};

function shiftAt(
  bytes: Uint8Array,
  at: number,
): { readonly length: number; readonly bytes: readonly number[] } | undefined {
  const text = Buffer.from(bytes.subarray(at + 1, at + 1 + LONGEST_SHIFT)).toString('latin1');
  if (text[0] === '-') return { length: 2, bytes: [0x2b] };
  const encoded = /^[A-Za-z0-9+/]{3,}/.exec(text)?.[0];
  if (encoded === undefined) return undefined;
  const units = Buffer.from(encoded, 'base64');
  const whole = units.length & ~1;
  if (Math.ceil((8 * whole) / 6) !== encoded.length) return undefined;
  const characters: number[] = [];
  for (let index = 0; index < whole; index += 2) {
    characters.push(units[index] === 0 && units[index + 1]! < 0x80 ? units[index + 1]! : NOT_TEXT);
  }
  const length = 1 + encoded.length + (text[encoded.length] === '-' ? 1 : 0);
  return { length, bytes: characters };
}
