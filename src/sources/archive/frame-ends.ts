import { crc32 } from 'node:zlib';
import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import { archiveLength } from './embedded.js';
import { LZOP } from './lzo.js';
import { rarEnd } from './rar-end.js';
import { mostSnappy, SNAPPY_FRAMES, SNAPPY_JAVA, snappyEnd } from './snappy.js';
import { startsWith } from './starts-with.js';

/** What has a mark, and shows by its structure that it is what it begins as. */
export type FrameFormat =
  | 'zstd'
  | 'lz4'
  | 'lz4 block'
  | 'xz'
  | 'bzip2'
  | 'lzop'
  | 'snappy frames'
  | 'snappy'
  | 'stored';

/** Where a frame ends, past the end of what there is if it was cut off, and how many blocks were passed. */
export interface Extent {
  readonly end: number | undefined;
  readonly steps: number;
}

/** How many blocks are passed in search of the ends of frames that have none: crafted bytes may begin one everywhere. */
export const MOST_STEPS = 2 ** 17;
const ZSTD_BLOCK = 128 * 1024;
/** What a block of the old format of LZ4 may take at most. */
const LEGACY_BLOCK = 8_421_520;
const XZ_FOOTER = 12;
const WINDOW = 256 * 1024;
/** What stands before a value of IndexedDB that Chromium packed (V8's `SerializedScriptValue`). */
const INDEXED = '\xff\x11\x02';
/** Before a block of LZ4 that Apple's library packed (the logs of macOS): how long it gets, and how long it is. */
const APPLE = 'bv41';
export const APPLE_HEADER = 12;
const LONGEST_VALUE = 4 * 1024 * 1024;
const RAR = 'Rar!\x1a\x07';
const NONE: Extent = { end: undefined, steps: 0 };
const TOO_LONG: Extent = { end: undefined, steps: MOST_STEPS };

type End = (access: RandomAccess, start: number, head: Buffer) => Extent;

/** Where each ends; of some that shows only when they are unpacked. */
export const ENDS: Readonly<Record<FrameFormat, End>> = {
  zstd: zstdEnd,
  lz4: (access, start, head) => (head[0] === 0x02 ? oldLz4End : lz4End)(access, start, head),
  'lz4 block': appleEnd,
  xz: xzEnd,
  'snappy frames': snappyFramesEnd,
  snappy: valueEnd,
  bzip2: toTheEnd,
  lzop: toTheEnd,
  stored: archiveEnd,
};

interface FrameMark {
  readonly text: string;
  readonly format: FrameFormat;
  readonly fits?: (head: Buffer, rest: number) => boolean;
}

const isArchive = (head: Buffer, rest: number) => archiveLength(head, rest) !== undefined;

const MARKS: readonly FrameMark[] = [
  { text: '\x28\xb5\x2f\xfd', format: 'zstd' },
  { text: '\x04\x22\x4d\x18', format: 'lz4' },
  { text: '\x02\x21\x4c\x18', format: 'lz4' },
  { text: APPLE, format: 'lz4 block' },
  { text: '\xfd7zXZ\0', format: 'xz' },
  { text: SNAPPY_FRAMES, format: 'snappy frames' },
  { text: SNAPPY_JAVA, format: 'snappy frames' },
  { text: INDEXED, format: 'snappy' },
  { text: 'BZh', format: 'bzip2', fits: (head) => head.toString('latin1', 4, 10) === '1AY&SY' },
  { text: LZOP, format: 'lzop' },
  ...['7z\xbc\xaf', RAR, 'MSCF', 'hsqs'].map(
    (text): FrameMark => ({ text, format: 'stored', fits: isArchive }),
  ),
];

/** Of each byte, what begins with it. */
const BY_FIRST: (readonly FrameMark[] | undefined)[] = new Array(256);
for (const mark of MARKS) {
  const first = mark.text.charCodeAt(0);
  BY_FIRST[first] = [...(BY_FIRST[first] ?? []), mark];
}

/** What frames and archives begin with. */
export const FRAME_MARKS: readonly string[] = MARKS.map(({ text }) => text);

/** What begins so. @param rest how many bytes there are from there on */
export function formatAt(head: Buffer, rest: number): FrameFormat | undefined {
  for (const { text, format, fits } of BY_FIRST[head[0]!] ?? []) {
    if (startsWith(head, text) && (fits === undefined || fits(head, rest))) return format;
  }
  return undefined;
}

function archiveEnd(access: RandomAccess, start: number, head: Buffer): Extent {
  if (startsWith(head, RAR)) return { end: rarEnd(access, start), steps: 1 };
  return { end: start + archiveLength(head, access.size - start)!, steps: 1 };
}

function toTheEnd(access: RandomAccess): Extent {
  return { end: access.size, steps: 1 };
}

/** framing_format.txt: chunks of a kind and a length; some kinds may not be passed over, and are none. */
function snappyFramesEnd(access: RandomAccess, start: number, head: Buffer): Extent {
  if (startsWith(head, SNAPPY_JAVA)) return javaSnappyEnd(access, start);
  let at = start;
  for (let steps = 1; steps <= MOST_STEPS; steps++) {
    const header = bytesAt(access, at, 4);
    if (header.length < 4 || (header[0]! > 1 && header[0]! < 0x80)) return { end: at, steps };
    at += 4 + header.readUIntLE(1, 3);
    if (at > access.size) return { end: access.size + 1, steps };
  }
  return TOO_LONG;
}

/** As Java frames it: pieces behind their lengths, up to what is none. */
function javaSnappyEnd(access: RandomAccess, start: number): Extent {
  let at = start + 16;
  for (let steps = 1; steps <= MOST_STEPS; steps++) {
    const header = bytesAt(access, at, 4);
    const length = header.length < 4 ? 0 : header.readUInt32BE(0);
    if (length === 0 || length > LONGEST_VALUE || at + 4 + length > access.size) return { end: at, steps };
    if (snappyEnd(bytesAt(access, at + 4, length), 0) !== length) return { end: at, steps };
    at += 4 + length;
  }
  return TOO_LONG;
}

/** It is as long as it takes to make what it says. */
function valueEnd(access: RandomAccess, start: number, head: Buffer): Extent {
  const most = Math.min(LONGEST_VALUE, INDEXED.length + mostSnappy(head.subarray(INDEXED.length)));
  const end = snappyEnd(bytesAt(access, start, most), INDEXED.length);
  return { end: end === undefined ? undefined : start + end, steps: 64 };
}

/** Behind its lengths, which LZ4 can make of one another. */
function appleEnd(_access: RandomAccess, start: number, head: Buffer): Extent {
  const [size, length] = [head.readUInt32LE(4), head.readUInt32LE(8)];
  const isLikely = length > 0 && size >= length / 2 && size <= 256 * length && size <= LONGEST_VALUE;
  return { end: isLikely ? start + APPLE_HEADER + length : undefined, steps: 1 };
}

/** lz4_Frame_format.md, "Legacy frame": blocks behind their lengths, up to what can be none. */
function oldLz4End(access: RandomAccess, start: number): Extent {
  let at = start + 4;
  for (let steps = 1; steps <= MOST_STEPS; steps++) {
    const header = bytesAt(access, at, 4);
    const size = header.length < 4 ? 0 : header.readUInt32LE(0);
    if (size === 0 || size > LEGACY_BLOCK) return { end: steps === 1 ? undefined : at, steps };
    at += 4 + size;
    if (at > access.size) return { end: access.size + 1, steps };
  }
  return TOO_LONG;
}

/** RFC 8878, 3.1.1: a header whose length its flags tell, blocks of up to 128 KiB, the last of which says so. */
function zstdEnd(access: RandomAccess, start: number, head: Buffer): Extent {
  const flags = head[4]!;
  if ((flags & 0x08) !== 0) return NONE;
  const isSingle = (flags & 0x20) !== 0;
  const sizes = [isSingle ? 1 : 0, 2, 4, 8];
  let at = start + 5 + (isSingle ? 0 : 1) + [0, 1, 2, 4][flags & 3]! + sizes[flags >> 6]!;
  for (let steps = 1; steps <= MOST_STEPS; steps++) {
    const header = bytesAt(access, at, 3);
    // It was cut off: what there is of it may be read.
    if (header.length < 3) return { end: access.size + 1, steps };
    const word = header.readUIntLE(0, 3);
    const kind = (word >> 1) & 3;
    const size = word >> 3;
    if (kind === 3 || size > ZSTD_BLOCK) return { end: undefined, steps };
    at += 3 + (kind === 1 ? 1 : size);
    if ((word & 1) !== 0) return { end: at + ((flags & 4) !== 0 ? 4 : 0), steps };
  }
  return TOO_LONG;
}

/** lz4_Frame_format.md 1.6: a header, and blocks up to one of no length. */
function lz4End(access: RandomAccess, start: number, head: Buffer): Extent {
  const flags = head[4]!;
  const longest = (head[5]! >> 4) & 7;
  if (flags >> 6 !== 1 || longest < 4 || (head[5]! & 0x8f) !== 0) return NONE;
  let at = start + 7 + ((flags & 8) !== 0 ? 8 : 0) + ((flags & 1) !== 0 ? 4 : 0);
  for (let steps = 1; steps <= MOST_STEPS; steps++) {
    const header = bytesAt(access, at, 4);
    if (header.length < 4) return { end: access.size + 1, steps };
    const size = header.readUInt32LE(0) & 0x7fffffff;
    at += 4;
    if (size === 0) return { end: at + ((flags & 4) !== 0 ? 4 : 0), steps };
    if (size > 2 ** (8 + 2 * longest)) return { end: undefined, steps };
    at += size + ((flags & 0x10) !== 0 ? 4 : 0);
  }
  return TOO_LONG;
}

/** The .xz format, 2.1: the header has a checksum, and so has the footer, which repeats its flags. */
function xzEnd(access: RandomAccess, start: number, head: Buffer): Extent {
  const flags = head.subarray(6, 8);
  if (flags[0] !== 0 || flags[1]! > 15 || crc32(flags) !== head.readUInt32LE(8)) return NONE;
  const ending = Buffer.concat([flags, Buffer.from('YZ')]);
  for (let position = start + XZ_FOOTER; position < access.size; position += WINDOW - XZ_FOOTER) {
    const window = bytesAt(access, position, WINDOW);
    for (let at = window.indexOf(ending, 8); at >= 0; at = window.indexOf(ending, at + 1)) {
      if (crc32(window.subarray(at - 4, at + 2)) === window.readUInt32LE(at - 8)) {
        return { end: position + at + 4, steps: 1 };
      }
    }
  }
  return { end: access.size + 1, steps: 1 };
}
