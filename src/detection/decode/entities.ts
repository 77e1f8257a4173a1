import { latin1 } from '../latin1.js';
import { asciiOf } from './code-points.js';
import type { EscapeReader } from './escape.js';

const NAMED: Record<string, string> = {
  lowbar: '_',
  UnderBar: '_',
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  Tab: '\t',
  NewLine: '\n',
  percnt: '%',
  num: '#',
  semi: ';',
  bsol: '\\',
  sol: '/',
  equals: '=',
  plus: '+',
  colon: ':',
  comma: ',',
  period: '.',
  lpar: '(',
  rpar: ')',
  lsqb: '[',
  rsqb: ']',
  lcub: '{',
  rcub: '}',
  ast: '*',
  commat: '@',
  excl: '!',
  quest: '?',
};

/** No reference is longer, but for zeros in front. */
const LONGEST_ENTITY = 24;
const CLOSED_NUMBER = /^#(?:0*(\d{1,7})|[xX]0*([0-9a-fA-F]{1,6}));/;
/** Where nothing ends it, a number is that of a visible character of ASCII: the digits of a token may follow. */
const OPEN_NUMBER = /^#(?:(1[01]\d|12[0-6]|[3-9]\d)|[xX]([2-7][0-9a-fA-F]))/;
/** What is between the letters of a word and not seen. */
const UNSEEN_ENTITIES = new Set(['shy', 'ZeroWidthSpace', 'NoBreak', 'zwj', 'zwnj']);

/**
 * HTML character references: decimal, hexadecimal and the names of ASCII characters (HTML, section 13.5); of numbers, the
 * semicolon may be missing.
 */
export const readEntity: EscapeReader = (bytes, at) => {
  if (bytes[at] !== 0x26) return undefined;
  const text = latin1(bytes, at + 1, Math.min(bytes.length, at + LONGEST_ENTITY));
  const number = CLOSED_NUMBER.exec(text) ?? OPEN_NUMBER.exec(text);
  if (number !== null) {
    const code = number[1] === undefined ? Number.parseInt(number[2]!, 16) : Number(number[1]);
    return { length: 1 + number[0].length, byte: asciiOf(code) };
  }
  const name = /^(\w+);/.exec(text)?.[1];
  if (name === undefined) return undefined;
  const length = name.length + 2;
  if (UNSEEN_ENTITIES.has(name)) return { length, byte: undefined };
  const character = Object.hasOwn(NAMED, name) ? NAMED[name] : undefined;
  return character === undefined ? undefined : { length, byte: character.charCodeAt(0) };
};
