import { Base64 } from './base64-spelling.js';
import { base85Bytes, DIGITS85 } from './base85.js';
import { Dump } from './dump-spelling.js';

/** How packed bytes may be written in a text. */
export type Writing =
  | 'base64'
  | 'plantuml'
  | 'base64 in a link'
  | 'hex'
  | 'numbers'
  | 'string'
  | 'string in a string'
  | 'sql string'
  | 'json string'
  | 'dump'
  | 'dump of words'
  | Family;
type Family = keyof typeof DIGITS85 | 'ascii85 in a string';

/** What a kind of text is made of: pieces, each of which stands for digits, or for none. */
export interface Spelling {
  /** What places call it. */
  readonly format: string;
  /** Sticky. */
  readonly token: RegExp;
  /** How many digits stand for whole bytes. */
  readonly group: number;
  /** The digits that a piece stands for, behind so many others; `undefined` where the text is over. */
  digits(found: RegExpExecArray, before: number): string | undefined;
  bytes(digits: string): Buffer;
}

/** Of a text that is about to be read. */
export function spelling(writing: Writing): Spelling {
  switch (writing) {
    case 'base64':
      return new Base64();
    case 'plantuml':
      return inOrder(writing, PLANTUML);
    case 'base64 in a link':
      return inOrder(writing, IN_LINK);
    case 'hex':
      return hexed(
        'hex',
        /([0-9A-Fa-f]+)|\0+|(?:[\r\n]+|\\[\r\n]+)[ \t]*|\\+[nr][ \t]*/y,
        ([, digits]) => digits ?? '',
      );
    case 'numbers':
      return hexed('byte list', NUMBER, numberOf);
    case 'string':
      return quoted('string', ESCAPED);
    case 'string in a string':
      return quoted('string in a string', ESCAPED_TWICE);
    case 'sql string':
      return hexed('sql string', IN_SQL, sqlDigits);
    case 'json string':
      return inJson();
    case 'dump':
      return new Dump(false);
    case 'dump of words':
      return new Dump(true);
    default:
      return inBase85(writing);
  }
}

function hexed(format: string, token: RegExp, digits: Spelling['digits']): Spelling {
  return { format, token: new RegExp(token), group: 2, digits, bytes: (text) => Buffer.from(text, 'hex') };
}

function hexOf(code: number): string {
  return code.toString(16).padStart(2, '0');
}

/** A number, with a key before it, a cast, a sign (bytes of Java are signed), and what parts it from the next. */
const NUMBER =
  /["']?(?:\d{1,6}["']?\s{0,8}(?::|=>)\s{0,16})?(?:\((?:byte|char)\) ?|\[byte\] ?)?(-?)(?:0[xX]([0-9a-fA-F]{1,2})|(\d{1,3}))(?![\w.])["'uU)]{0,2}\s{0,40}[,;]?\s{0,40}\\?\s{0,40}/y;

function numberOf([, sign, hex, decimal]: RegExpExecArray): string | undefined {
  const size = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  return size > 255 ? undefined : hexOf((sign === '-' ? -size : size) & 255);
}

const CONTROLS: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, e: 27 };

/** A quote, perhaps with the next string behind it; an escape; any other character. */
const ESCAPED =
  /(["'])(?:\s{0,40}\\?\s{0,40}[bB]?\1)?|\\x([0-9a-fA-F]{2})|\\([0-7]{1,3})|\\u00([0-9a-fA-F]{2})|\\(\r?\n|[\s\S])|[^\r\n\\]/y;
/** The same in a string of JSON. */
const ESCAPED_TWICE =
  /(["'])|\\\\x([0-9a-fA-F]{2})|\\\\([0-7]{1,3})|\\\\u00([0-9a-fA-F]{2})|\\\\(\\\\|\\"|[^\\])|\\"|[^\r\n\\]/y;

/** The quote that opens or closes a string, or stands for itself; an escape of MySQL's; any byte. */
const IN_SQL = /(''?)|\\([\s\S])|[^\\]/y;
const SQL_CONTROLS: Readonly<Record<string, number>> = { 0: 0, b: 8, n: 10, r: 13, t: 9, Z: 26 };

/** What MySQL writes of bytes (mysql_real_escape_string); it may begin behind the quote. */
function sqlDigits([text, quote, escaped]: RegExpExecArray, before: number): string | undefined {
  if (quote === "'") return before === 0 ? '' : undefined;
  if (escaped !== undefined) return hexOf(SQL_CONTROLS[escaped] ?? last(escaped));
  return hexOf(last(text));
}

/** The quote that opens or closes a string; an escape; a character of two bytes; any other byte. */
const IN_JSON = /(")|\\u00([0-9a-fA-F]{2})|\\(["\\/bfnrt])|([\xc2\xc3][\x80-\xbf])|[^"\\]/y;

/** A string of JSON with a character for each byte: the first that is no ASCII shows whether they are in UTF-8 or in Latin-1. */
function inJson(): Spelling {
  let isUtf8: boolean | undefined;
  return hexed('json string', IN_JSON, ([text, quote, hex, escaped, pair], before) => {
    if (quote !== undefined) return before === 0 ? '' : undefined;
    if (hex !== undefined) return hex;
    if (escaped !== undefined) return hexOf(CONTROLS[escaped] ?? last(escaped));
    if (last(text) >= 0x80) isUtf8 ??= pair !== undefined;
    const bytes = Buffer.from(text, 'latin1');
    return pair !== undefined && isUtf8 ? hexOf(bytes.toString().charCodeAt(0)) : bytes.toString('hex');
  });
}

/** From the quote on that opens a string up to the one that closes it. */
function quoted(format: string, token: RegExp): Spelling {
  let opening = '';
  return hexed(format, token, (found) => {
    const [text, quote, hex, octal, unicode, escaped] = found;
    if (quote !== undefined && opening === '') {
      opening = quote;
      return text.length === 1 ? '' : undefined;
    }
    if (quote === opening) return text.length > 1 ? '' : undefined;
    // The other quote is a character like others.
    if (quote !== undefined) return [...text].map((one) => hexOf(one.charCodeAt(0))).join('');
    if (octal !== undefined) return hexOf(Number.parseInt(octal, 8) & 255);
    if (hex !== undefined || unicode !== undefined) return (hex ?? unicode)!;
    if (escaped !== undefined)
      return /^\r?\n$/.test(escaped) ? '' : hexOf(CONTROLS[escaped] ?? last(escaped));
    return hexOf(last(text));
  });
}

function last(text: string): number {
  return text.charCodeAt(text.length - 1);
}

/** Base64 whose digits are others, or stand in another order. */
function inOrder(format: string, order: string): Spelling {
  return {
    format,
    token: new RegExp(`([${order.replace('-', '\\-')}]+)`, 'y'),
    group: 4,
    digits: ([text]) => text,
    bytes: (text) =>
      Buffer.from(
        text.replace(/./g, (digit) => BASE64[order.indexOf(digit)]!),
        'base64',
      ),
  };
}

/** As plantuml.com/text-encoding has them, those of ten first; and as lz-string has them for links. */
const PLANTUML = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_';
const IN_LINK = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-';
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** What parts lines, and strings that stand in a row. */
const BETWEEN = String.raw`\s+|["']\s{0,40}[bB]?["']`;

function inBase85(writing: Family): Spelling {
  const isEscaped = writing === 'ascii85 in a string';
  const family = isEscaped ? 'ascii85' : writing;
  const digits = DIGITS85[family].replace(isEscaped ? '\\' : '', '').replace(/[\]\\^-]/g, '\\$&');
  const between = family === 'ascii85' ? String.raw`\s+` : BETWEEN;
  return {
    format: writing,
    token: new RegExp(String.raw`([${digits}]+)|(z)|\\([\\"'])|${between}`, 'y'),
    group: 5,
    digits: ([, some, zeros, escaped], before) => {
      if (zeros === undefined) return some ?? escaped ?? '';
      return family === 'ascii85' && before % 5 === 0 ? '!!!!!' : undefined;
    },
    bytes: (text) => base85Bytes(text, DIGITS85[family]),
  };
}
