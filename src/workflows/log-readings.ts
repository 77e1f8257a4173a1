import { setImmediate as turn } from 'node:timers/promises';
import type { Detector } from '../detection/detector.js';
import { diagnostic } from '../model/diagnostic.js';
import type { Followed, FollowedBytes } from '../sources/follow/followed.js';
import type { Coverage } from './coverage.js';
import { type LogListener, LogReading } from './log-reading.js';

/** Pieces of a megabyte that are read of one file before the others, and whatever else waits, have their turn. */
const PIECES = 8;
const NOTHING = new Uint8Array();

/** The readings of all files of all logs that are followed. */
export class LogReadings {
  readonly #logs: readonly Followed[];
  readonly #detector: Detector;
  readonly #listener: LogListener;
  readonly #coverage: Coverage;
  readonly #readings = new Map<FollowedBytes, LogReading>();

  constructor(logs: readonly Followed[], detector: Detector, listener: LogListener, coverage: Coverage) {
    this.#logs = logs;
    this.#detector = detector;
    this.#listener = listener;
    this.#coverage = coverage;
  }

  /** Reads some of whatever there is; whether there is more at once. */
  round(): boolean {
    let isMore = false;
    for (const log of this.#logs) {
      for (const bytes of log.look()) {
        const isAll = this.#read(bytes);
        if (isAll && bytes.isOver) this.#end(log, bytes);
        else this.#of(bytes).pause(Date.now());
        // The newer file waits until the older was read to its end.
        if (!isAll) {
          isMore = true;
          break;
        }
      }
    }
    return isMore;
  }

  /**
   * Reads what there is by now, not what comes after, and ends.
   * @param atOnce leaves off; what is left is listed.
   */
  async finish(atOnce: AbortSignal): Promise<void> {
    for (const log of this.#logs) {
      for (const bytes of log.look()) {
        const until = bytes.position + bytes.remaining();
        while (!atOnce.aborted && bytes.position < until && !this.#read(bytes)) await turn();
        const left = atOnce.aborted ? until - bytes.position : 0;
        if (left > 0) this.#coverage.missed(unreadOf(bytes, left));
        this.#end(log, bytes);
      }
    }
  }

  /** Whether that was all. */
  #read(bytes: FollowedBytes): boolean {
    const { bytes: count, isAll } = this.#of(bytes).read(PIECES);
    this.#coverage.bytes += count;
    return isAll;
  }

  #of(bytes: FollowedBytes): LogReading {
    const known = this.#readings.get(bytes);
    if (known !== undefined) return known;
    const fresh = new LogReading(bytes, this.#detector, this.#listener);
    this.#readings.set(bytes, fresh);
    return fresh;
  }

  #end(log: Followed, bytes: FollowedBytes): void {
    this.#of(bytes).end();
    this.#readings.delete(bytes);
    this.#coverage.searched({ type: 'unit', provenance: bytes.where, content: NOTHING }, 0);
    log.release(bytes);
  }
}

function unreadOf({ where }: FollowedBytes, left: number) {
  const detail = `${left} bytes at its end were not read: it was to be ended at once`;
  return diagnostic(where.kind === 'file' ? { kind: 'file', path: where.path } : where, 'unreadable', detail);
}
