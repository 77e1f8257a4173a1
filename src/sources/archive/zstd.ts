import { BudgetExceeded } from '../../model/budget.js';
import type { Provenance } from '../../model/provenance.js';
import type { ByteStream } from '../../model/source.js';
import { Feed } from '../feed.js';
import { type DecodedStream, drain } from './decoded-stream.js';
import { type Expansion, type Found, faultFound, member, missed, names } from './found.js';
import { END, looksFar, NearDecoder, SHORT, type ZstdDecoder, type ZstdPiece } from './zstd-decoder.js';
import { NO_FRAME, type ZstdFault, zstdFaultFound } from './zstd-fault.js';
import { HereDecoder } from './zstd-here.js';
import { isFarInUse, KIND } from './zstd-kernel.js';
import { FarDecoder } from './zstd-thread.js';

/** What is kept of bytes that belong to no content, to be searched as it is. */
const SCRAPS_KEPT = 1024 * 1024;
/** How many faults are listed one by one. */
const LISTED = 16;

/**
 * Reads Zstandard (RFC 8878): the content of all frames, one behind the other, as `zstd -d` has it. What stands between
 * frames or in frames to be skipped is searched as it is. After damage it goes on with the next block or frame that can
 * be read. Frames may look back twice as far as the budget lets one object be long.
 * @param place what the content is called
 * @param counted whether the packed bytes count as read from the container; false where the whole was counted at once
 */
export async function* readZstd(
  stream: ByteStream,
  where: Provenance,
  { budget, mayTrail }: Expansion,
  place: Provenance,
  counted = true,
): AsyncGenerator<Found, undefined> {
  const feed = stream instanceof Feed ? stream : new Feed(stream);
  const most = 2 * budget.limits.memory;
  const long = await feed.need(SHORT + 1);
  await FarDecoder.rested();
  const decoder =
    long || looksFar(feed.buffer.subarray(feed.start, feed.end))
      ? new (isFarInUse() ? HereDecoder : FarDecoder)(feed, most)
      : new NearDecoder(await feed.take(feed.available));
  const content = new ZstdStream(decoder, feed, (out, packed) => budget.expand(out, counted ? packed : 0));
  try {
    yield member({ type: 'unit', provenance: place, content });
    if (content.exceeded === undefined) await drain(content);
    yield* content.told(where, most, mayTrail);
  } finally {
    decoder.close();
  }
}

/** The content of all frames. */
class ZstdStream implements DecodedStream {
  readonly #decoder: ZstdDecoder;
  readonly #feed: Feed;
  readonly #count: (out: number, packed: number) => void;
  readonly #faults: ZstdFault[] = [];
  #faultCount = 0;
  readonly #scraps: Buffer[] = [];
  #scrapsKept = 0;
  #scrapsLost = 0;
  #piece: ZstdPiece | undefined;
  /** Of the piece, what was read. */
  #taken = 0;
  #packed = 0;
  exceeded: BudgetExceeded | undefined;

  constructor(decoder: ZstdDecoder, feed: Feed, count: (out: number, packed: number) => void) {
    this.#decoder = decoder;
    this.#feed = feed;
    this.#count = count;
  }

  get fault(): BudgetExceeded | undefined {
    return this.exceeded;
  }

  read(into: Uint8Array): number | Promise<number> {
    for (;;) {
      const piece = this.#piece;
      if (piece !== undefined && this.#taken < piece.bytes.length) return this.#deliver(piece.bytes, into);
      if (piece?.kind === KIND.end || this.exceeded !== undefined) return 0;
      const next = this.#decoder.next();
      if (next instanceof Promise) {
        return next.then((late) => {
          this.#take(late);
          return this.read(into);
        });
      }
      this.#take(next);
    }
  }

  close(): void {
    this.#decoder.close();
    this.#feed.close();
    this.#piece = END;
  }

  /** What is to be said when it was read. */
  *told(where: Provenance, most: number, mayTrail: boolean): Generator<Found> {
    for (const fault of this.#faults) {
      if (!mayTrail || fault.fault !== NO_FRAME) yield zstdFaultFound(where, fault, most);
    }
    const more = this.#faultCount - this.#faults.length;
    if (more > 0) yield missed(where, 'corrupt', `${more} more places after these are damaged`);
    if (this.exceeded !== undefined) yield faultFound(where, this.exceeded);
    if (this.#scraps.length > 0) yield names(where, Buffer.concat(this.#scraps));
    if (this.#scrapsLost === 0) return;
    const detail = `${this.#scrapsLost} bytes that belong to no frame that can be unpacked were not scanned`;
    yield missed(where, 'corrupt', detail);
  }

  #take(piece: ZstdPiece): void {
    this.#piece = piece;
    this.#taken = 0;
    if (piece.kind === KIND.fault) this.#note(piece);
    if (piece.kind !== KIND.scrap) return;
    this.#keepScrap(piece.bytes);
    this.#taken = piece.bytes.length;
  }

  #deliver(bytes: Uint8Array, into: Uint8Array): number {
    const count = Math.min(bytes.length - this.#taken, into.length);
    const { position } = this.#piece!;
    try {
      this.#count(count, position - this.#packed);
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error;
      this.exceeded = error;
      this.#piece = END;
      this.#decoder.close();
      return 0;
    }
    this.#packed = position;
    into.set(bytes.subarray(this.#taken, this.#taken + count));
    this.#taken += count;
    return count;
  }

  #note({ fault, at, detail }: ZstdFault): void {
    this.#faultCount += 1;
    if (this.#faults.length < LISTED) this.#faults.push({ fault, at, detail });
  }

  #keepScrap(bytes: Uint8Array): void {
    const kept = bytes.subarray(0, SCRAPS_KEPT - this.#scrapsKept);
    this.#scrapsKept += kept.length;
    this.#scrapsLost += bytes.length - kept.length;
    // Apart, so that no two of them seem to be one text.
    if (kept.length > 0) this.#scraps.push(Buffer.from(kept), Buffer.from('\n'));
  }
}
