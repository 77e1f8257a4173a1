import type { Decoder } from './view.js';
import { READ_AFTER, ViewBuilder } from './view.js';

/** How many groups of four before the hit are decoded: what shows the left boundary, and the line of a dump. */
const GROUPS_BEFORE = 96;

const VALUES = new Int8Array(256).fill(-1);
for (const [value, character] of [
  ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
].entries()) {
  VALUES[character.charCodeAt(0)] = value;
}
VALUES['-'.charCodeAt(0)] = 62;
VALUES['_'.charCodeAt(0)] = 63;

/** RFC 4648, both alphabets, padded or not; line breaks (also written `\n`) and the indentation after them are skipped. */
export const decodeBase64: Decoder = (bytes, at, group) => {
  const builder = new ViewBuilder();
  const places = [0, 0, 0, 0];
  let url = false;
  let buffer = 0;
  let held = 0;
  let next = startOf(bytes, at + group);
  const limit = Math.min(bytes.length, at + READ_AFTER);
  for (; next < limit && !builder.full; next++) {
    const character = bytes[next]!;
    const value = VALUES[character]!;
    if (value < 0) {
      const after = afterBreak(bytes, next, limit);
      if (after === next) break;
      next = after - 1;
      continue;
    }
    if (character === 0x2d || character === 0x5f) url = true;
    buffer = (buffer << 6) | value;
    places[held++] = next;
    if (held > 1) builder.push((buffer >> (2 * (4 - held))) & 255, places[held - 2]!, next + 1);
    if (held === 4) {
      held = 0;
      buffer = 0;
    }
  }
  return builder.view(url ? 'base64url' : 'base64', next, limit, bytes);
};

/** Goes back by whole groups, over line breaks. */
function startOf(bytes: Uint8Array, at: number): number {
  let start = at;
  let before = at - 1;
  for (let groups = 0; groups < GROUPS_BEFORE; groups++) {
    for (let count = 0; count < 4; count++) {
      while (bytes[before] === 0x0a || bytes[before] === 0x0d) before--;
      if (before < 0 || VALUES[bytes[before]!]! < 0) return start;
      before--;
    }
    start = before + 1;
  }
  return start;
}

/** The first byte after a line break and indentation; `at` itself where there is none. */
function afterBreak(bytes: Uint8Array, at: number, limit: number): number {
  let next = at;
  for (;;) {
    if (bytes[next] === 0x0a || bytes[next] === 0x0d) next++;
    else if (bytes[next] === 0x5c && (bytes[next + 1] === 0x6e || bytes[next + 1] === 0x72)) next += 2;
    else break;
  }
  if (next === at) return at;
  while (next < limit && (bytes[next] === 0x20 || bytes[next] === 0x09)) next++;
  return next;
}
