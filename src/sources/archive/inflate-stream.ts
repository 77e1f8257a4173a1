import { crc32 } from 'node:zlib';
import { type Budget, BudgetExceeded } from '../../model/budget.js';
import type { Feed } from '../feed.js';
import type { Damage, DecodedStream } from './decoded-stream.js';
import { InflateFault } from './deflate-bits.js';
import { Inflater } from './inflater.js';

export interface InflateOptions {
  /** Deflate64 instead of DEFLATE. */
  readonly wide?: boolean;
  /** Whether the packed bytes count as read from the container; false where the whole was counted at once. */
  readonly counted?: boolean;
  /** How much output was counted when it was read before. */
  readonly charged?: number;
}

/** One DEFLATE stream out of a feed. At its end the feed stands behind it. */
export class InflateStream implements DecodedStream {
  readonly #feed: Feed;
  readonly #budget: Budget;
  readonly #inflater: Inflater;
  readonly #counted: boolean;
  /** Output up to here was counted before. */
  readonly #charged: number;
  #position: number;
  fault: Damage | BudgetExceeded | undefined;
  /** Of what was read so far. */
  checksum = 0;
  size = 0;
  ended = false;
  /** Packed bytes up to the end of the stream, once it is reached. */
  consumed = 0;
  readonly #start: number;
  #isReleased = false;

  constructor(feed: Feed, budget: Budget, options: InflateOptions = {}) {
    this.#feed = feed;
    this.#budget = budget;
    this.#inflater = new Inflater(feed, options.wide);
    this.#counted = options.counted ?? true;
    this.#charged = options.charged ?? 0;
    this.#position = this.#start = feed.position;
  }

  read(into: Uint8Array): number | Promise<number> {
    for (;;) {
      if (this.#inflater.ready > 0) return this.#deliver(into);
      if (this.ended) {
        this.#release();
        return 0;
      }
      const state = this.#step();
      if (state === 'end') this.#end();
      if (state !== 'input') continue;
      const more = this.#feed.more();
      if (typeof more !== 'boolean') return more.then(() => this.read(into));
    }
  }

  close(): void {
    this.#feed.close();
  }

  #end(): void {
    this.ended = true;
    this.consumed = this.#feed.position - this.#start;
  }

  #release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#inflater.release();
  }

  #step(): 'output' | 'input' | 'end' {
    try {
      return this.#inflater.step();
    } catch (error) {
      if (!(error instanceof InflateFault)) throw error;
      this.fault = { at: this.#feed.position, detail: error.message };
      return 'end';
    }
  }

  #deliver(into: Uint8Array): number {
    const count = this.#inflater.take(into);
    try {
      const fresh = Math.min(count, Math.max(0, this.size + count - this.#charged));
      if (fresh > 0) this.#budget.expand(fresh, this.#counted ? this.#feed.position - this.#position : 0);
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error;
      this.fault = error;
      this.ended = true;
      this.#inflater.take(into);
      return 0;
    }
    this.#position = this.#feed.position;
    this.size += count;
    this.checksum = crc32(into.subarray(0, count), this.checksum);
    return count;
  }
}
