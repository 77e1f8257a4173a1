import { latin1 } from '../latin1.js';
import { asciiOf } from './code-points.js';
import type { Escape } from './escape.js';
import { digit } from './hex-digits.js';

/** Two hexadecimal digits at `at`, behind `lead` bytes of the escape. */
export function pair(bytes: Uint8Array, at: number, lead: number): Escape | undefined {
  if (at + 1 >= bytes.length) return undefined;
  const high = digit(bytes[at]!);
  const low = digit(bytes[at + 1]!);
  return high < 0 || low < 0 ? undefined : { length: lead + 2, byte: high * 16 + low };
}

/** `\uXXXX`, `%uXXXX`. */
export function fourDigits(bytes: Uint8Array, at: number): Escape | undefined {
  const high = pair(bytes, at + 2, 2);
  const low = pair(bytes, at + 4, 2);
  if (high === undefined || low === undefined) return undefined;
  return { length: 6, byte: asciiOf(high.byte! * 256 + low.byte!) };
}

/** `\UXXXXXXXX`. */
export function eightDigits(bytes: Uint8Array, at: number): Escape | undefined {
  const digits = latin1(bytes, at + 2, Math.min(bytes.length, at + 10));
  if (!/^[0-9a-fA-F]{8}$/.test(digits)) return undefined;
  return { length: 10, byte: asciiOf(Number.parseInt(digits, 16)) };
}

/** `\u{…}`, `\x{…}`. */
export function braced(bytes: Uint8Array, at: number): Escape | undefined {
  let value = 0;
  let next = at + 3;
  for (; next < at + 11 && next < bytes.length && digit(bytes[next]!) >= 0; next++) {
    value = value * 16 + digit(bytes[next]!);
  }
  return next > at + 3 && bytes[next] === 0x7d ? { length: next + 1 - at, byte: asciiOf(value) } : undefined;
}

/** A backslash and up to three octal digits. */
export function octal(bytes: Uint8Array, at: number): Escape {
  let value = 0;
  let length = 1;
  while (length < 4 && bytes[at + length]! >= 0x30 && bytes[at + length]! <= 0x37) {
    const grown = value * 8 + bytes[at + length]! - 0x30;
    if (grown > 255) break;
    value = grown;
    length++;
  }
  return { length, byte: value };
}
