import { latin1 } from '../latin1.js';
import { asciiOf } from './code-points.js';
import type { Escape, EscapeReader } from './escape.js';
import { braced, eightDigits, fourDigits, octal, pair } from './escaped-digits.js';

const CONTROLS: Record<string, number> = { n: 10, r: 13, t: 9, b: 8, f: 12, v: 11, a: 7, e: 27 };

/**
 * The backslash escapes of JSON, JavaScript, C and shells. Any other character after a backslash stands for itself, but a
 * letter: nobody escapes those, and control words of RTF and names in paths of Windows begin with one.
 */
export const readBackslash: EscapeReader = (bytes, at) => {
  if (bytes[at] !== 0x5c || at + 1 >= bytes.length) return undefined;
  const named = namedInTeX(bytes, at);
  if (named !== undefined) return named;
  const kind = bytes[at + 1]!;
  if (kind === 0x75) return bytes[at + 2] === 0x7b ? braced(bytes, at) : fourDigits(bytes, at);
  if (kind === 0x55) return eightDigits(bytes, at);
  if (kind === 0x4e) return byName(bytes, at);
  if (kind === 0x78) return bytes[at + 2] === 0x7b ? braced(bytes, at) : pair(bytes, at + 2, 2);
  if (kind >= 0x30 && kind <= 0x37) return octal(bytes, at);
  if (kind === 0x0a) return { length: 2, byte: undefined };
  if (kind === 0x0d && bytes[at + 2] === 0x0a) return { length: 3, byte: undefined };
  const control = CONTROLS[String.fromCharCode(kind)];
  return control === undefined && isLetter(kind) ? undefined : { length: 2, byte: control ?? kind };
};

function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

const LONGEST_NAME = 16;

/** `\N{LOW LINE}` of Python and Perl, `\N{U+5F}` of Perl. */
function byName(bytes: Uint8Array, at: number): Escape {
  const text = latin1(bytes, at, Math.min(bytes.length, at + LONGEST_NAME));
  const name = /^\\N\{(?:(LOW LINE)|U\+0{0,4}([0-9A-F]{2,4}))\}/i.exec(text);
  if (name === null) return { length: 2, byte: 0x4e };
  return {
    length: name[0].length,
    byte: name[1] === undefined ? asciiOf(Number.parseInt(name[2]!, 16)) : 0x5f,
  };
}

const IN_TEX = '\\PYZus{}';

/** A low line as Pygments names it for TeX. */
function namedInTeX(bytes: Uint8Array, at: number): Escape | undefined {
  if (bytes[at + 1] !== 0x50) return undefined;
  const isNamed = latin1(bytes, at, at + IN_TEX.length) === IN_TEX;
  return isNamed ? { length: IN_TEX.length, byte: 0x5f } : undefined;
}
