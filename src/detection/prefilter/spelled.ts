import { BASE85 } from '../decode/base85.js';
import { hexOf } from '../decode/hex-digits.js';
import type { PackedWriting } from './packed.js';

/** How something packed begins where its bytes are spelled out. */
interface Beginning {
  readonly text: string;
  readonly writing: PackedWriting;
  /** How many characters stand before what is packed. */
  readonly group: number;
  readonly after?: string;
}

/** Three bytes or four of what people print: gzip, zip, Zstandard. */
const COMMON = ['\x1f\x8b\x08', 'PK\x03\x04', '\x28\xb5\x2f\xfd'];
/** By level (RFC 1950, 2.2). */
const ZLIB = ['\x78\x9c', '\x78\xda', '\x78\x01', '\x78\x5e'];

export function spelledBeginnings(): Beginning[] {
  return [
    ...COMMON.flatMap((bytes) => [...inNumbers(bytes), ...inStrings(bytes), ...inDumps(bytes)]),
    ...ZLIB.flatMap((bytes) => [...zlibInStrings(bytes), ...zlibInDumps(bytes)]),
    ...inSql(),
    ...inJson(),
    beginning('120,156,', 'numbers'),
    beginning('120, 156, ', 'numbers'),
    ...inBase85(),
  ];
}

function inNumbers(bytes: string): Beginning[] {
  const codes = [...bytes].map((one) => one.charCodeAt(0));
  const signed = codes.map((code) => (code > 127 ? code - 256 : code));
  const lists = [codes, ...(signed.join() === codes.join() ? [] : [signed])].flatMap((numbers) => [
    `${numbers.join(',')},`,
    `${numbers.join(', ')},`,
  ]);
  const indented = [2, 4, 6].map((width) => `${codes[0]},\n${' '.repeat(width)}${codes[1]},\n`);
  const hexed = [', ', ',', ' '].flatMap((gap) => {
    const text = codes.map((code) => `0x${hexOf(code)}`).join(gap);
    return [text, text.toUpperCase().replaceAll('X', 'x')];
  });
  const others = [`${codes.join(' ')} `, `"0":${codes[0]},"1":${codes[1]},`, `[${codes[0]} ${codes[1]} `];
  return [
    ...[...lists, ...indented, ...hexed, others[0]!].map((text) => beginning(text, 'numbers')),
    beginning(others[1]!, 'numbers'),
  ];
}

/** As Python and C write them: visible characters as they are. */
function inStrings(bytes: string): Beginning[] {
  const hexed = escaped(bytes, (code) => `\\x${hexOf(code)}`);
  const octal = escaped(bytes, (code) => `\\${code.toString(8).padStart(3, '0')}`);
  const all = [...bytes].map((one) => `\\x${hexOf(one.charCodeAt(0))}`).join('');
  const forms = [
    hexed,
    hexed.replace(/x../g, (digits) => digits.toUpperCase().replace('X', 'x')),
    octal,
    all,
  ];
  const quoted = ['"', "'"].flatMap((quote) => [...new Set(forms)].map((form) => quote + form));
  const twice = ["'", '\\"'].map((quote) => quote + hexed.replaceAll('\\', '\\\\'));
  return [
    ...quoted.filter(({ length }) => length >= 7).map((text) => beginning(text, 'string')),
    ...twice.map((text) => ({
      ...beginning(text, 'string in a string'),
      group: text.startsWith('\\') ? 1 : 0,
    })),
  ];
}

function zlibInStrings(bytes: string): Beginning[] {
  const text = escaped(bytes, (code) => `\\x${hexOf(code)}`);
  return ['"', "'"]
    .map((quote) => `b${quote}${text}`)
    .filter(({ length }) => length >= 7)
    .map((each) => ({ text: each, writing: 'string', group: 1 }));
}

/** Bytes as they are in a string, as dumps of MySQL have them: behind what tells of bytes, or others of the row. */
function inSql(): Beginning[] {
  const [gzip, zip, zstd] = COMMON;
  const gzips = [`${gzip}\\0`, `${gzip}\x08`];
  const common = [...gzips, zip!].flatMap((bytes) => [",'", "('"].map((lead) => lead + bytes));
  const told = [...gzips, zip, zstd, ...ZLIB].map((bytes) => `_binary '${bytes}`);
  return [...common, ...told]
    .filter(({ length }) => length >= 7)
    .map((text) => ({ text, writing: 'sql string', group: text.indexOf("'") }));
}

/** How a field of Excalidraw's begins that holds zlib. */
export const ENCODED_STRING = 'ed":"x\x9c';

/** A character for each byte, as JSON has it: escaped, in UTF-8 or in Latin-1. */
function inJson(): Beginning[] {
  const gzips = ['\\u008b', '\xc2\x8b', '\x8b'].map((second) => `"\\u001f${second}\\b`);
  const escaped = ['9c', 'da'].map((level) => `"x\\u00${level}`);
  // Of what stands before the string, as much as makes a literal of it.
  const leads = ['": ', '":[', '   ', ...[...'abcdefghijklmnopqrstuvwxyz'].map((letter) => `${letter}":`)];
  const zlibs = [...escaped, ...leads.map((lead) => `${lead}"x\xc2\x9c`)];
  return [...gzips, ...zlibs, ENCODED_STRING].map((text) => ({
    text,
    writing: 'json string',
    group: text.lastIndexOf('"'),
  }));
}

function inDumps(bytes: string): Beginning[] {
  const pairs = [...bytes].map((one) => hexOf(one.charCodeAt(0)));
  const inBoth = (text: string) => [...new Set([text, text.toUpperCase()])];
  const [first, second, third, fourth = '00'] = pairs;
  const groups = fourth === '00' && bytes.length < 4 ? ['00', '08', '04'] : [fourth];
  return [
    ...groups.flatMap((last) => [
      beginning(`${first}${second} ${third}${last}`, 'dump'),
      beginning(`${second}${first} ${last}${third}`, 'dump of words'),
    ]),
    ...[' ', ':', '-']
      .flatMap((gap) => inBoth(`${pairs.join(gap)}${gap}`))
      .map((text) => beginning(text, 'dump')),
  ];
}

/** Two bytes alone are looked for where a dump begins. */
function zlibInDumps(bytes: string): Beginning[] {
  const [first, second] = [...bytes].map((one) => hexOf(one.charCodeAt(0))) as [string, string];
  return [
    { text: `0000: ${first}${second} `, writing: 'dump', group: 6 },
    { text: `0000  ${first} ${second} `, writing: 'dump', group: 6 },
  ];
}

/** Headers of which a group or more is known: gzip without a time, zip; others behind what opens a string. */
function inBase85(): Beginning[] {
  return BASE85.flatMap(({ encoding, digits }) => {
    const writing = encoding as 'ascii85' | 'z85' | 'base85';
    const zips = ['\x14\0', '\x0a\0', '\x2d\0'].map((version) => digitsOf(`PK\x03\x04${version}`, digits));
    const gzips = ['\0', '\x08'].map((flags) => digitsOf(`\x1f\x8b\x08${flags}`, digits));
    const timeless = digitsOf('\x1f\x8b\x08\0\0\0\0\0', digits);
    const leads =
      writing === 'ascii85' ? ['<~'] : ['b', '(', ' ', '='].flatMap((lead) => [`${lead}"`, `${lead}'`]);
    return [
      ...zips.map((text) => beginning(text, writing)),
      ...(writing === 'ascii85' ? [] : [beginning(timeless, writing)]),
      ...gzips.flatMap((text) => leads.map((lead) => ({ text: lead + text, writing, group: 2 }))),
    ];
  });
}

/** The digits that bytes make for certain. */
function digitsOf(bytes: string, digits: string): string {
  const [least, most] = ['\0', '\xff'].map((rest) => {
    const whole = Buffer.from(bytes.padEnd(Math.ceil(bytes.length / 4) * 4, rest), 'latin1');
    let text = '';
    for (let at = 0; at < whole.length; at += 4) {
      const word = whole.readUInt32BE(at);
      for (let place = 4; place >= 0; place--) text += digits[Math.floor(word / 85 ** place) % 85];
    }
    return text;
  }) as [string, string];
  let length = 0;
  while (length < least.length && least[length] === most[length]) length++;
  return least.slice(0, length);
}

function escaped(bytes: string, form: (code: number) => string): string {
  return [...bytes].map((one) => (/[ -~]/.test(one) ? one : form(one.charCodeAt(0)))).join('');
}

function beginning(text: string, writing: PackedWriting): Beginning {
  return { text, writing, group: 0 };
}
