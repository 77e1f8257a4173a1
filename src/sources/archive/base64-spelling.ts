import type { Spelling } from './spelling.js';

/**
 * What may stand between the digits: ends of lines and indentation, also written (`\n`), escaped digits (`\/`, `%2B`,
 * `\u002b`, `&#43;`, `=2B`), soft breaks, the zeros of wide text, and what joins strings of source code.
 */
const TOKEN =
  /([A-Za-z0-9+/_-]+)|\0+|(?:[\r\n]+|\\[\r\n]+)[ \t]*|\\+[nr][ \t]*|\\+\/|\\+u00([0-9a-fA-F]{2})|\\+x([0-9a-fA-F]{2})|%(?:25)*([0-9a-fA-F]{2})|&#(\d{2,3});|&#[xX]([0-9a-fA-F]{1,2});|=\r?\n|=(2[BbFf]|5[Ff]|3[Dd])|(["'`])[ \t]*[,+.&\\]?[ \t]*(?:\r?\n[ \t]*)+(?:[+.&][ \t]*)?[bBrRuUfF]?\8/y;

/** Base64 in either alphabet (RFC 4648). */
export class Base64 implements Spelling {
  readonly token = new RegExp(TOKEN);
  readonly group = 4;
  /** Whether there was more to it than digits and ends of lines. */
  #isEscaped = false;
  #isUrlSafe = false;

  get format(): string {
    if (this.#isUrlSafe) return 'base64url';
    return this.#isEscaped ? 'escaped base64' : 'base64';
  }

  digits(found: RegExpExecArray, before: number): string | undefined {
    const [text, digits] = found;
    if (digits !== undefined) {
      if (!this.#isUrlSafe && /[-_]/.test(digits)) this.#isUrlSafe = true;
      return digits;
    }
    const isOver = /^=\r?\n/.test(text) && before % 4 !== 0;
    // Padding where none can be is a soft break; anywhere else the text is over.
    if (isOver) return undefined;
    if (!/^[\r\n]/.test(text)) this.#isEscaped = true;
    if (/^\\+\/$/.test(text)) return '/';
    const [hexed, decimal] = [found[2] ?? found[3] ?? found[4] ?? found[6] ?? found[7], found[5]];
    const code = decimal === undefined ? Number.parseInt(hexed ?? '', 16) : Number(decimal);
    if (Number.isNaN(code) || code === 0x0a || code === 0x0d || code === 0x20) return '';
    const digit = String.fromCharCode(code);
    return /[A-Za-z0-9+/_-]/.test(digit) ? digit : undefined;
  }

  bytes(digits: string): Buffer {
    // Node reads both alphabets.
    return Buffer.from(digits, 'base64');
  }
}
