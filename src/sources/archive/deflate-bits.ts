import { DataFault } from '../../model/data-fault.js';
import type { Feed } from '../feed.js';
import { CodeFault, type Huffman } from './huffman.js';

/** The data is no DEFLATE from here on, or it ends too early. */
export class InflateFault extends DataFault {
  override readonly name = 'InflateFault';
}

/** The bits of DEFLATE as they follow each other in a feed: the lowest of each byte comes first. */
export class DeflateBits {
  /** Read ahead and not used yet, the next one lowest; {@link count} of them. A hot loop takes both along, and brings them back. */
  bits = 0;
  count = 0;
  readonly #feed: Feed;

  constructor(feed: Feed) {
    this.#feed = feed;
  }

  /** @throws {InflateFault} where there are fewer. */
  take(count: number): number {
    if (count > this.count) this.#refill();
    if (count > this.count) throw new InflateFault('the data ends in the middle');
    const value = this.bits & ((1 << count) - 1);
    this.#drop(count);
    return value;
  }

  /** @throws {InflateFault} where no symbol is written. */
  symbol(code: Huffman): number {
    this.#refill();
    const entry = code.decode(this.bits);
    if (entry < 0 || (entry & 15) > this.count) this.#fail(entry);
    this.#drop(entry & 15);
    return entry >>> 4;
  }

  /** Goes on at the next whole byte. */
  align(): void {
    this.take(this.count & 7);
  }

  /** Whole bytes that were read ahead go back: the feed may move its buffer, or they belong to what follows. */
  returnBytes(): void {
    this.#feed.start -= this.count >>> 3;
    this.count &= 7;
    this.bits &= (1 << this.count) - 1;
  }

  #drop(count: number): void {
    this.bits >>>= count;
    this.count -= count;
  }

  #refill(): void {
    const feed = this.#feed;
    while (this.count <= 24 && feed.start < feed.end) {
      this.bits |= feed.buffer[feed.start++]! << this.count;
      this.count += 8;
    }
  }

  #fail(entry: number): never {
    const short = entry >= 0 || (this.#feed.ended && this.count < 15 && this.#feed.available === 0);
    throw new InflateFault(short ? 'the data ends in the middle' : 'a code that means nothing');
  }
}

/** Makes `code` of these lengths. @throws {InflateFault} where they describe none. */
export function buildCode(code: Huffman, lengths: Uint8Array): void {
  try {
    code.build(lengths);
  } catch (error) {
    throw error instanceof CodeFault ? new InflateFault(error.message) : error;
  }
}
