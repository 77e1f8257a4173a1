import type { ByteStream } from '../../model/source.js';
import type { CodeMap } from './pdf-fonts.js';

/** Content streams are kept up to this size, to be read once more; what is longer is drawings and pictures. */
const LONGEST = 16 * 1024 * 1024;
/** A shift of the next glyph, in thousandths of the font's size, that parts words. */
const GAP = -200;
/** Strings of so few bytes are glyphs that are placed one by one. */
const GLYPHS = 2;
/** Operators that begin a new line or place (ISO 32000-1, 9.4); those of fonts and colours are met inside words. */
const PLACING = new Set(['Tm', 'T*', "'", '"', 'ET']);

/** A page begins with operators; what is binary shows at once. */
const TELLING = 24;

/** Passes bytes on, and keeps what may be the content of a page. */
export class OverheardStream implements ByteStream {
  readonly #stream: ByteStream;
  #parts: Buffer[] = [];
  #size = 0;
  #isText = true;

  constructor(stream: ByteStream) {
    this.#stream = stream;
  }

  async read(into: Uint8Array): Promise<number> {
    const count = await this.#stream.read(into);
    const part = Buffer.from(into.subarray(0, this.#isText ? count : 0));
    this.#size += part.length;
    this.#isText &&= this.#size <= LONGEST && (this.#parts.length > 0 || mayBePage(part));
    if (this.#isText) this.#parts.push(part);
    else this.#parts = [];
    return count;
  }

  close(): void {
    this.#stream.close();
  }

  /** What was passed on, if it may be the content of a page; once. */
  content(): Buffer {
    return Buffer.concat(this.#parts.splice(0));
  }
}

/** A string may hold any byte; what stands before the first does not. */
function mayBePage(start: Buffer): boolean {
  const zero = start.subarray(0, TELLING).indexOf(0);
  return zero < 0 || start.subarray(0, zero).includes(0x28);
}

/** Whether a stream shows text. */
export function isPage(content: Buffer): boolean {
  return content.includes('BT') && (content.includes('TJ') || content.includes('Tj'));
}

/** What a page shows, as far as its strings say it; `undefined` where they say nothing. */
export function shownIn(content: Buffer): Buffer | undefined {
  return isPage(content) ? textOf(content) : undefined;
}

/**
 * The strings that the operators of a content stream show (ISO 32000-1, 7.3.4, 9.4.3), put together where they are parts of
 * a line: `[(tg) -3 <5f>] TJ` is one word.
 * @param codes what the bytes of strings stand for; without it they are left as they are
 */
export function textOf(content: Buffer, codes?: CodeMap): Buffer {
  return new Reader(content, codes).read();
}

class Reader {
  readonly #content: Buffer;
  readonly #codes: CodeMap | undefined;
  #text: Buffer;
  #length = 0;
  #at = 0;
  #isInArray = false;
  #number = 0;
  /** Bytes of the last string. */
  #last = 0;

  constructor(content: Buffer, codes: CodeMap | undefined) {
    this.#content = content;
    this.#codes = codes;
    // Each byte that is written takes one of the content at least, if it stands for itself.
    this.#text = Buffer.allocUnsafe(content.length);
  }

  read(): Buffer {
    const content = this.#content;
    while (this.#at < content.length) {
      const byte = content[this.#at]!;
      if (byte === 0x28) this.#literal();
      else if (byte === 0x3c) this.#hex();
      else if (byte === 0x2f) this.#at = this.#endOf(this.#at + 1, isRegular);
      else if (byte === 0x5b || byte === 0x5d) this.#bracket(byte === 0x5b);
      else if (isNumeric(byte)) this.#numeral();
      else if (isRegular(byte)) this.#operator();
      else this.#at++;
    }
    return this.#text.subarray(0, this.#length);
  }

  /** 7.3.4.2: parentheses in it are balanced or escaped. */
  #literal(): void {
    const content = this.#content;
    const begun = this.#length;
    let depth = 0;
    while (this.#at < content.length) {
      const byte = content[this.#at++]!;
      if (byte === 0x5c) this.#escape();
      else if (byte === 0x28 && depth++ === 0) continue;
      else if (byte === 0x29 && --depth === 0) break;
      else this.#put(byte);
    }
    this.#decode(begun);
  }

  #escape(): void {
    const byte = this.#content[this.#at++];
    if (byte === undefined || byte === 0x0a) return;
    if (byte === 0x0d) {
      if (this.#content[this.#at] === 0x0a) this.#at++;
      return;
    }
    let value = isOctal(byte) ? byte & 7 : (NAMED[String.fromCharCode(byte)] ?? byte);
    for (let digits = 1; isOctal(byte) && digits < 3 && isOctal(this.#content[this.#at]); digits++)
      value = (value << 3) | (this.#content[this.#at++]! & 7);
    this.#put(value & 255);
  }

  /** 7.3.4.3: pairs of digits, white space or not; a missing last digit is 0. */
  #hex(): void {
    const end = this.#endOf(this.#at + 1, isHexOrSpace);
    if (this.#content[end] === 0x3e) {
      const digits = this.#content.toString('latin1', this.#at + 1, end).replace(/\s/g, '');
      const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `${digits}0`, 'hex');
      const begun = this.#length;
      for (const byte of bytes) this.#put(byte);
      this.#decode(begun);
    }
    this.#at = Math.max(end, this.#at + 1);
  }

  /** Writes what the codes of a string stand for in place of them. */
  #decode(begun: number): void {
    this.#last = this.#length - begun;
    if (this.#codes === undefined) return;
    const { width, texts } = this.#codes;
    const string = Buffer.from(this.#text.subarray(begun, this.#length));
    this.#length = begun;
    for (let at = 0; at + width <= string.length; at += width) {
      for (const byte of texts.get(string.readUIntBE(at, width)) ?? UNKNOWN) this.#put(byte);
    }
  }

  #bracket(opens: boolean): void {
    this.#isInArray = opens;
    this.#at++;
  }

  #numeral(): void {
    const end = this.#endOf(this.#at, isNumeric);
    this.#number = Number.parseFloat(
      this.#content.toString('latin1', this.#at, Math.min(end, this.#at + 24)),
    );
    if (this.#isInArray && this.#number <= GAP) this.#put(0x20);
    this.#at = end;
  }

  #operator(): void {
    const end = this.#endOf(this.#at, isRegular);
    const name = this.#content.toString('latin1', this.#at, Math.min(end, this.#at + 4));
    const moves = name === 'TD' || name === 'Td';
    if (PLACING.has(name) || (moves && (this.#number !== 0 || this.#last > GLYPHS))) this.#put(0x0a);
    this.#at = end;
  }

  #endOf(from: number, is: (byte: number) => boolean): number {
    let end = from;
    while (end < this.#content.length && is(this.#content[end]!)) end++;
    return end;
  }

  #put(byte: number): void {
    if (this.#length === this.#text.length)
      this.#text = Buffer.concat([this.#text, Buffer.allocUnsafe(this.#length + 16)]);
    this.#text[this.#length++] = byte;
  }
}

const UNKNOWN = Buffer.from('?');

const NAMED: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, b: 8, f: 12 };

function isOctal(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x37;
}

function isNumeric(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x2e || byte === 0x2b;
}

function isHexOrSpace(byte: number): boolean {
  const lower = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x66) || byte <= 0x20;
}

/** 7.2.2: what is neither white space nor a delimiter. */
function isRegular(byte: number): boolean {
  return byte > 0x20 && !DELIMITERS.has(byte);
}

const DELIMITERS = new Set([...'()<>[]{}/%'].map((one) => one.charCodeAt(0)));
