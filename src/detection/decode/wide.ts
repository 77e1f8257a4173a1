import { columnAt } from '../confirm/record.js';
import { asciiOf } from './code-points.js';
import type { Encoding } from './encoding.js';
import type { DecodedView, Decoder } from './view.js';
import { NOT_TEXT, READ_AFTER, ViewBuilder } from './view.js';

/** How many characters before the hit are decoded and looked at to tell the byte order. */
const CHARACTERS_BEFORE = 240;

/** UTF-16 text of ASCII characters; it ends at the first other one. */
export const decodeUtf16: Decoder = (bytes, at) => decodeWide(bytes, at, 2, 'utf16le', 'utf16be');
/** UTF-32 text of ASCII characters; it ends at the first other one. */
export const decodeUtf32: Decoder = (bytes, at) => decodeWide(bytes, at, 4, 'utf32le', 'utf32be');

function decodeWide(
  bytes: Uint8Array,
  at: number,
  width: number,
  little: Encoding,
  big: Encoding,
): DecodedView {
  const characters = firstCharacter(bytes, at, width);
  const column = width === 2 ? columnOf(bytes, at, characters) : undefined;
  const limit = Math.min(bytes.length, at + READ_AFTER);
  const stop = Math.min(limit, column?.end ?? limit);
  const half = column === undefined ? 0 : (at - column.start) % width;
  const first = Math.max(characters, (column?.start ?? 0) + half);
  const isLittle =
    !followsZeros(bytes, at, width) ||
    (column === undefined
      ? isLittleEndian(bytes, first, lastCharacter(bytes, at, width, limit), width)
      : half === 0);
  const builder = new ViewBuilder();
  const lead = isLittle ? 0 : width - 1;
  // Half of what stands before big-endian text may look like a character of it.
  let place = isLittle || followsZeros(bytes, first, width) ? first : first + width;
  for (; place < stop; place += width) {
    const start = place - lead;
    // A unit that the end of the input cuts short still shows its character, if that comes first.
    const ascii = bytes[place]! < 0x80 && zeros(bytes, isLittle ? place + 1 : start, width - 1);
    if (!ascii && isUnseen(bytes, start, width, isLittle)) continue;
    builder.push(ascii ? bytes[place]! : NOT_TEXT, start, Math.min(start + width, bytes.length));
    if (!ascii || builder.full) break;
  }
  return builder.view(isLittle ? little : big, place, limit, bytes);
}

/** How near before a text of a row its header ends, at least in part. */
const NEAR_HEADER = 16;

/** The column of a row that holds the text (see `columnAt`), where one does: the next one may be text of UTF-16 as well. */
function columnOf(bytes: Uint8Array, at: number, first: number): { start: number; end: number } | undefined {
  if (at - first >= 2 * CHARACTERS_BEFORE) return undefined;
  const before = bytes.subarray(Math.max(0, first - NEAR_HEADER), first);
  return before.some((byte) => byte > 0 && byte < 0x20) ? columnAt(bytes, at) : undefined;
}

/** Whether what stands there is between the letters of a word and not seen. */
function isUnseen(bytes: Uint8Array, start: number, width: number, isLittle: boolean): boolean {
  if (width !== 2 || start + 1 >= bytes.length) return false;
  const [low, high] = isLittle ? [bytes[start]!, bytes[start + 1]!] : [bytes[start + 1]!, bytes[start]!];
  return asciiOf(low | (high << 8)) === undefined;
}

/** Goes back over characters with nothing but zeros between them. */
function firstCharacter(bytes: Uint8Array, at: number, width: number): number {
  let first = at;
  for (let count = 0; count < CHARACTERS_BEFORE; count++) {
    const before = first - width;
    if (!isCharacter(bytes[before]) || !zeros(bytes, before + 1, width - 1)) break;
    first = before;
  }
  return first;
}

/** Goes on over them. */
function lastCharacter(bytes: Uint8Array, at: number, width: number, limit: number): number {
  let last = at;
  while (last + width < limit && isCharacter(bytes[last + width]) && zeros(bytes, last + 1, width - 1)) {
    last += width;
  }
  return last;
}

/**
 * The bytes of ASCII text read alike in both orders, but for its edges: big-endian text has zeros before its first
 * character, little-endian text behind its last. Where that does not tell, because zeros (or more text than is looked at)
 * stand at both, or neither, the parity of the place decides.
 */
function isLittleEndian(bytes: Uint8Array, first: number, last: number, width: number): boolean {
  const opens = followsZeros(bytes, first, width);
  const closes = zeros(bytes, last + 1, width - 1);
  if (opens !== closes) return closes;
  if (first === width - 1) return false;
  if (bytes[first - width] === 0xff && bytes[first - width - 1] === 0xfe) return false;
  return first % width === 0;
}

function followsZeros(bytes: Uint8Array, at: number, width: number): boolean {
  return at >= width - 1 && zeros(bytes, at - width + 1, width - 1);
}

/** Whether a byte is an ASCII character of a text. */
function isCharacter(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d));
}

function zeros(bytes: Uint8Array, from: number, count: number): boolean {
  for (let index = Math.max(0, from); index < from + count; index++) {
    if (index < bytes.length && bytes[index] !== 0) return false;
  }
  return true;
}
