import type { Feed } from '../feed.js';
import { DeflateBits, InflateFault } from './deflate-bits.js';
import { DeflateCodes } from './deflate-codes.js';

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

/**
 * Inflates DEFLATE (RFC 1951) or Deflate64, byte for byte up to the place where the data is damaged: zlib gives nothing
 * of the block that it fails in. It stops when it needs input, so that the caller may wait for it.
 */
export class Inflater {
  readonly #feed: Feed;
  readonly #wide: boolean;
  readonly #input: DeflateBits;
  readonly #codes = new DeflateCodes();
  readonly #out = spare ?? Buffer.allocUnsafe(HISTORY + OUTPUT + LONGEST);
  #written = 0;
  #taken = 0;
  /** Output before `#out[0]`, to know how far back a match may reach. */
  #slid = 0;
  #state: 'header' | 'stored' | 'symbols' | 'end' = 'header';
  #storedLeft = 0;
  #lastBlock = false;

  /** @param wide Deflate64 instead of DEFLATE. */
  constructor(feed: Feed, wide = false) {
    spare = undefined;
    this.#feed = feed;
    this.#input = new DeflateBits(feed);
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
        this.#input.returnBytes();
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
    const input = this.#input;
    this.#lastBlock = input.take(1) === 1;
    const type = input.take(2);
    if (type === 0) {
      input.align();
      const length = input.take(16);
      if ((input.take(16) ^ 0xffff) !== length) throw new InflateFault('a stored block has a wrong length');
      this.#storedLeft = length;
      input.returnBytes();
      this.#state = length === 0 ? 'header' : 'stored';
    } else if (type === 3) {
      throw new InflateFault('a block of an unknown type');
    } else {
      if (type === 1) this.#codes.fix();
      else this.#codes.read(input);
      this.#state = 'symbols';
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
    const input = this.#input;
    const codes = this.#codes;
    const literals = codes.literals.primary;
    const distances = codes.distances.primary;
    const wide = this.#wide;
    const safe = feed.end - 12;
    let { start } = feed;
    let written = this.#written;
    let { bits } = input;
    let { count } = input;
    while (start <= safe && written < HISTORY + OUTPUT) {
      while (count <= 24) {
        bits |= buffer[start++]! << count;
        count += 8;
      }
      let entry = literals[bits & 1023]!;
      if (entry === 0) entry = codes.literals.decode(bits);
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
        if (code === 0) code = codes.distances.decode(bits);
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
        input.bits = bits;
        input.count = count;
        if (!this.#match()) return;
        start = feed.start;
        written = this.#written;
        bits = input.bits;
        count = input.count;
        continue;
      }
      out[written++] = entry >>> 4;
      bits >>>= width;
      count -= width;
    }
    feed.start = start;
    this.#written = written;
    input.bits = bits;
    input.count = count;
    while (feed.ended && this.#state === 'symbols' && this.#written < HISTORY + OUTPUT) {
      if (!this.#match()) return;
    }
  }

  /** One symbol, checked bit by bit; false when it ended the block. */
  #match(): boolean {
    const input = this.#input;
    const symbol = input.symbol(this.#codes.literals);
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
      ? 3 + input.take(16)
      : LENGTH_BASE[symbol - 257]! + input.take(LENGTH_EXTRA[symbol - 257]!);
    const code = input.symbol(this.#codes.distances);
    if (code > (this.#wide ? 31 : 29)) throw new InflateFault('a distance code that does not exist');
    const distance = DISTANCE_BASE[code]! + input.take(DISTANCE_EXTRA[code]!);
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

  #finish(): void {
    this.#input.align();
    this.#input.returnBytes();
    this.#state = 'end';
  }
}
