import type { ByteStream } from '../../model/source.js';
import { type Spelling, spelling, type Writing } from './spelling.js';

export type { Writing } from './spelling.js';

const FIRST_INPUT = 2 * 1024;
const INPUT = 24 * 1024;
/** What stands between two pieces of a text is no longer than this: so much of it must be at hand to be read. */
const LONGEST_GAP = 160;

/**
 * The bytes that a piece of text stands for, up to where it is no such text any more. It may go on over the end of what
 * was packed (into the next line of a list, say): who unpacks it knows where to stop.
 */
export class WrittenStream implements ByteStream {
  readonly #input: ByteStream;
  readonly #spelling: Spelling;
  /** Most texts are short. */
  #chunk: Buffer | undefined;
  #isLong = false;
  #text: string;
  /** Digits that make no whole byte yet. */
  #digits = '';
  #ready: Buffer = Buffer.alloc(0);
  #state: 'reading' | 'last' | 'ended' = 'reading';
  /** Bytes of text that were read so far, with the gaps between. */
  consumed = 0;

  /** @param read what of the text was read from `input` already. */
  constructor(input: ByteStream, writing: Writing, read = '') {
    this.#input = input;
    this.#spelling = spelling(writing);
    this.#text = read;
  }

  read(into: Uint8Array): number | Promise<number> {
    for (;;) {
      if (this.#ready.length > 0) return this.#deliver(into);
      if (this.#state === 'ended') return 0;
      if (this.#state === 'reading' && this.#text.length < INPUT) {
        this.#chunk ??= Buffer.allocUnsafe(this.#isLong ? INPUT : FIRST_INPUT);
        const count = this.#input.read(this.#chunk);
        if (typeof count !== 'number') return count.then((late) => this.#took(late).read(into));
        this.#took(count);
      }
      this.#decode();
    }
  }

  close(): void {}

  /** How it is written, as far as it was read. */
  get format(): string {
    return this.#spelling.format;
  }

  #deliver(into: Uint8Array): number {
    const count = Math.min(into.length, this.#ready.length);
    into.set(this.#ready.subarray(0, count));
    this.#ready = this.#ready.subarray(count);
    return count;
  }

  #took(count: number): this {
    if (count === 0) this.#state = 'last';
    this.#text += this.#chunk!.toString('latin1', 0, count);
    if (!this.#isLong) this.#chunk = undefined;
    this.#isLong = true;
    return this;
  }

  #decode(): void {
    const { token, group } = this.#spelling;
    const limit = this.#state === 'last' ? this.#text.length : this.#text.length - LONGEST_GAP;
    let at = 0;
    let digits = this.#digits;
    while (at < limit) {
      token.lastIndex = at;
      const found = token.exec(this.#text);
      const fresh = found === null ? undefined : this.#spelling.digits(found, digits.length);
      if (fresh === undefined) {
        this.#state = 'ended';
        break;
      }
      digits += fresh;
      at = token.lastIndex;
    }
    if (at >= limit && this.#state === 'last') this.#state = 'ended';
    this.consumed += at;
    this.#text = this.#text.slice(at);
    const whole = this.#state === 'ended' ? digits.length : digits.length - (digits.length % group);
    this.#ready = this.#spelling.bytes(digits.slice(0, whole));
    this.#digits = digits.slice(whole);
  }
}
