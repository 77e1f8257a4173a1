import type { ByteStream } from '../model/source.js';
import { AccessStream } from './random-access.js';

const CAPACITY = 64 * 1024;
/** Steps of growth: each leaves the last to be collected. */
const GROWTH = 4;

/**
 * A buffer in front of a stream, for who must look before reading. The bytes at hand are `buffer[start..end)`; a parser
 * may take them itself by moving `start`. It is a stream, too: what was looked at is read again.
 */
export class Feed implements ByteStream {
  readonly #input: ByteStream;
  buffer: Buffer;
  start = 0;
  end = 0;
  ended = false;
  /** Bytes of the stream before `buffer[0]`. */
  #before = 0;

  /** Whether the last piece filled all the room there was. */
  #wasFull = false;

  /** @param capacity room at first, for what is short as a rule; it grows with what comes. */
  constructor(input: ByteStream, capacity = CAPACITY) {
    this.#input = input;
    this.buffer = Buffer.allocUnsafe(capacity);
  }

  /** How many bytes were taken so far. */
  get position(): number {
    return this.#before + this.start;
  }

  get available(): number {
    return this.end - this.start;
  }

  /** What the stream reads, where that allows to read at any place. */
  get access(): AccessStream['access'] | undefined {
    return this.#input instanceof AccessStream ? this.#input.access : undefined;
  }

  /** Gets at least one byte more; false at the end of the stream. */
  more(): boolean | Promise<boolean> {
    if (this.ended) return false;
    if (this.start > 0) this.#compact();
    if (this.end === this.buffer.length || (this.#wasFull && this.buffer.length < CAPACITY)) this.#grow();
    const count = this.#input.read(this.buffer.subarray(this.end));
    return typeof count === 'number' ? this.#took(count) : count.then((late) => this.#took(late));
  }

  /** Gets `length` bytes at hand, or all that are left; true when there are that many. */
  async need(length: number): Promise<boolean> {
    while (this.available < length) {
      const more = this.more();
      if (!(typeof more === 'boolean' ? more : await more)) return false;
    }
    return true;
  }

  /** Takes `length` bytes; fewer at the end. They are valid until the next call. */
  async take(length: number): Promise<Buffer> {
    if (this.available < length) await this.need(length);
    const bytes = this.buffer.subarray(this.start, Math.min(this.end, this.start + length));
    this.start += bytes.length;
    return bytes;
  }

  /** Passes over `length` bytes; gives how many there were. */
  async skip(length: number): Promise<number> {
    const access = this.access;
    if (access !== undefined && length > this.available) {
      const there = Math.min(length, Math.max(0, access.size - this.position));
      this.#jump(there);
      return there;
    }
    let left = length;
    while (left > 0) {
      if (this.available === 0) {
        const more = this.more();
        if (!(typeof more === 'boolean' ? more : await more)) break;
      }
      const step = Math.min(left, this.available);
      this.start += step;
      left -= step;
    }
    return length - left;
  }

  /** Goes back to `position`, where the stream reads something that allows that. */
  rewind(position: number): boolean {
    if (!(this.#input instanceof AccessStream)) return false;
    this.#input.seek(position);
    this.#before = position;
    this.start = this.end = 0;
    this.ended = false;
    return true;
  }

  read(into: Uint8Array): number | Promise<number> {
    if (this.available === 0) {
      if (this.ended) return 0;
      this.#before += this.start;
      this.start = this.end = 0;
      // What a long look ahead needed.
      if (this.buffer.length > CAPACITY) this.buffer = Buffer.allocUnsafe(CAPACITY);
      const count = this.#input.read(into);
      return typeof count === 'number' ? this.#passed(count) : count.then((late) => this.#passed(late));
    }
    const length = Math.min(into.length, this.available);
    into.set(this.buffer.subarray(this.start, this.start + length));
    this.start += length;
    return length;
  }

  close(): void {
    this.#input.close();
  }

  #took(count: number): boolean {
    if (count === 0) this.ended = true;
    this.end += count;
    this.#wasFull = this.end === this.buffer.length;
    return count > 0;
  }

  #passed(count: number): number {
    if (count === 0) this.ended = true;
    this.#before += count;
    return count;
  }

  #jump(length: number): void {
    const position = this.position + length;
    (this.#input as AccessStream).seek(position);
    this.#before = position;
    this.start = this.end = 0;
  }

  #compact(): void {
    this.buffer.copyWithin(0, this.start, this.end);
    this.#before += this.start;
    this.end -= this.start;
    this.start = 0;
  }

  #grow(): void {
    const larger = Buffer.allocUnsafe(this.buffer.length * GROWTH);
    this.buffer.copy(larger, 0, 0, this.end);
    this.buffer = larger;
  }
}
