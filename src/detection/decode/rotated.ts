import type { Encoding } from './encoding.js';
import type { Decoder } from './view.js';
import { READ_AFTER, ViewBuilder } from './view.js';

/** How many bytes before the hit are read: what shows the left boundary. */
const BYTES_BEFORE = 64;

/** Each letter as the one 13 places on. */
export function rot13(text: string): string {
  return String.fromCharCode(...[...text].map((one) => LETTERS[one.charCodeAt(0)]!));
}

/** Each visible character of ASCII as the one 47 places on. */
export function rot47(text: string): string {
  return String.fromCharCode(...[...text].map((one) => VISIBLE[one.charCodeAt(0)]!));
}

const LETTERS = rotated('ABCDEFGHIJKLMNOPQRSTUVWXYZ', rotated('abcdefghijklmnopqrstuvwxyz'));
const VISIBLE = rotated(Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at)).join(''));

function rotated(run: string, before = Array.from({ length: 256 }, (_, byte) => byte)): number[] {
  const table = [...before];
  for (let at = 0; at < run.length; at++)
    table[run.charCodeAt(at)] = run.charCodeAt((at + run.length / 2) % run.length);
  return table;
}

export const decodeRot13 = rotatedDecoder('rot13', LETTERS);
export const decodeRot47 = rotatedDecoder('rot47', VISIBLE);

function rotatedDecoder(encoding: Encoding, table: readonly number[]): Decoder {
  return (bytes, at) => {
    const builder = new ViewBuilder();
    const limit = Math.min(bytes.length, at + READ_AFTER);
    let next = Math.max(0, at - BYTES_BEFORE);
    for (; next < limit && !builder.full; next++) builder.push(table[bytes[next]!]!, next, next + 1);
    return builder.view(encoding, next, limit, bytes);
  };
}
