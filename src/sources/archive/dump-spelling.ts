import type { Spelling } from './spelling.js';

/**
 * The end of a line, and the offset that begins the next; a group of digits; what parts groups (two blanks in the middle of a
 * line that ends in bars); and the text that ends a line.
 */
const TOKEN =
  /(\r?\n)[ \t]*(?:(?:0x)?[0-9a-fA-F]{4,16}(?::[ \t]{1,2}|[ \t]{2,3})|(?:0x)?[0-9a-fA-F]{6,16}[ \t])?(?=[0-9a-fA-F]{2})|((?:[0-9a-fA-F]{2})+)(?![0-9a-fA-F])|[ :,-](?=[0-9a-fA-F]{2})| {2}(?=(?:[0-9a-fA-F]{2} ){1,8} {1,40}\|)|[ \t]{1,60}[^\r\n]{0,99}(?=\r?\n)/y;

/** Digits of a group that is a word, of which the second byte stands first. */
const WORD = 4;

/** Lines of a dump, from the first digit on: pairs of digits, or words of two bytes. */
export class Dump implements Spelling {
  readonly token = new RegExp(TOKEN);
  readonly group = 2;
  readonly #isOfWords: boolean;

  constructor(isOfWords: boolean) {
    this.#isOfWords = isOfWords;
  }

  get format(): string {
    return this.#isOfWords ? 'dump of words' : 'dump';
  }

  digits([, , digits = '']: RegExpExecArray): string | undefined {
    if (!this.#isOfWords || digits === '') return digits;
    return digits.length === WORD ? digits.slice(2) + digits.slice(0, 2) : undefined;
  }

  bytes(digits: string): Buffer {
    return Buffer.from(digits, 'hex');
  }
}
