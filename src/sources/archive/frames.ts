import { crc32 } from 'node:zlib';
import type { Provenance } from '../../model/provenance.js';
import { Feed } from '../feed.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream, bytesAt, WindowAccess } from '../random-access.js';
import { type Expansion, type Found, missed, placeIn } from './found.js';

/** A stream that has a mark, and says by its structure how long it is. */
export interface Frame {
  readonly format: 'zstd' | 'lz4' | 'xz';
  readonly start: number;
  readonly end: number;
}

/** A decoder of its own for each stream costs a fraction of a second: more than so many are nothing that people make. */
const MOST_SLOW = 64;
/** How many blocks are passed in search of the ends of frames that have none: crafted bytes may begin one everywhere. */
const MOST_WASTED = 2 ** 17;
const ZSTD = 0xfd2fb528;
const LZ4 = 0x184d2204;
const XZ = Buffer.from('\xfd7zXZ\0', 'latin1');
const XZ_FOOTER = 12;
const ZSTD_BLOCK = 128 * 1024;
/** Most frames are short, and there may be very many. */
const SHORT = 4 * 1024;
const WINDOW = 256 * 1024;
const NONE: Extent = { end: undefined, steps: 0 };
const TOO_LONG: Extent = { end: undefined, steps: MOST_WASTED };

/** What frames begin with. */
export const FRAME_MARKS: readonly string[] = ['\x28\xb5\x2f\xfd', '\x04\x22\x4d\x18', '\xfd7zXZ\0'];

/** Whether a mark stands there: cheap, for the many places where only its first byte does. */
export function mayBeFrame(window: Buffer, at: number): boolean {
  const second = window[at + 1];
  if (window[at] === 0x28) return second === 0xb5 && window[at + 2] === 0x2f;
  return window[at] === 0x04 ? second === 0x22 && window[at + 2] === 0x4d : second === 0x37;
}

/** Finds and reads the frames of one thing. What only looks like a frame is no loss, so damage is not listed. */
export class Frames {
  readonly #access: RandomAccess;
  #slow = 0;
  #wasted = 0;

  constructor(access: RandomAccess) {
    this.#access = access;
  }

  /** The frame that begins at `start`, if its structure holds up to its end, or to the end of what there is. */
  at(start: number, head: Buffer): Frame | undefined {
    if (head.length < 12 || this.#wasted > MOST_WASTED) return undefined;
    const mark = head.readUInt32LE(0);
    const format = mark === ZSTD ? 'zstd' : mark === LZ4 ? 'lz4' : head.indexOf(XZ) === 0 ? 'xz' : undefined;
    if (format === undefined || (format === 'xz' && this.#slow > MOST_SLOW)) return undefined;
    const { end, steps } = { zstd: zstdEnd, lz4: lz4End, xz: xzEnd }[format](this.#access, start, head);
    if (end === undefined || end > this.#access.size) this.#wasted += steps;
    return end === undefined ? undefined : { format, start, end };
  }

  /**
   * What a frame unpacks to.
   * @returns how many bytes it takes; one where it is cut off, for then it was perhaps none
   */
  async *read(
    { format, start, end }: Frame,
    container: Provenance,
    expansion: Expansion,
  ): AsyncGenerator<Found, number> {
    expansion.budget.entry();
    const isCut = end > this.#access.size;
    const where = placeIn(container, `stream at byte ${start}`, ['stream', format], {
      start,
      end: Math.min(end, this.#access.size),
    });
    // To find that one has no end takes as long as all that follows it is.
    if (format === 'xz') this.#slow += isCut ? MOST_SLOW / 4 : 1;
    if (format === 'xz' && this.#slow > MOST_SLOW) return 1;
    const window = new WindowAccess(this.#access, start, end - start);
    for await (const found of unpacked(window, format, where, expansion)) {
      const { type } = found;
      if (type !== 'item' || found.item.type !== 'diagnostic' || found.item.reason !== 'corrupt') yield found;
    }
    return isCut ? 1 : end - start;
  }

  /** What is to be said when all was read. */
  *told(container: Provenance): Generator<Found> {
    if (this.#slow > MOST_SLOW) {
      const detail = `more than ${MOST_SLOW} streams of xz lie in it: the others were not unpacked`;
      yield missed(container, 'budget', detail);
    }
    if (this.#wasted > MOST_WASTED) {
      const detail =
        'too much in it looks like streams of Zstandard or LZ4 that have no end: some were not unpacked';
      yield missed(container, 'budget', detail);
    }
  }
}

/** Where a frame ends, past the end of what there is if it was cut off, and how many blocks were passed. */
interface Extent {
  readonly end: number | undefined;
  readonly steps: number;
}

async function* unpacked(
  access: RandomAccess,
  format: Frame['format'],
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  if (format === 'zstd') {
    const { readZstd } = await import('./zstd.js');
    yield* readZstd(new Feed(new AccessStream(access), SHORT), where, expansion, where, false);
  } else if (format === 'lz4') {
    const { readLz4 } = await import('./lz4.js');
    yield* readLz4(new Feed(new AccessStream(access), SHORT), where, expansion, where);
  } else {
    const { readPacked } = await import('./packed.js');
    yield* readPacked(access, where, expansion, where);
  }
}

/** RFC 8878, 3.1.1: a header whose length its flags tell, blocks of up to 128 KiB, the last of which says so. */
function zstdEnd(access: RandomAccess, start: number, head: Buffer): Extent {
  const flags = head[4]!;
  if ((flags & 0x08) !== 0) return NONE;
  const isSingle = (flags & 0x20) !== 0;
  const sizes = [isSingle ? 1 : 0, 2, 4, 8];
  let at = start + 5 + (isSingle ? 0 : 1) + [0, 1, 2, 4][flags & 3]! + sizes[flags >> 6]!;
  for (let steps = 1; steps <= MOST_WASTED; steps++) {
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
  for (let steps = 1; steps <= MOST_WASTED; steps++) {
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
