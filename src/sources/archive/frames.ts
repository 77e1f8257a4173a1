import type { Provenance } from '../../model/provenance.js';
import { Feed } from '../feed.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream, bytesAt, WindowAccess } from '../random-access.js';
import { readBlocks } from './block-reader.js';
import { type Expansion, type Found, member, missed, placeIn } from './found.js';
import { APPLE_HEADER, ENDS, type FrameFormat, formatAt, MOST_STEPS } from './frame-ends.js';
import { readPieces } from './pieces-stream.js';
import { StoredStream } from './stored-stream.js';

/** A stream or an archive that has a mark, and says by its structure how long it is. */
export interface Frame {
  readonly format: FrameFormat;
  readonly start: number;
  /** Past the end of what there is where it was cut off. */
  readonly end: number;
}

/** A decoder of its own for each of these costs a fraction of a second: more than so many are nothing that people make. */
const SLOW: ReadonlySet<FrameFormat> = new Set(['xz', 'bzip2', 'lzop', 'stored']);
const MOST_SLOW = 64;
/** Most frames are short, and there may be very many. */
const SHORT = 4 * 1024;

/** Finds and reads the frames of one thing. What only looks like a frame is no loss, so damage is not listed. */
export class Frames {
  readonly #access: RandomAccess;
  readonly #archives: boolean;
  #slow = 0;
  #wasted = 0;

  /** @param archives whether those are frames, too */
  constructor(access: RandomAccess, archives: boolean) {
    this.#access = access;
    this.#archives = archives;
  }

  /** The frame that begins at `start`, if its structure holds up to its end, or to the end of what there is. */
  at(start: number, head: Buffer): Frame | undefined {
    if (head.length < 12 || this.#wasted > MOST_STEPS) return undefined;
    const format = formatAt(head, this.#access.size - start);
    if (format === undefined || (SLOW.has(format) && this.#slow > MOST_SLOW)) return undefined;
    // The thing itself: it could not be opened as the archive that it begins as.
    if (format === 'stored' && (start === 0 || !this.#archives)) return undefined;
    const { end, steps } = ENDS[format](this.#access, start, head);
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
    const isSlow = SLOW.has(format);
    const where = placeIn(container, `stream at byte ${start}`, ['stream', format], {
      start,
      end: Math.min(end, this.#access.size),
    });
    // To find that one has no end takes as long as all that follows it is.
    if (isSlow) this.#slow += isCut && format === 'xz' ? MOST_SLOW / 4 : 1;
    if (isSlow && this.#slow > MOST_SLOW) return 1;
    if (format === 'snappy') {
      yield* readBlocks([{ start: start + 3, end, codec: format }], this.#access, container, expansion);
      return end - start;
    }
    if (format === 'lz4 block') {
      const size = bytesAt(this.#access, start + 4, 4).readUInt32LE(0);
      const block = {
        start: start + APPLE_HEADER,
        end: Math.min(end, this.#access.size),
        codec: format,
        size,
      };
      yield* readBlocks([block], this.#access, container, expansion);
      return isCut ? 1 : end - start;
    }
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
      const detail = `more than ${MOST_SLOW} archives, and streams of xz, bzip2 or lzop, lie in it: the others were not unpacked`;
      yield missed(container, 'budget', detail);
    }
    if (this.#wasted > MOST_STEPS) {
      const detail =
        'too much in it looks like streams of Zstandard or LZ4 that have no end: some were not unpacked';
      yield missed(container, 'budget', detail);
    }
  }
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
  } else if (format === 'snappy frames') {
    const { SnappyFrames } = await import('./snappy-frames.js');
    yield* readPieces(new SnappyFrames(new AccessStream(access), expansion), where, where);
  } else if (format === 'lzop') {
    const { LzopMembers } = await import('./lzop.js');
    yield* readPieces(new LzopMembers(new AccessStream(access), expansion), where, where);
  } else if (format === 'stored') {
    yield member({ type: 'unit', provenance: where, content: new StoredStream(access, expansion.budget) });
  } else {
    const { readPacked } = await import('./packed.js');
    yield* readPacked(access, where, expansion, where);
  }
}
