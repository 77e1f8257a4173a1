import { crc32 } from 'node:zlib';
import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream, bytesAt, WindowAccess } from '../random-access.js';
import { type Expansion, type Found, missed, placeIn } from './found.js';

/** A stream that has a mark, and says by its structure how long it is. */
export interface Frame {
  readonly format: 'zstd' | 'lz4' | 'xz';
  readonly start: number;
  readonly end: number;
}

/** What was unpacked so far of a container, where a decoder must be started for each. */
export interface FrameCount {
  slow: number;
}

/** A decoder of its own for each stream costs a fraction of a second: more than so many are nothing that people make. */
const MOST_SLOW = 64;
const ZSTD = 0xfd2fb528;
const LZ4 = 0x184d2204;
const XZ = Buffer.from('\xfd7zXZ\0', 'latin1');
const XZ_FOOTER = 12;
const ZSTD_BLOCK = 128 * 1024;
const WINDOW = 256 * 1024;

/** The first bytes of the marks. */
export const FRAME_FIRST: readonly number[] = [0x28, 0x04, 0xfd];

/** Whether a mark stands there: cheap, for the many places where only its first byte does. */
export function mayBeFrame(window: Buffer, at: number): boolean {
  const second = window[at + 1];
  if (window[at] === 0x28) return second === 0xb5 && window[at + 2] === 0x2f;
  return window[at] === 0x04 ? second === 0x22 && window[at + 2] === 0x4d : second === 0x37;
}

/** The frame that begins at `start`, if its structure holds up to its end, or to the end of what there is. */
export function frameAt(access: RandomAccess, start: number, head: Buffer): Frame | undefined {
  if (head.length < 12) return undefined;
  const mark = head.readUInt32LE(0);
  const format = mark === ZSTD ? 'zstd' : mark === LZ4 ? 'lz4' : head.indexOf(XZ) === 0 ? 'xz' : undefined;
  if (format === undefined) return undefined;
  const end = { zstd: zstdEnd, lz4: lz4End, xz: xzEnd }[format](access, start, head);
  return end === undefined ? undefined : { format, start, end: Math.min(end, access.size) };
}

/**
 * What a frame in other bytes unpacks to. Damage is not listed: what only looks like a frame is no loss.
 * @returns how many bytes the frame takes
 */
export async function* readFrame(
  access: RandomAccess,
  { format, start, end }: Frame,
  container: Provenance,
  expansion: Expansion,
  count: FrameCount,
): AsyncGenerator<Found, number> {
  expansion.budget.entry();
  const where = placeIn(container, `stream at byte ${start}`, ['stream', format], { start, end });
  if (format === 'xz' && ++count.slow > MOST_SLOW) {
    if (count.slow === MOST_SLOW + 1) {
      yield missed(
        container,
        'budget',
        `more than ${MOST_SLOW} streams of xz lie in it: those from byte ${start} on were not unpacked`,
      );
    }
    return end - start;
  }
  for await (const found of unpacked(
    new WindowAccess(access, start, end - start),
    format,
    where,
    expansion,
  )) {
    const { type } = found;
    if (type !== 'item' || found.item.type !== 'diagnostic' || found.item.reason !== 'corrupt') yield found;
  }
  return end - start;
}

async function* unpacked(
  access: RandomAccess,
  format: Frame['format'],
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  if (format === 'zstd') {
    const { readZstd } = await import('./zstd.js');
    yield* readZstd(new AccessStream(access), where, expansion, where, false);
  } else if (format === 'lz4') {
    const { readLz4 } = await import('./lz4.js');
    yield* readLz4(new AccessStream(access), where, expansion, where);
  } else {
    const { readPacked } = await import('./packed.js');
    yield* readPacked(access, where, expansion, where);
  }
}

/** RFC 8878, 3.1.1: a header whose length its flags tell, blocks of up to 128 KiB, the last of which says so. */
function zstdEnd(access: RandomAccess, start: number, head: Buffer): number | undefined {
  const flags = head[4]!;
  if ((flags & 0x08) !== 0) return undefined;
  const isSingle = (flags & 0x20) !== 0;
  const sizes = [isSingle ? 1 : 0, 2, 4, 8];
  let at = start + 5 + (isSingle ? 0 : 1) + [0, 1, 2, 4][flags & 3]! + sizes[flags >> 6]!;
  for (;;) {
    const header = bytesAt(access, at, 3);
    // It was cut off: what there is of it may be read.
    if (header.length < 3) return access.size;
    const word = header.readUIntLE(0, 3);
    const kind = (word >> 1) & 3;
    const size = word >> 3;
    if (kind === 3 || size > ZSTD_BLOCK) return undefined;
    at += 3 + (kind === 1 ? 1 : size);
    if ((word & 1) !== 0) return at + ((flags & 4) !== 0 ? 4 : 0);
  }
}

/** lz4_Frame_format.md 1.6: a header, and blocks up to one of no length. */
function lz4End(access: RandomAccess, start: number, head: Buffer): number | undefined {
  const flags = head[4]!;
  const longest = (head[5]! >> 4) & 7;
  if (flags >> 6 !== 1 || longest < 4 || (head[5]! & 0x8f) !== 0) return undefined;
  let at = start + 7 + ((flags & 8) !== 0 ? 8 : 0) + ((flags & 1) !== 0 ? 4 : 0);
  for (;;) {
    const header = bytesAt(access, at, 4);
    if (header.length < 4) return access.size;
    const size = header.readUInt32LE(0) & 0x7fffffff;
    at += 4;
    if (size === 0) return at + ((flags & 4) !== 0 ? 4 : 0);
    if (size > 2 ** (8 + 2 * longest)) return undefined;
    at += size + ((flags & 0x10) !== 0 ? 4 : 0);
  }
}

/** The .xz format, 2.1: the header has a checksum, and so has the footer, which repeats its flags. */
function xzEnd(access: RandomAccess, start: number, head: Buffer): number | undefined {
  const flags = head.subarray(6, 8);
  if (flags[0] !== 0 || flags[1]! > 15 || crc32(flags) !== head.readUInt32LE(8)) return undefined;
  const ending = Buffer.concat([flags, Buffer.from('YZ')]);
  for (let position = start + XZ_FOOTER; position < access.size; position += WINDOW - XZ_FOOTER) {
    const window = bytesAt(access, position, WINDOW);
    for (let at = window.indexOf(ending, 8); at >= 0; at = window.indexOf(ending, at + 1)) {
      if (crc32(window.subarray(at - 4, at + 2)) === window.readUInt32LE(at - 8)) return position + at + 4;
    }
  }
  return access.size;
}
