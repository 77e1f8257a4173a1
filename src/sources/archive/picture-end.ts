import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import { isAt, startsWith } from './starts-with.js';

const WINDOW = 256 * 1024;
/** Files of a camera hold several pictures, one in the other or one behind the other. */
const MOST_ENDS = 16;
/** A film has hundreds of thousands of blocks, but few of the outermost kind. */
const MOST_BLOCKS = 64 * 1024;
const JPEG = '\xff\xd8\xff';
const JPEG_END = Buffer.from([0xff, 0xd9]);

/** Whether it begins as a picture or a film of a kind whose end is known. */
export function isPicture(head: Uint8Array): boolean {
  return startsWith(head, JPEG) || isGif(head) || isRiff(head) || isAt(head, 4, 'ftyp');
}

/** Where the picture may end: of a JPEG, which may hold others, there are several such places. */
export function* pictureEnds(head: Uint8Array, access: RandomAccess): Generator<number> {
  if (startsWith(head, JPEG)) yield* jpegEnds(access);
  else if (isRiff(head)) yield 8 + bytesAt(access, 4, 4).readUInt32LE(0);
  else if (isGif(head)) yield gifEnd(access);
  else yield filmEnd(access);
}

function isGif(head: Uint8Array): boolean {
  return startsWith(head, 'GIF87a') || startsWith(head, 'GIF89a');
}

function isRiff(head: Uint8Array): boolean {
  return startsWith(head, 'RIFF') && head.length >= 12;
}

/** Within what is packed in a JPEG, no byte of 255 has another behind it that is none of a few. */
function* jpegEnds(access: RandomAccess): Generator<number> {
  let ends = 0;
  for (let position = 0; position < access.size && ends < MOST_ENDS; position += WINDOW - 1) {
    const window = bytesAt(access, position, WINDOW);
    for (let at = window.indexOf(JPEG_END); at >= 0; at = window.indexOf(JPEG_END, at + 1)) {
      yield position + at + JPEG_END.length;
      if (++ends === MOST_ENDS) return;
    }
  }
}

/** Blocks of several kinds, in rows of pieces of up to 255 bytes, of which the last is empty (GIF89a, 15 to 27). */
function gifEnd(access: RandomAccess): number {
  const colours = (flags: number) => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));
  const byteAt = (at: number) => bytesAt(access, at, 1)[0] ?? 0;
  let at = 13 + colours(byteAt(10));
  for (let steps = 0; steps < MOST_BLOCKS; steps++) {
    const kind = byteAt(at);
    if (kind === 0x3b) return at + 1;
    if (kind === 0x21) at += 2;
    else if (kind === 0x2c) at += 11 + colours(byteAt(at + 9));
    else return access.size;
    for (let size = byteAt(at); size > 0 && steps < MOST_BLOCKS; size = byteAt(at), steps++) at += 1 + size;
    at += 1;
  }
  return access.size;
}

/** Boxes behind their lengths (ISO/IEC 14496-12, 4.2), each of a kind of four letters. */
function filmEnd(access: RandomAccess): number {
  let at = 0;
  for (let steps = 0; steps < MOST_BLOCKS; steps++) {
    const header = bytesAt(access, at, 16);
    if (header.length < 8 || !/^[\w \xa9]{4}$/.test(header.toString('latin1', 4, 8))) return at;
    const short = header.readUInt32BE(0);
    const size = short === 1 && header.length === 16 ? Number(header.readBigUInt64BE(8)) : short;
    if (size < 8) return short === 0 ? access.size : at;
    at += size;
  }
  return access.size;
}
