import type { EscapeReader } from './escape.js';

/** What leads to another line, up or down: what follows stands there. */
const OTHER_LINES = new Set([...'ABEF'].map((letter) => letter.charCodeAt(0)));
const LINE_FEED = 0x0a;

/**
 * Control sequences and strings of terminals (ECMA-48, sections 5.4 and 5.6), and what chooses characters (ECMA-35, 13.2),
 * as ISO-2022-JP does behind each Japanese word and `tput sgr0` behind each colour: taken out.
 */
export const readAnsi: EscapeReader = (bytes, at) => {
  if (bytes[at] !== 0x1b) return undefined;
  const kind = bytes[at + 1];
  let next = at + 2;
  if (kind === 0x5b) {
    while (next < at + 32 && bytes[next]! >= 0x20 && bytes[next]! <= 0x3f) next++;
    return bytes[next]! >= 0x40 && bytes[next]! <= 0x7e
      ? { length: next + 1 - at, byte: OTHER_LINES.has(bytes[next]!) ? LINE_FEED : undefined }
      : undefined;
  }
  if (kind! >= 0x20 && kind! <= 0x2f) {
    while (next < at + 4 && bytes[next]! >= 0x20 && bytes[next]! <= 0x2f) next++;
    return bytes[next]! >= 0x30 && bytes[next]! <= 0x7e
      ? { length: next + 1 - at, byte: undefined }
      : undefined;
  }
  if (kind !== 0x5d) return undefined;
  for (; next < at + 512 && next < bytes.length; next++) {
    if (bytes[next] === 0x07) return { length: next + 1 - at, byte: undefined };
    if (bytes[next] === 0x1b && bytes[next + 1] === 0x5c) return { length: next + 2 - at, byte: undefined };
  }
  return undefined;
};

/** Whether the control sequence that `at` ends, before a second part, follows a first one that ends in the byte `last`. */
export function followsControl(bytes: Uint8Array, at: number, last: number): boolean {
  for (let begin = at - 2; begin >= Math.max(0, at - 32); begin--) {
    if (bytes[begin] !== 0x1b) continue;
    if (bytes[begin - 1] === last) return true;
    return isOfSequence(bytes[begin - 1]) && followsControl(bytes, begin - 1, last);
  }
  return false;
}

/** What a control sequence of colours ends in. */
function isOfSequence(byte: number | undefined): boolean {
  return byte === 0x6d || byte === 0x4b;
}
