import type { ByteStream } from '../../model/source.js';
import type { Feed } from '../feed.js';

/** The next `size` bytes of a feed, as a member that arrives once. */
export class BodyStream implements ByteStream {
  readonly #feed: Feed;
  readonly #passed: (count: number) => void;
  #left: number;
  taken = 0;

  /** @param passed told of bytes as they are taken or passed over. */
  constructor(feed: Feed, size: number, passed: (count: number) => void = () => {}) {
    this.#feed = feed;
    this.#left = size;
    this.#passed = passed;
  }

  read(into: Uint8Array): number | Promise<number> {
    if (this.#left === 0) return 0;
    const count = this.#feed.read(into.length > this.#left ? into.subarray(0, this.#left) : into);
    return typeof count === 'number' ? this.#took(count) : count.then((late) => this.#took(late));
  }

  close(): void {}

  /** Passes over what was not read. */
  async finish(): Promise<void> {
    const left = this.#left;
    this.#left = 0;
    this.#count(await this.#feed.skip(left));
  }

  #took(count: number): number {
    this.#left = count === 0 ? 0 : this.#left - count;
    this.#count(count);
    return count;
  }

  #count(count: number): void {
    this.taken += count;
    this.#passed(count);
  }
}
