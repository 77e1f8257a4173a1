import { DataFault } from '../../model/data-fault.js';
import type { Feed } from '../feed.js';
import { CodeFault, Huffman } from './huffman.js';

/** The data is no DEFLATE from here on, or it ends too early. */
export class InflateFault extends DataFault {
  override readonly name = 'InflateFault';
}

const HISTORY = 64 * 1024;
const OUTPUT = 128 * 1024;
/** The longest match of Deflate64; DEFLATE's is 258. */
const LONGEST = 65_538;
/** The bytes that a block's header may take: 14 bits and 316 lengths of up to 14 bits. */
const BLOCK_HEADER = 600;

/** The output of a stream that is over: archives hold thousands of short ones. */
let spare: Buffer | undefined;

const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
  227, 258,
];
const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE = Array.from({ length: 32 }, (_, code) =>
  code < 4 ? code + 1 : (2 + (code & 1)) * 2 ** ((code >> 1) - 1) + 1,
);
const DISTANCE_EXTRA = Array.from({ length: 32 }, (_, code) => (code < 4 ? 0 : (code >> 1) - 1));
const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/**
 * Inflates DEFLATE (RFC 1951) or Deflate64, byte for byte up to the place where the data is damaged: zlib gives nothing
 * of the block that it fails in. It stops when it needs input, so that the caller may wait for it.
 */
export class Inflater {
  readonly #feed: Feed;
  readonly #wide: boolean;
  readonly #literals = new Huffman();
  readonly #distances = new Huffman();
  readonly #out = spare ?? Buffer.allocUnsafe(HISTORY + OUTPUT + LONGEST);
  #written = 0;
  #taken = 0;
  /** Output before `#out[0]`, to know how far back a match may reach. */
  #slid = 0;
  #bits = 0;
  #bitCount = 0;
  #state: 'header' | 'stored' | 'symbols' | 'end' = 'header';
  #storedLeft = 0;
  #lastBlock = false;

  /** @param wide Deflate64 instead of DEFLATE. */
  constructor(feed: Feed, wide = false) {
    spare = undefined;
    this.#feed = feed;
    this.#wide = wide;
  }

  /** Output that waits to be taken. */
  get ready(): number {
    return this.#written - this.#taken;
  }

  take(into: Uint8Array): number {
    const length = Math.min(into.length, this.ready);
    into.set(this.#out.subarray(this.#taken, this.#taken + length));
    this.#taken += length;
    return length;
  }

  /** All is taken: another stream may use the memory. */
  release(): void {
    spare = this.#out;
  }

  /**
   * Goes on until there is output to take, the input at hand is used up, or the stream is over. At the end the feed
   * stands at the first byte after it.
   * @throws InflateFault where the data is damaged; what came before it can still be taken.
   */
  step(): 'output' | 'input' | 'end' {
    if (this.#written > HISTORY + OUTPUT / 2 && this.#taken === this.#written) this.#slide();
    for (;;) {
      if (this.#written >= HISTORY + OUTPUT) return 'output';
      if (this.#state === 'end') return this.ready > 0 ? 'output' : 'end';
      const needed = this.#state === 'header' ? BLOCK_HEADER : 16;
      if (this.#feed.available < needed && !this.#feed.ended) {
        this.#returnBytes();
        if (this.#feed.available < needed) return 'input';
      }
      if (this.#state === 'header') this.#blockHeader();
      else if (this.#state === 'stored') this.#copyStored();
      else this.#decodeSymbols();
      if (this.#state === 'header' && this.#lastBlock) this.#finish();
    }
  }

  #slide(): void {
    const from = this.#written - HISTORY;
    this.#out.copyWithin(0, from, this.#written);
    this.#slid += from;
    this.#written = this.#taken = HISTORY;
  }

  #blockHeader(): void {
    this.#lastBlock = this.#take(1) === 1;
    const type = this.#take(2);
    if (type === 0) {
      this.#take(this.#bitCount & 7);
      const length = this.#take(16);
      if ((this.#take(16) ^ 0xffff) !== length) throw new InflateFault('a stored block has a wrong length');
      this.#storedLeft = length;
      this.#returnBytes();
      this.#state = length === 0 ? 'header' : 'stored';
    } else if (type === 3) {
      throw new InflateFault('a block of an unknown type');
    } else {
      if (type === 1) this.#fixedCodes();
      else this.#dynamicCodes();
      this.#state = 'symbols';
    }
  }

  #fixedCodes(): void {
    this.#literals.build(
      Uint8Array.from({ length: 288 }, (_, s) => (s < 144 ? 8 : s < 256 ? 9 : s < 280 ? 7 : 8)),
    );
    this.#distances.build(new Uint8Array(32).fill(5));
  }

  #dynamicCodes(): void {
    const literals = this.#take(5) + 257;
    const distances = this.#take(5) + 1;
    const count = this.#take(4) + 4;
    const lengths = new Uint8Array(320);
    for (let i = 0; i < count; i++) lengths[LENGTH_ORDER[i]!] = this.#take(3);
    this.#build(this.#literals, lengths.subarray(0, 19));
    lengths.fill(0);
    for (let i = 0; i < literals + distances; ) {
      const symbol = this.#symbol(this.#literals);
      if (symbol < 16) {
        lengths[i++] = symbol;
        continue;
      }
      if (symbol === 16 && i === 0) throw new InflateFault('a code length repeats nothing');
      const value = symbol === 16 ? lengths[i - 1]! : 0;
      const repeat =
        symbol === 16 ? 3 + this.#take(2) : symbol === 17 ? 3 + this.#take(3) : 11 + this.#take(7);
      if (i + repeat > literals + distances) throw new InflateFault('too many code lengths');
      lengths.fill(value, i, i + repeat);
      i += repeat;
    }
    this.#build(this.#literals, lengths.subarray(0, literals));
    this.#build(this.#distances, lengths.subarray(literals, literals + distances));
  }

  #build(code: Huffman, lengths: Uint8Array): void {
    try {
      code.build(lengths);
    } catch (error) {
      throw error instanceof CodeFault ? new InflateFault(error.message) : error;
    }
  }

  #copyStored(): void {
    const length = Math.min(this.#storedLeft, this.#feed.available, HISTORY + OUTPUT - this.#written);
    if (length === 0) throw new InflateFault('the data ends in the middle');
    this.#feed.buffer.copy(this.#out, this.#written, this.#feed.start, this.#feed.start + length);
    this.#feed.start += length;
    this.#written += length;
    this.#storedLeft -= length;
    if (this.#storedLeft === 0) this.#state = 'header';
  }

  /** The hot loop: bits and positions are in locals while there is input and room for a whole match. */
  #decodeSymbols(): void {
    const feed = this.#feed;
    const { buffer } = feed;
    const out = this.#out;
    const literals = this.#literals.primary;
    const distances = this.#distances.primary;
    const wide = this.#wide;
    const safe = feed.end - 12;
    let { start } = feed;
    let written = this.#written;
    let bits = this.#bits;
    let count = this.#bitCount;
    while (start <= safe && written < HISTORY + OUTPUT) {
      while (count <= 24) {
        bits |= buffer[start++]! << count;
        count += 8;
      }
      let entry = literals[bits & 1023]!;
      if (entry === 0) entry = this.#literals.decode(bits);
      const width = entry & 15;
      if (entry >= 256 << 4 && entry < 286 << 4 && entry >>> 4 !== 256 && !wide) {
        const symbol = (entry >>> 4) - 257;
        bits >>>= width;
        count -= width;
        const lengthBits = LENGTH_EXTRA[symbol]!;
        const length = LENGTH_BASE[symbol]! + (bits & ((1 << lengthBits) - 1));
        bits >>>= lengthBits;
        count -= lengthBits;
        while (count <= 24) {
          bits |= buffer[start++]! << count;
          count += 8;
        }
        let code = distances[bits & 1023]!;
        if (code === 0) code = this.#distances.decode(bits);
        const distanceWidth = code & 15;
        bits >>>= distanceWidth;
        count -= distanceWidth;
        while (count <= 24) {
          bits |= buffer[start++]! << count;
          count += 8;
        }
        const extra = DISTANCE_EXTRA[code >>> 4] ?? 0;
        const distance =
          code < 0 || code >= 30 << 4
            ? Number.POSITIVE_INFINITY
            : DISTANCE_BASE[code >>> 4]! + (bits & ((1 << extra) - 1));
        bits >>>= extra;
        count -= extra;
        if (distance > this.#slid + written) {
          feed.start = start;
          this.#written = written;
          throw new InflateFault('a match reaches before the beginning, or its code means nothing');
        }
        const end = written + length;
        for (let from = written - distance; written < end; ) out[written++] = out[from++]!;
        continue;
      }
      // The end of a block, what belongs to Deflate64 alone, and codes that mean nothing go the careful way.
      if (entry < 0 || entry >= 256 << 4) {
        feed.start = start;
        this.#written = written;
        this.#bits = bits;
        this.#bitCount = count;
        if (!this.#match()) return;
        start = feed.start;
        written = this.#written;
        bits = this.#bits;
        count = this.#bitCount;
        continue;
      }
      out[written++] = entry >>> 4;
      bits >>>= width;
      count -= width;
    }
    feed.start = start;
    this.#written = written;
    this.#bits = bits;
    this.#bitCount = count;
    while (feed.ended && this.#state === 'symbols' && this.#written < HISTORY + OUTPUT) {
      if (!this.#match()) return;
    }
  }

  /** One symbol, checked bit by bit; false when it ended the block. */
  #match(): boolean {
    const symbol = this.#symbol(this.#literals);
    if (symbol < 256) {
      this.#out[this.#written++] = symbol;
      return true;
    }
    if (symbol === 256) {
      this.#state = 'header';
      return false;
    }
    if (symbol > 285) throw new InflateFault('a length code that does not exist');
    const far = this.#wide && symbol === 285;
    const length = far
      ? 3 + this.#take(16)
      : LENGTH_BASE[symbol - 257]! + this.#take(LENGTH_EXTRA[symbol - 257]!);
    const code = this.#symbol(this.#distances);
    if (code > (this.#wide ? 31 : 29)) throw new InflateFault('a distance code that does not exist');
    const distance = DISTANCE_BASE[code]! + this.#take(DISTANCE_EXTRA[code]!);
    if (distance > this.#slid + this.#written) throw new InflateFault('a match reaches before the beginning');
    this.#copyMatch(distance, length);
    return true;
  }

  #copyMatch(distance: number, length: number): void {
    const out = this.#out;
    let to = this.#written;
    let from = to - distance;
    const end = to + length;
    if (distance >= length && length > 24) out.copyWithin(to, from, from + length);
    else while (to < end) out[to++] = out[from++]!;
    this.#written = end;
  }

  #symbol(code: Huffman): number {
    this.#refill();
    const entry = code.decode(this.#bits);
    if (entry < 0 || (entry & 15) > this.#bitCount) this.#fail(entry);
    this.#drop(entry & 15);
    return entry >>> 4;
  }

  #take(count: number): number {
    if (count > this.#bitCount) this.#refill();
    if (count > this.#bitCount) throw new InflateFault('the data ends in the middle');
    const value = this.#bits & ((1 << count) - 1);
    this.#drop(count);
    return value;
  }

  #drop(count: number): void {
    this.#bits >>>= count;
    this.#bitCount -= count;
  }

  #refill(): void {
    const feed = this.#feed;
    while (this.#bitCount <= 24 && feed.start < feed.end) {
      this.#bits |= feed.buffer[feed.start++]! << this.#bitCount;
      this.#bitCount += 8;
    }
  }

  #fail(entry: number): never {
    const short = entry >= 0 || (this.#feed.ended && this.#bitCount < 15 && this.#feed.available === 0);
    throw new InflateFault(short ? 'the data ends in the middle' : 'a code that means nothing');
  }

  #finish(): void {
    this.#take(this.#bitCount & 7);
    this.#returnBytes();
    this.#state = 'end';
  }

  /** Whole bytes that were read ahead go back: the feed may move its buffer, or they belong to what follows. */
  #returnBytes(): void {
    this.#feed.start -= this.#bitCount >>> 3;
    this.#bitCount &= 7;
    this.#bits &= (1 << this.#bitCount) - 1;
  }
}
