import type { AccessStream } from '../random-access.js';
import { type DecodedText, TextDecodingStream } from './text-decoding-stream.js';

/** A length of at most 63, in groups of three. */
const LONGEST_LINE = 1 + 84 + 2;

/** What uuencode writes (POSIX): a character for the length of each line, and four for three bytes. */
export function uuStream(input: AccessStream): TextDecodingStream {
  return new TextDecodingStream(input, decodeLines);
}

function decodeLines(text: string, isLast: boolean): DecodedText {
  const lines = text.split('\n');
  // A line that never ends is none of uuencode's.
  const rest = isLast ? '' : lines.pop()!.slice(0, LONGEST_LINE);
  return { bytes: Buffer.concat(lines.map(uudecoded)), rest };
}

/** A line of it. */
export function uudecoded(line: string): Buffer {
  const value = (at: number) => (at < line.length ? (line.charCodeAt(at) - 32) & 63 : 0);
  const bytes = Buffer.alloc(line.length === 0 ? 0 : value(0));
  for (let at = 0; at < bytes.length; at++) {
    const group = 1 + Math.floor(at / 3) * 4 + (at % 3);
    const shift = 2 * (at % 3);
    bytes[at] = ((value(group) << (2 + shift)) | (value(group + 1) >> (4 - shift))) & 255;
  }
  return bytes;
}
