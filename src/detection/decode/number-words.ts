import { latin1 } from '../latin1.js';
import type { Decoder } from './view.js';
import { READ_AFTER, ViewBuilder } from './view.js';

/** How many bytes of what is shown before the hit are read: a line or two. */
const BYTES_BEFORE = 240;

/** How words are shown, by the `group` of the literal that stands in one. */
export const WORD_FORMS = [
  { base: 8, size: 2, isLittle: true },
  { base: 10, size: 2, isLittle: true },
  { base: 8, size: 4, isLittle: true },
  { base: 10, size: 4, isLittle: true },
  { base: 10, size: 4, isLittle: false },
] as const;

/** An offset that begins a line: of octal words of two bytes, the shortest one has as many digits. */
const NUMBER = /(?:(?<=^|\n)[0-9a-fA-F]{6,8}(?=[ \t]+\d))|(?<![\w.-])\d{1,11}(?![\w.])/g;
const GAP = /^[\s,]*(?:>[^\n]*<)?[\s,]*$/;

/**
 * Words of two or four bytes as numbers, octal or decimal: `od` as such, `od -d`, `od -t d4`, `hexdump -o`, `hexdump -d`;
 * and of four bytes, the first one first, as libraries for encryption hold them (`{"words":[…]}`).
 */
export const decodeNumberWords: Decoder = (bytes, at, group) => {
  const { base, size, isLittle } = WORD_FORMS[group]!;
  const limit = Math.min(bytes.length, at + READ_AFTER);
  let from = Math.max(0, at - BYTES_BEFORE);
  while (from > 0 && from < at && isDigit(bytes[from - 1])) from++;
  const text = latin1(bytes, from, limit);
  let builder = new ViewBuilder();
  let end = 0;
  for (const { 0: digits, index } of text.matchAll(NUMBER)) {
    const isOffset = (index === 0 ? (bytes[from - 1] ?? 0x0a) : text.charCodeAt(index - 1)) === 0x0a;
    if (!GAP.test(text.slice(end, index))) {
      if (from + end > at) break;
      builder = new ViewBuilder();
    }
    if (!isOffset || digits.length < 6 || digits.length > 8) {
      const value = Number.parseInt(digits, base);
      if (!(value < 256 ** size) || builder.full) {
        if (from + index > at) break;
        builder = new ViewBuilder();
      } else pushWord(builder, value, size, isLittle, from + index, from + index + digits.length);
    }
    end = index + digits.length;
  }
  return builder.view('number-words', from + end, limit, bytes);
};

function pushWord(
  builder: ViewBuilder,
  value: number,
  size: number,
  isLittle: boolean,
  start: number,
  end: number,
): void {
  for (let place = 0; place < size; place++) {
    const shift = 8 * (isLittle ? place : size - 1 - place);
    builder.push(Math.floor(value / 2 ** shift) & 255, start, end);
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
