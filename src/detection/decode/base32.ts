import type { Decoder } from './view.js';
import { READ_AFTER, ViewBuilder } from './view.js';

/** How many groups of eight before the hit are decoded: what shows the left boundary. */
const GROUPS_BEFORE = 32;

const VALUES = new Int8Array(256).fill(-1);
for (const [value, character] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'].entries()) {
  VALUES[character.charCodeAt(0)] = value;
  VALUES[character.toLowerCase().charCodeAt(0)] = value;
}

/** RFC 4648, section 6, in either case, padded or not; line breaks are skipped. */
export const decodeBase32: Decoder = (bytes, at, group) => {
  const builder = new ViewBuilder();
  const limit = Math.min(bytes.length, at + READ_AFTER);
  let buffer = 0;
  let held = 0;
  let start = 0;
  let next = startOf(bytes, at + group);
  for (; next < limit && !builder.full; next++) {
    const value = VALUES[bytes[next]!]!;
    if (value < 0) {
      if (isBreak(bytes[next])) continue;
      break;
    }
    if (held === 0) start = next;
    buffer = ((buffer << 5) | value) & 0xfff;
    held += 5;
    if (held < 8) continue;
    held -= 8;
    builder.push((buffer >> held) & 255, start, next + 1);
    // What is left over begins the next byte.
    start = next;
  }
  return builder.view('base32', next, limit, bytes);
};

/** Goes back by whole groups, over line breaks. */
function startOf(bytes: Uint8Array, at: number): number {
  let start = at;
  let before = at - 1;
  for (let groups = 0; groups < GROUPS_BEFORE; groups++) {
    for (let count = 0; count < 8; count++) {
      while (isBreak(bytes[before])) before--;
      if (before < 0 || VALUES[bytes[before]!]! < 0) return start;
      before--;
    }
    start = before + 1;
  }
  return start;
}

function isBreak(byte: number | undefined): boolean {
  return byte === 0x0a || byte === 0x0d;
}
