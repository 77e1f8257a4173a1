import { latin1 } from '../latin1.js';
import { type DecodedView, type Decoder, NOT_TEXT, ViewBuilder } from './view.js';

/** As long as a text is followed. */
const LONGEST = 512;
const MARK = 0x80;
/** How far others are looked for, and what they are. */
const AROUND = 256;
const TEXTS = /[ -~]{3,}(?:[\xa1-\xfe](?![\x80-\xbf]))?/g;

/**
 * Whether the byte behind a text is its last character, whose highest bit marks the end, as Kryo writes texts (caches of
 * Gradle, Spark); and not a character of UTF-8 that follows.
 */
export function isMarkedEnd(bytes: Uint8Array, at: number): boolean {
  const byte = bytes[at] ?? 0;
  if (byte < MARK || !isOfBody(byte - MARK)) return false;
  return byte < 0xc2 || ((bytes[at + 1] ?? 0) & 0xc0) !== 0x80;
}

/** Whether other texts around a place end so: two at least, and more than do not. By chance any byte may follow one. */
export function areEndsMarked(bytes: Uint8Array, at: number): boolean {
  const around = latin1(bytes, Math.max(0, at - AROUND), Math.min(bytes.length, at + AROUND));
  let marked = 0;
  let others = 0;
  for (const [text] of around.matchAll(TEXTS)) {
    if (text.charCodeAt(text.length - 1) < MARK) others++;
    else marked++;
  }
  return marked > 2 && marked > others;
}

/** The text up to its marked end: the next one may follow with nothing between. */
export const decodeMarkedEnd: Decoder = (bytes, at): DecodedView => {
  const builder = new ViewBuilder();
  const limit = Math.min(bytes.length, at + LONGEST);
  let next = at;
  while (next < limit && bytes[next]! < MARK) {
    builder.push(bytes[next]!, next, next + 1);
    next++;
  }
  if (next < limit && isMarkedEnd(bytes, next)) {
    builder.push(bytes[next]! - MARK, next, next + 1);
    builder.push(NOT_TEXT, next + 1, next + 1);
    next++;
  }
  return builder.view('marked-end', next, limit, bytes);
};

function isOfBody(byte: number): boolean {
  const lower = byte | 0x20;
  const isAlphanumeric = (byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x7a);
  return isAlphanumeric || byte === 0x2d || byte === 0x5f;
}
