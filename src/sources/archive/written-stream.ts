import type { ByteStream } from '../../model/source.js';

/** How packed bytes may be written in a text. */
export type Writing = 'base64' | 'hex';

const FIRST_INPUT = 2 * 1024;
const INPUT = 24 * 1024;
/** What stands between two pieces of a text is no longer than this: so much of it must be at hand to be read. */
const LONGEST_GAP = 160;

/**
 * What may stand between the digits: ends of lines and indentation, also written (`\n`), escaped digits (`\/`, `%2B`,
 * `\u002b`, `&#43;`, `=2B`), soft breaks, the zeros of wide text, and what joins strings of source code.
 */
const TOKEN = {
  base64:
    /([A-Za-z0-9+/_-]+)|\0+|(?:[\r\n]+|\\[\r\n]+)[ \t]*|\\+[nr][ \t]*|\\+\/|\\+u00([0-9a-fA-F]{2})|\\+x([0-9a-fA-F]{2})|%(?:25)*([0-9a-fA-F]{2})|&#(\d{2,3});|&#[xX]([0-9a-fA-F]{1,2});|=\r?\n|=(2[BbFf]|5[Ff]|3[Dd])|(["'`])[ \t]*[,+.&\\]?[ \t]*(?:\r?\n[ \t]*)+(?:[+.&][ \t]*)?[bBrRuUfF]?\8/y,
  hex: /([0-9A-Fa-f]+)|\0+|(?:[\r\n]+|\\[\r\n]+)[ \t]*|\\+[nr][ \t]*/y,
} as const;

/**
 * The bytes that a piece of text stands for, up to where it is no such text any more. It may go on over the end of what
 * was packed (into the next line of a list, say): who unpacks it knows where to stop.
 */
export class WrittenStream implements ByteStream {
  readonly #input: ByteStream;
  readonly #writing: Writing;
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
  /** Whether there was more to it than digits and ends of lines. */
  isEscaped = false;
  isUrlSafe = false;

  /** @param read what of the text was read from `input` already. */
  constructor(input: ByteStream, writing: Writing, read = '') {
    this.#input = input;
    this.#writing = writing;
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
    const token = TOKEN[this.#writing];
    const limit = this.#state === 'last' ? this.#text.length : this.#text.length - LONGEST_GAP;
    let at = 0;
    let digits = this.#digits;
    while (at < limit) {
      token.lastIndex = at;
      const found = token.exec(this.#text);
      const fresh = found === null ? undefined : this.#digitsOf(found, digits.length);
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
    const group = this.#writing === 'hex' ? 2 : 4;
    const whole = this.#state === 'ended' ? digits.length : digits.length - (digits.length % group);
    // Node reads both alphabets.
    this.#ready = Buffer.from(digits.slice(0, whole), this.#writing);
    this.#digits = digits.slice(whole);
  }

  /** The digits that a piece of text stands for; `undefined` where the text is over. */
  #digitsOf(found: RegExpExecArray, before: number): string | undefined {
    const [text, digits] = found;
    if (digits !== undefined) {
      if (!this.isUrlSafe && this.#writing === 'base64' && /[-_]/.test(digits)) this.isUrlSafe = true;
      return digits;
    }
    const isOver = /^=\r?\n/.test(text) && before % 4 !== 0;
    // Padding where none can be is a soft break; anywhere else the text is over.
    if (isOver) return undefined;
    if (!/^[\r\n]/.test(text)) this.isEscaped = true;
    if (/^\\+\/$/.test(text)) return '/';
    const [hexed, decimal] = [found[2] ?? found[3] ?? found[4] ?? found[6] ?? found[7], found[5]];
    const code = decimal === undefined ? Number.parseInt(hexed ?? '', 16) : Number(decimal);
    if (Number.isNaN(code) || code === 0x0a || code === 0x0d || code === 0x20) return '';
    const digit = String.fromCharCode(code);
    return /[A-Za-z0-9+/_-]/.test(digit) ? digit : undefined;
  }
}
