import type { Detector, ScanSession } from '../detection/detector.js';
import type { Match } from '../model/match.js';
import { isWritten } from '../sources/archive/written-signs.js';
import type { FollowedBytes } from '../sources/follow/followed.js';

/** How long something has to stand there unchanged before it is told, although more may come behind it. */
const STANDS_MS = 500;
/** The same for what ends where the input does: whoever writes may be in the middle of it. */
const CUT_STANDS_MS = 5_000;

/** Who is told what a reading finds. */
export interface LogListener {
  /** It is so: the report has it. */
  found(bytes: FollowedBytes, matches: readonly Match[]): void;
  /** It looks so by now, and a person should know; what comes may still show that it goes on. */
  stands(bytes: FollowedBytes, match: Match): void;
  /** There is something packed and written as text, which is not opened: it may not be there as a whole. */
  packed(bytes: FollowedBytes, at: number): void;
}

interface Standing {
  readonly since: number;
  told: boolean;
}

/** The reading of one growing file: what it finds is what a scan of the same bytes finds, whenever they come. */
export class LogReading {
  readonly #bytes: FollowedBytes;
  readonly #listener: LogListener;
  readonly #session: ScanSession;
  readonly #detector: Detector;
  #standing = new Map<string, Standing>();
  #isFresh = false;

  constructor(bytes: FollowedBytes, detector: Detector, listener: LogListener) {
    this.#bytes = bytes;
    this.#listener = listener;
    this.#session = detector.session();
    this.#detector = detector;
  }

  /** Reads what there is, in `pieces` pieces at most; how many bytes that were, and whether it was all. */
  read(pieces: number): { readonly bytes: number; readonly isAll: boolean } {
    let bytes = 0;
    for (let piece = 0; piece < pieces; piece++) {
      const length = this.#bytes.read(this.#session.window());
      if (length === 0) return { bytes, isAll: true };
      bytes += length;
      this.#isFresh = true;
      this.#tell(this.#session.commit(length));
    }
    return { bytes, isAll: false };
  }

  /** Tells what has stood unchanged for a while. Between two readings. */
  pause(now: number): void {
    const waits = [...this.#standing.values()].some(({ told }) => !told);
    if (this.#isFresh || waits) this.#look(now);
    this.#isFresh = false;
    this.#session.park();
  }

  /** There is no more: what stands at the end is so. */
  end(): void {
    this.#tell(this.#session.end());
  }

  #look(now: number): void {
    const before = this.#standing;
    this.#standing = new Map();
    for (const match of this.#session.soFar()) {
      if (match.span.end <= this.#bytes.from) continue;
      const key = `${match.rule} ${match.span.start} ${match.span.end} ${match.via.join()}`;
      const standing = before.get(key) ?? { since: now, told: false };
      const patience = match.span.end === this.#bytes.position ? CUT_STANDS_MS : STANDS_MS;
      if (!standing.told && now - standing.since >= patience) {
        standing.told = true;
        this.#listener.stands(this.#bytes, match);
      }
      this.#standing.set(key, standing);
    }
  }

  #tell(matches: readonly Match[]): void {
    const told = matches.filter(({ span }) => span.end > this.#bytes.from);
    if (told.length > 0) this.#listener.found(this.#bytes, told);
    for (const place of this.#session.packed()) {
      if (place.at < this.#bytes.from) continue;
      const find = (bytes: Uint8Array) => this.#detector.packed(this.#detector.find(bytes));
      if (isWritten(this.#session.bytesFrom(place.at), place, find)) {
        this.#listener.packed(this.#bytes, place.at);
      }
    }
  }
}
