import type { CodeMap } from './pdf-fonts.js';
import { Pieces } from './pdf-pieces.js';

/** A shift of the next glyph, in thousandths of the font's size, that parts words. */
const GAP = -200;
/** Strings of so few bytes are glyphs that are placed one by one. */
const GLYPHS = 2;
const SPACE = 0x20;
const LINE = 0x0a;
/** Operators that begin a new line or place (ISO 32000-1, 9.4); those of fonts and colours are met inside words. */
const PLACING = new Set(['Tm', 'T*', "'", '"', 'ET'].map(nameOf));
const MOVING = new Set(['TD', 'Td'].map(nameOf));
const LONGEST_OPERATOR = 3;

// Kinds of bytes (ISO 32000-1, 7.2.2).
const OTHER = 0;
const REGULAR = 1;
const NUMERIC = 2;
const KIND = new Uint8Array(256).map((_, byte) => {
  const character = String.fromCharCode(byte);
  if (byte <= 0x20 || '()<>[]{}/%'.includes(character)) return OTHER;
  return '0123456789+-.'.includes(character) ? NUMERIC : REGULAR;
});

/** Whether a stream shows text. */
export function isPage(content: Buffer): boolean {
  return content.includes('BT') && (content.includes('TJ') || content.includes('Tj'));
}

/**
 * The strings that the operators of a content stream show (ISO 32000-1, 7.3.4, 9.4.3), put together where they are parts of
 * a line: `[(tg) -3 <5f>] TJ` is one word.
 * @param codes what the bytes of strings stand for; without it they are left as they are
 */
export function textOf(content: Buffer, codes?: CodeMap): Buffer {
  return piecesOf(content).text(codes);
}

/** The same before it is known what the bytes of its strings stand for. */
export function piecesOf(content: Buffer): Pieces {
  return new Reader(content).read();
}

class Reader {
  readonly #content: Buffer;
  readonly #pieces = new Pieces();
  #at = 0;
  #isInArray = false;
  #number = 0;
  /** Bytes of the last string. */
  #last = 0;

  constructor(content: Buffer) {
    this.#content = content;
  }

  read(): Pieces {
    const content = this.#content;
    while (this.#at < content.length) {
      const byte = content[this.#at]!;
      if (byte === 0x28) this.#literal();
      else if (byte === 0x3c) this.#hex();
      else if (byte === 0x2f) this.#name();
      else if (byte === 0x5b || byte === 0x5d) this.#bracket(byte === 0x5b);
      else if (KIND[byte] === NUMERIC) this.#numeral();
      else if (KIND[byte] === REGULAR) this.#operator();
      else this.#at++;
    }
    return this.#pieces;
  }

  /** 7.3.4.2: parentheses in it are balanced or escaped. */
  #literal(): void {
    const content = this.#content;
    const pieces = this.#pieces;
    let depth = 0;
    while (this.#at < content.length) {
      const byte = content[this.#at++]!;
      if (byte === 0x5c) this.#escape();
      else if (byte === 0x28 && depth++ === 0) continue;
      else if (byte === 0x29 && --depth === 0) break;
      else pieces.put(byte);
    }
    this.#last = pieces.end();
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
    this.#pieces.put(value & 255);
  }

  /** 7.3.4.3: pairs of digits, white space or not; a missing last digit is 0. */
  #hex(): void {
    const content = this.#content;
    const begin = this.#at + 1;
    let end = begin;
    while (end < content.length && isHexOrSpace(content[end]!)) end++;
    this.#at = Math.max(end, begin);
    if (content[end] !== 0x3e) return;
    let high = -1;
    for (let at = begin; at < end; at++) {
      const byte = content[at]!;
      if (byte <= 0x20) continue;
      const digit = byte <= 0x39 ? byte & 15 : (byte & 15) + 9;
      if (high >= 0) this.#pieces.put((high << 4) | digit);
      high = high >= 0 ? -1 : digit;
    }
    if (high >= 0) this.#pieces.put(high << 4);
    this.#last = this.#pieces.end();
  }

  #name(): void {
    const content = this.#content;
    this.#at++;
    while (this.#at < content.length && KIND[content[this.#at]!] !== OTHER) this.#at++;
  }

  #bracket(opens: boolean): void {
    this.#isInArray = opens;
    this.#at++;
  }

  /** 7.3.3; what is none, `--5`, is taken for one. */
  #numeral(): void {
    const content = this.#content;
    const isNegative = content[this.#at] === 0x2d;
    let number = 0;
    let unit = 1;
    for (; this.#at < content.length && KIND[content[this.#at]!] === NUMERIC; this.#at++) {
      const byte = content[this.#at]!;
      if (byte === 0x2e) unit = 0.1;
      else if (byte >= 0x30 && unit === 1) number = number * 10 + (byte & 15);
      else if (byte >= 0x30) {
        number += unit * (byte & 15);
        unit /= 10;
      }
    }
    this.#number = isNegative ? -number : number;
    if (this.#isInArray && this.#number <= GAP) this.#pieces.part(SPACE);
  }

  #operator(): void {
    const content = this.#content;
    const begin = this.#at;
    let name = 0;
    for (; this.#at < content.length && KIND[content[this.#at]!] !== OTHER; this.#at++)
      name = (name << 8) | content[this.#at]!;
    if (this.#at - begin > LONGEST_OPERATOR) return;
    if (PLACING.has(name) || (MOVING.has(name) && (this.#number !== 0 || this.#last > GLYPHS)))
      this.#pieces.part(LINE);
  }
}

const NAMED: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, b: 8, f: 12 };

function nameOf(operator: string): number {
  return Buffer.from(operator).reduce((name, byte) => (name << 8) | byte, 0);
}

function isOctal(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x37;
}

function isHexOrSpace(byte: number): boolean {
  const lower = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x66) || byte <= 0x20;
}
