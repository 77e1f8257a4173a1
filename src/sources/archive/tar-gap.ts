import type { ByteStream } from '../../model/source.js';
import type { Feed } from '../feed.js';
import { BLOCK, isTarHeader } from './tar-header.js';

/** The bytes up to the next header, which begins some whole blocks further on. */
export class GapStream implements ByteStream {
  readonly #feed: Feed;
  #first = true;
  /** Of the block that is being read. */
  #left = 0;

  constructor(feed: Feed) {
    this.#feed = feed;
  }

  async read(into: Uint8Array): Promise<number> {
    if (this.#left === 0) this.#left = await this.#nextBlock();
    const { buffer, start } = this.#feed;
    const count = Math.min(this.#left, into.length);
    into.set(buffer.subarray(start, start + count));
    this.#feed.start += count;
    this.#left -= count;
    return count;
  }

  async finish(): Promise<void> {
    const sink = Buffer.allocUnsafe(BLOCK);
    while ((await this.read(sink)) > 0);
  }

  close(): void {}

  /** The length of the next block, 0 where a header begins or the tar ends. */
  async #nextBlock(): Promise<number> {
    const whole = await this.#feed.need(BLOCK);
    const { buffer, start } = this.#feed;
    if (!this.#first && whole && isTarHeader(buffer.subarray(start, start + BLOCK))) return 0;
    this.#first = false;
    return Math.min(BLOCK, this.#feed.available);
  }
}
