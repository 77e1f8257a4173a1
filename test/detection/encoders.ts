import { inspect } from 'node:util';
import { BASE85 } from '../../src/detection/decode/base85.js';
import { EBCDIC } from '../../src/detection/decode/ebcdic.js';
import type { Writing } from '../../src/detection/decode/nesting.js';
import { rot13, rot47 } from '../../src/detection/decode/rotated.js';
import {
  cellsOf,
  char,
  columns,
  dump,
  hexdump,
  lines,
  longWords,
  numbers,
  octals,
  pairs,
  printable,
  records,
  two,
  wholeWords,
  words,
  xxd,
} from './dumps.js';

/** Encoders as the world's tools have them: text or bytes in, bytes out. What detection has to undo. */
export interface Encoder {
  readonly name: string;
  /** What `via` calls it. */
  readonly via: readonly string[];
  encode(bytes: Buffer): Buffer;
  /** As the table of pairs that are not undone calls it. */
  readonly writing: Writing;
}

const SEPARATORS = [
  ['a space', ' '],
  ['a tab', '\t'],
  ['a semicolon', ';'],
  ['a semicolon and a space', '; '],
  ['a line end', '\n'],
] as const;

export const ENCODERS: readonly Encoder[] = [
  encoder('base64', ['base64'], (bytes) => bytes.toString('base64')),
  encoder('base64, unpadded', ['base64'], (bytes) => bytes.toString('base64').replaceAll('=', '')),
  encoder('base64url', ['base64', 'base64url'], (bytes) => bytes.toString('base64url')),
  encoder('base64, 64 columns LF', ['base64'], (bytes) => wrap(bytes.toString('base64'), 64, '\n')),
  encoder('base64, 76 columns CRLF', ['base64'], (bytes) => wrap(bytes.toString('base64'), 76, '\r\n')),
  encoder('utf16le', ['utf16le'], (bytes) => Buffer.from(bytes.toString('latin1'), 'utf16le')),
  encoder('utf16le with BOM', ['utf16le'], (bytes) =>
    Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(bytes.toString('latin1'), 'utf16le')]),
  ),
  encoder('utf16be', ['utf16be'], (bytes) => Buffer.from(bytes.toString('latin1'), 'utf16le').swap16()),
  encoder('utf16be with BOM', ['utf16be'], (bytes) =>
    Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(bytes.toString('latin1'), 'utf16le').swap16()]),
  ),
  encoder('utf32le', ['utf32le'], (bytes) => utf32(bytes)),
  encoder('utf32be', ['utf32be'], (bytes) => utf32(bytes).swap32()),
  encoder('hex', ['hex'], (bytes) => bytes.toString('hex')),
  encoder('HEX', ['hex'], (bytes) => bytes.toString('hex').toUpperCase()),
  encoder('hex, spaced', ['hex'], (bytes) => pairs(bytes).join(' ')),
  encoder('hex with colons', ['hex'], (bytes) => pairs(bytes).join(':').toUpperCase()),
  encoder('xxd -p', ['hex'], (bytes) => wrap(bytes.toString('hex'), 60, '\n')),
  encoder('xxd', ['hex'], xxd),
  encoder('hexdump -C', ['hex'], hexdump),
  encoder('percent, all', ['percent'], (bytes) =>
    pairs(bytes)
      .map((pair) => `%${pair.toUpperCase()}`)
      .join(''),
  ),
  encoder('percent, some', ['percent'], (bytes) => some(bytes, (code) => `%${two(code)}`)),
  encoder('percent, needed', ['percent'], (bytes) => needed(bytes, (code) => `%${two(code).toUpperCase()}`)),
  encoder('percent, twice', ['percent'], (bytes) =>
    pairs(bytes)
      .map((pair) => `%25${pair}`)
      .join(''),
  ),
  encoder('\\u, all', ['escape'], (bytes) =>
    pairs(bytes)
      .map((pair) => `\\u00${pair}`)
      .join(''),
  ),
  encoder('\\u, needed', ['escape'], (bytes) => needed(bytes, (code) => `\\u00${two(code)}`)),
  encoder('\\x, all', ['escape'], (bytes) =>
    pairs(bytes)
      .map((pair) => `\\x${pair.toUpperCase()}`)
      .join(''),
  ),
  encoder('\\x, some', ['escape'], (bytes) => some(bytes, (code) => `\\x${two(code)}`)),
  encoder('octal', ['escape'], (bytes) =>
    [...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(''),
  ),
  encoder('&#;, all', ['html-entity'], (bytes) => [...bytes].map((byte) => `&#${byte};`).join('')),
  encoder('&#x;, needed', ['html-entity'], (bytes) =>
    needed(bytes, (code) => `&#x${two(code).toUpperCase()};`),
  ),
  encoder('&lowbar;', ['html-entity'], (bytes) =>
    needed(bytes, (code) => (code === 0x5f ? '&lowbar;' : `&#${code};`)),
  ),
  encoder('quoted-printable', ['quoted-printable'], (bytes) =>
    softlyWrapped(
      needed(bytes, (code) => `=${two(code).toUpperCase()}`),
      76,
    ),
  ),
  rare('Markdown', ['escape'], (bytes) => bytes.toString('latin1').replace(/[_-]/g, '\\$&')),
  rare('Markdown, where needed', ['escape'], (bytes) => bytes.toString('latin1').replace('_', '\\_')),
  rare('Markdown in JSON', ['escape'], (bytes) => bytes.toString('latin1').replace(/[_-]/g, '\\\\$&')),
  rare('TeX by Pygments', ['escape'], (bytes) => bytes.toString('latin1').replaceAll('_', '\\PYZus{}')),
  rare('a span for each character', ['markup'], (bytes) =>
    [...bytes.toString('latin1')].map((one) => `<span class="k1">${one}</span>`).join(''),
  ),
  rare('braces, \\u, all', ['escape'], (bytes) =>
    pairs(bytes)
      .map((pair) => `\\u{${pair}}`)
      .join(''),
  ),
  rare('braces, \\u, needed', ['escape'], (bytes) => needed(bytes, (code) => `\\u{${two(code)}}`)),
  rare('braces, \\x, needed', ['escape'], (bytes) => needed(bytes, (code) => `\\x{${two(code)}}`)),
  rare('&UnderBar;', ['html-entity'], (bytes) => bytes.toString('latin1').replaceAll('_', '&UnderBar;')),
  rare('&#0;, needed', ['html-entity'], (bytes) =>
    needed(bytes, (code) => `&#${`${code}`.padStart(3, '0')};`),
  ),
  rare('&#00;, needed', ['html-entity'], (bytes) =>
    needed(bytes, (code) => `&#${`${code}`.padStart(4, '0')};`),
  ),
  rare('&#x00;, needed', ['html-entity'], (bytes) =>
    needed(bytes, (code) => `&#x00${two(code).toUpperCase()};`),
  ),
  ...['\\N{LOW LINE}', '\\N{low line}', '\\N{U+5F}', '\\N{U+005F}'].map((name) =>
    rare(name, ['escape'], (bytes) => bytes.toString('latin1').replaceAll('_', name)),
  ),
  rare('the first \\N{LOW LINE}', ['escape'], (bytes) =>
    bytes.toString('latin1').replace('_', '\\N{LOW LINE}'),
  ),
  rare('CSS', ['css'], (bytes) => needed(bytes, (code) => `\\${code.toString(16)} `)),
  rare('CSS, six digits', ['css'], (bytes) =>
    needed(bytes, (code) => `\\${code.toString(16).padStart(6, '0').toUpperCase()}`),
  ),
  rare('CSS, all', ['css'], (bytes) => [...bytes].map((code) => `\\${code.toString(16)} `).join('')),
  rare('UTF-7', ['utf7'], (bytes) =>
    bytes
      .toString('latin1')
      .replace(
        /[_="]+/g,
        (run) => `+${Buffer.from(run, 'utf16le').swap16().toString('base64').replaceAll('=', '')}-`,
      ),
  ),
  rare('a Buffer in JSON', ['byte-list'], (bytes) => JSON.stringify(bytes)),
  ...[2, 4, 7, '\t'].map((indent) =>
    rare(`a Buffer in JSON, indented by ${JSON.stringify(indent)}`, ['byte-list'], (bytes) =>
      JSON.stringify(bytes, null, indent),
    ),
  ),
  rare('a list of Python', ['byte-list'], (bytes) => `[${[...bytes].join(', ')}]`),
  rare('a slice of Go', ['byte-list'], (bytes) => `[${[...bytes].join(' ')}]`),
  rare('an array as Node prints it', ['byte-list'], (bytes) =>
    inspect(new Uint8Array(bytes), { maxArrayLength: null }),
  ),
  rare('an array of C', ['byte-list'], (bytes) =>
    wrap(
      pairs(bytes)
        .map((pair) => `0x${pair}, `)
        .join(''),
      72,
      '\n  ',
    ),
  ),
  rare('an array of C, packed', ['byte-list'], (bytes) =>
    pairs(bytes)
      .map((pair) => `0x${pair.toUpperCase()}`)
      .join(','),
  ),
  rare('hexdump', ['hex-words'], (bytes) => words(bytes, true)),
  rare('od -An -x', ['hex-words'], (bytes) => words(bytes, false)),
  rare('od -An -tx1', ['hex'], (bytes) => lines(bytes, (row) => ` ${pairs(row).join(' ')}\n`)),
  rare('od -c', ['octal-dump'], (bytes) => columns(bytes, true)),
  rare('od -An -c', ['octal-dump'], (bytes) => columns(bytes, false)),
  rare('od -b', ['octal-dump'], (bytes) => octals(bytes, () => '')),
  rare('od -t o1z', ['octal-dump'], (bytes) => octals(bytes, (row) => `  >${printable(row)}<`)),
  rare('od -bc', ['octal-dump'], (bytes) => octals(bytes, (row) => `\n       ${cellsOf(row)}`)),
  rare('od -t x1c', ['octal-dump'], (bytes) =>
    dump(
      bytes,
      16,
      (row, at) =>
        `${at.toString(8).padStart(7, '0')}${row.map((one) => `  ${two(one)}`).join('')}\n       ${cellsOf(Buffer.from(row))}`,
    ),
  ),
  ...(
    [
      ['od', 2, 8, ' '],
      ['hexdump -o', 2, 8, '  '],
      ['od -d', 2, 10, ' '],
      ['od -t d2', 2, 10, '  '],
      ['hexdump -d', 2, 10, '   '],
      ['od -t o4', 4, 8, ' '],
      ['od -t u4', 4, 10, ' '],
    ] as const
  ).map(([name, size, base, gap]) =>
    rare(name, ['number-words'], (bytes) =>
      lines(
        wholeWords(bytes),
        (row, at) => `${at.toString(8).padStart(7, '0')}${gap}${numbers(row, size, base).join(gap)}\n`,
      ),
    ),
  ),
  rare('words of four bytes in JSON', ['number-words'], (bytes) =>
    JSON.stringify({
      words: numbers(Buffer.from(wholeWords(bytes)).swap32(), 4, 10).map(Number),
      sigBytes: bytes.length,
    }),
  ),
  rare('a typed array in JSON', ['byte-list'], (bytes) => JSON.stringify(new Uint8Array(bytes))),
  rare('a typed array in JSON, indented', ['byte-list'], (bytes) =>
    JSON.stringify(new Uint8Array(bytes), null, 2),
  ),
  rare(
    'a dictionary of Python',
    ['byte-list'],
    (bytes) => `{${[...bytes].map((one, at) => `${at}: ${one}`).join(', ')}}`,
  ),
  rare(
    'print_r',
    ['byte-list'],
    (bytes) => `Array\n(\n${[...bytes].map((one, at) => `    [${at}] => ${one}\n`).join('')})\n`,
  ),
  rare('a list of YAML', ['byte-list'], (bytes) => [...bytes].map((one) => `  - ${one}\n`).join('')),
  rare('bytes of Java', ['byte-list'], (bytes) =>
    pairs(bytes)
      .map((pair) => `(byte) 0x${pair}`)
      .join(', '),
  ),
  rare('gdb, characters', ['byte-list'], (bytes) =>
    dump(
      bytes,
      8,
      (row, at) =>
        `0x${(0x7ffe1000 + at).toString(16)}:\t${row.map((one) => `${one} '${one === 10 ? '\\n' : char(one)}'`).join('\t')}`,
    ),
  ),
  rare('CHAR of SQL', ['byte-list'], (bytes) => [...bytes].map((one) => `CHAR(${one})`).join('+')),
  rare('chars of C#', ['byte-list'], (bytes) => [...bytes].map((one) => `(char)${one}`).join(',')),
  rare('chr', ['byte-list'], (bytes) => [...bytes].map((one) => `chr(${one})`).join(' + ')),
  rare('a text that was spread', ['characters'], (bytes) =>
    JSON.stringify({ ...[...bytes.toString('latin1')] }),
  ),
  rare('a text that was spread, indented', ['characters'], (bytes) =>
    JSON.stringify({ ...[...bytes.toString('latin1')] }, null, 2),
  ),
  ...[0, 2].map((indent) =>
    rare(`a list of characters, indented by ${indent}`, ['characters'], (bytes) =>
      JSON.stringify([...bytes.toString('latin1')], null, indent),
    ),
  ),
  rare(
    'a list of characters of Python',
    ['characters'],
    (bytes) =>
      `[${[...bytes.toString('latin1')].map((one) => `'${one === '\n' ? '\\n' : one}'`).join(', ')}]`,
  ),
  rare('characters with carets', ['characters'], (bytes) => [...bytes.toString('latin1')].join('^')),
  rare('xxd -b', ['binary'], (bytes) =>
    dump(
      bytes,
      6,
      (row, at) =>
        `${at.toString(16).padStart(8, '0')}: ${row.map(eight).join(' ').padEnd(53)}  ${printable(Buffer.from(row))}`,
    ),
  ),
  rare('binary digits', ['binary'], (bytes) => [...bytes].map(eight).join('')),
  rare('binary digits, parted', ['binary'], (bytes) => [...bytes].map(eight).join(' ')),
  rare('EBCDIC', ['ebcdic'], (bytes) =>
    Buffer.from([...bytes].map((byte) => EBCDIC.get(char(byte)) ?? 0x15)),
  ),
  rare('base32', ['base32'], base32),
  rare('base32, lower case', ['base32'], (bytes) => base32(bytes).toLowerCase()),
  rare('base32, 76 columns', ['base32'], (bytes) => wrap(base32(bytes), 76, '\n')),
  rare('zero-width spaces', ['invisible'], (bytes) =>
    Buffer.from(bytes.toString('latin1').replaceAll('_', '_\u200b')).toString('latin1'),
  ),
  rare('soft hyphens', ['invisible'], (bytes) =>
    Buffer.from(bytes.toString('latin1').replace(/_|[A-Za-z0-9]{12}/g, '$&\u00ad')).toString('latin1'),
  ),
  rare('%u', ['percent'], (bytes) => needed(bytes, (code) => `%u00${two(code)}`)),
  rare('\\U, needed', ['escape'], (bytes) => needed(bytes, (code) => `\\U000000${two(code).toUpperCase()}`)),
  rare('\\u{}, capitals', ['escape'], (bytes) => needed(bytes, (code) => `\\u{${two(code).toUpperCase()}}`)),
  rare('JSON in JSON, needed', ['escape'], (bytes) => needed(bytes, (code) => `\\\\u00${two(code)}`)),
  rare('references without semicolons', ['html-entity'], (bytes) => needed(bytes, (code) => `&#${code}`)),
  rare('references in hex without semicolons', ['html-entity'], (bytes) =>
    pairs(bytes)
      .map((pair) => `&#x${pair}`)
      .join(''),
  ),
  rare('<wbr>', ['markup'], (bytes) => bytes.toString('latin1').replace(/_|[A-Za-z0-9]{12}/g, '$&<wbr>')),
  rare('&shy;', ['html-entity'], (bytes) =>
    bytes.toString('latin1').replace(/_|[A-Za-z0-9]{12}/g, '$&&shy;'),
  ),
  rare('word joiners', ['invisible'], (bytes) =>
    Buffer.from([...bytes.toString('latin1')].join('\u2060')).toString('latin1'),
  ),
  rare('BitConverter', ['hex'], (bytes) => pairs(bytes).join('-').toUpperCase()),
  rare('hex with commas', ['hex'], (bytes) => pairs(bytes).join(',')),
  ...SEPARATORS.map(([name, separator]) =>
    rare(`0x with ${name}`, ['byte-list'], (bytes) =>
      pairs(bytes)
        .map((pair) => `0x${pair}`)
        .join(separator),
    ),
  ),
  ...SEPARATORS.map(([name, separator]) =>
    rare(`numbers with ${name}`, ['byte-list'], (bytes) => [...bytes].join(separator)),
  ),
  rare('od -t d1', ['byte-list'], (bytes) =>
    dump(
      bytes,
      16,
      (row, at) => `${at.toString(8).padStart(7, '0')}${row.map((one) => `${one}`.padStart(5)).join('')}`,
    ),
  ),
  rare('od -t u1', ['byte-list'], (bytes) =>
    dump(
      bytes,
      16,
      (row, at) => `${at.toString(8).padStart(7, '0')}${row.map((one) => `${one}`.padStart(4)).join('')}`,
    ),
  ),
  rare('gdb', ['byte-list'], (bytes) =>
    dump(
      bytes,
      8,
      (row, at) => `0x${(0x7ffe1000 + at).toString(16)}:\t${row.map((one) => `0x${two(one)}`).join('\t')}`,
    ),
  ),
  rare('gdb, of a symbol', ['byte-list'], (bytes) =>
    dump(
      bytes,
      8,
      (row, at) =>
        `0x${(0x4020 + at).toString(16)} <key${at === 0 ? '' : `+${at}`}>:\t${row.map((one) => `0x${two(one)}`).join('\t')}`,
    ),
  ),
  rare('gdb, words at a short address', ['hex-words'], (bytes) =>
    longWords(bytes, 8, (at) => `0x${(0x4020 + at).toString(16)} <key+${at}>:`, '\t0x'),
  ),
  rare('R', ['byte-list'], (bytes) =>
    dump(
      bytes,
      19,
      (row, at) => `${`[${at + 1}]`.padStart(5)}${row.map((one) => `${one}`.padStart(4)).join('')}`,
    ),
  ),
  rare('&#8203;', ['html-entity'], (bytes) => bytes.toString('latin1').replaceAll('_', '_&#8203;')),
  rare('base64 in YAML', ['base64'], (bytes) => wrap(long(bytes), 64, '\n    ')),
  rare('base64 in a property list', ['base64'], (bytes) => `\t${wrap(long(bytes), 68, '\n\t')}\n`),
  rare('escapes in strings that are continued', ['escape'], (bytes) =>
    lines(
      bytes,
      (row) =>
        `"${pairs(row)
          .map((pair) => `\\x${pair}`)
          .join('')}" \\\n`,
    ),
  ),
  rare('base64 in YAML, CRLF', ['base64'], (bytes) => wrap(long(bytes), 76, '\r\n  ')),
  rare('base64 in strings of JavaScript', ['base64'], (bytes) => `"${wrap(long(bytes), 76, '" +\n    "')}"`),
  rare('base64 in strings of C', ['base64'], (bytes) => `"${wrap(long(bytes), 64, '"\n  "')}"`),
  rare('base64 in strings of PHP', ['base64'], (bytes) => `'${wrap(long(bytes), 76, "'\n   . '")}'`),
  ...[
    ['a patch, added', '+'],
    ['a patch, taken out', '-'],
    ['a quotation', '> '],
    ['a comment', '# '],
    ['a comment of C', '// '],
  ].map(([name, mark]) =>
    rare(`base64 in ${name}`, ['base64'], (bytes) => `${mark}${wrap(long(bytes), 64, `\n${mark}`)}\n`),
  ),
  rare('base64 in LDIF', ['base64'], (bytes) => `${wrap(long(bytes), 60, '\n ')}\n`),
  rare('base64 in JSON in JSON', ['escape', 'base64'], (bytes) => wrap(long(bytes), 76, '\\\\n')),
  rare('UTF-16 in JSON', ['escape'], (bytes) => [...bytes].map((byte) => `${char(byte)}\\u0000`).join('')),
  rare('UTF-16 as Python prints it', ['escape'], (bytes) =>
    [...bytes].map((byte) => `${char(byte)}\\x00`).join(''),
  ),
  rare('UTF-16 in a URL', ['percent'], (bytes) => [...bytes].map((byte) => `${char(byte)}%00`).join('')),
  rare('UTF-16 in the registry', ['hex', 'escape'], (bytes) => {
    const digits = pairs(bytes).flatMap((pair) => [pair, '00']);
    const lines = Array.from({ length: Math.ceil(digits.length / 25) }, (_, line) =>
      digits.slice(line * 25, line * 25 + 25).join(','),
    );
    return `hex(1):${lines.join(',\\\r\n  ')}\r\n`;
  }),
  rare('UTF-16 in the registry, exported', ['utf16le', 'hex', 'escape'], (bytes) =>
    Buffer.from(
      `\ufeff"NPM_TOKEN"=hex(2):${wrap(
        pairs(bytes)
          .map((pair) => `${pair},00,`)
          .join(''),
        75,
        '\\\r\n  ',
      )}00,00\r\n`,
      'utf16le',
    ),
  ),
  ...['2026-11-30T07:00:0%.12345%Z ', 'Nov 30 07:00:0% host app[12]: ', 'app-1  | '].flatMap((head) => [
    rare(`base64 behind ${head}`, ['base64'], (bytes) => logged(wrap(long(bytes), 76, '\n'), head)),
    rare(`xxd -p behind ${head}`, ['hex'], (bytes) => logged(wrap(bytes.toString('hex'), 60, '\n'), head)),
    rare(`xxd behind ${head}`, ['hex'], (bytes) => logged(xxd(bytes).trimEnd(), head)),
    rare(`hexdump -C behind ${head}`, ['hex'], (bytes) => logged(hexdump(bytes).trimEnd(), head)),
  ]),
  rare('strace -e write', ['hex'], (bytes) =>
    lines(bytes, (row, offset) => {
      const [left, right] = [row.subarray(0, 8), row.subarray(8)].map((half) => pairs(half).join(' '));
      return ` | ${offset.toString(16).padStart(5, '0')}  ${left!.padEnd(23)}  ${right!.padEnd(23)}  ${printable(row).padEnd(16)} |\n`;
    }),
  ),
  rare('OpenSSL', ['hex'], (bytes) =>
    lines(bytes, (row, offset) => {
      const digits = pairs(row)
        .join(' ')
        .replace(/^(.{23}) /, '$1-');
      return `${offset.toString(16).padStart(4, '0')} - ${digits.padEnd(47)}   ${printable(row)}\n`;
    }),
  ),
  rare('NSData', ['hex'], (bytes) => `<${wrap(bytes.toString('hex'), 8, ' ')}>`),
  rare('hexdump -x', ['hex-words'], (bytes) => words(bytes, true).replaceAll(' ', '    ')),
  rare('od -t x4', ['hex-words'], (bytes) =>
    longWords(bytes, 4, (at) => at.toString(8).padStart(7, '0'), ' '),
  ),
  rare('od -An -t x8', ['hex-words'], (bytes) => longWords(bytes, 8, () => '', ' ')),
  ...[4, 8].map((size) =>
    rare(`gdb, words of ${size}`, ['hex-words'], (bytes) =>
      longWords(bytes, size, (at) => `0x${(0x7ffe1000 + at).toString(16)} <buffer+${at}>:`, '\t0x'),
    ),
  ),
  rare('xxd -e', ['hex-words'], (bytes) =>
    lines(bytes, (row, offset) => {
      const groups = (row.toString('hex').match(/.{1,8}/g) ?? []).map((group) =>
        Buffer.from(group, 'hex').reverse().toString('hex').padStart(8),
      );
      return `${offset.toString(16).padStart(8, '0')}: ${groups.join(' ').padEnd(35)}  ${printable(row)}\n`;
    }),
  ),
  rare('\\x in JSON', ['escape'], (bytes) =>
    pairs(bytes)
      .map((pair) => `\\\\x${pair}`)
      .join(''),
  ),
  rare('octal in JSON, needed', ['escape'], (bytes) =>
    needed(bytes, (code) => `\\\\${code.toString(8).padStart(3, '0')}`),
  ),
  rare('JSON in JSON in JSON, needed', ['escape'], (bytes) =>
    needed(bytes, (code) => `\\\\\\\\u00${two(code)}`),
  ),
  ...BASE85.map(({ encoding, digits }) => rare(encoding, [encoding], (bytes) => base85(bytes, digits))),
  rare(
    'Ascii85 of PostScript',
    ['ascii85'],
    (bytes) => `<~${wrap(base85(bytes, BASE85[0]!.digits), 76, '\n')}~>`,
  ),
  rare('yEnc', ['yenc'], yenc),
  rare('Intel HEX', ['hex'], (bytes) => records(bytes, ':', [])),
  rare('S-records', ['hex'], (bytes) => records(bytes, 'S3', [8, 0])),
  rare('rot13', ['rot13'], (bytes) => rot13(bytes.toString('latin1'))),
  rare('rot47', ['rot47'], (bytes) => rot47(bytes.toString('latin1'))),
  rare('reversed', ['reversed'], (bytes) => [...bytes.toString('latin1')].reverse().join('')),
  rare('bold, as man prints it', ['overstrike'], (bytes) =>
    bytes.toString('latin1').replace(/\S/g, '$&\b$&'),
  ),
  rare('underlined, as man prints it', ['overstrike'], (bytes) =>
    bytes.toString('latin1').replace(/\S/g, '_\b$&'),
  ),
  rare('a colour for each character', ['ansi'], (bytes) =>
    bytes.toString('latin1').replace(/\S/g, '\x1b[38;5;154m$&\x1b[39m'),
  ),
  rare('fullwidth', ['fullwidth'], (bytes) => fullwidth(bytes, /[!-~]/g)),
  rare('fullwidth low lines', ['fullwidth'], (bytes) => fullwidth(bytes, /_/g)),
  rare('fullwidth in JSON', ['escape'], (bytes) =>
    bytes.toString('latin1').replace(/[!-~]/g, (one) => `\\u${(0xfee0 + one.charCodeAt(0)).toString(16)}`),
  ),
  rare('zero-width joiners', ['invisible'], (bytes) =>
    Buffer.from([...bytes.toString('latin1')].join('\u200d')).toString('latin1'),
  ),
  ...(
    [
      ['PHP that appends', "$x .= '", "';\n$x .= '", "';"],
      ['Visual Basic that appends', 's = s & "', '"\r\ns = s & "', '"\r\n'],
      ['a script that writes it', 'echo ', '>>a.b64\r\necho ', '>>a.b64\r\n'],
      ['a comment of SQL', '\n-- ', '\n-- ', '\n'],
      ['what grep prints', '\n./a.pem:', '\n./a.pem:', '\n'],
      ['a table', '\n| ', ' |\n| ', ' |\n'],
      ['PowerShell', "$x = '", "' + `\r\n  '", "'\r\n"],
      ['HTML', '', '<br>', '<br>'],
      ['a string that backslashes continue', '"', '\\\n  ', '"'],
    ] as const
  ).map(([name, before, between, behind]) =>
    rare(`base64 in ${name}`, ['base64'], (bytes) => `${before}${wrap(long(bytes), 64, between)}${behind}`),
  ),
  rare('JSON four deep, low lines alone', ['escape'], (bytes) =>
    bytes.toString('latin1').replaceAll('_', `${'\\'.repeat(8)}u005f`),
  ),
  rare('base64 in a list', ['base64'], (bytes) => `'${wrap(long(bytes), 76, "',\n  '")}'`),
];

/** Each line behind what a log puts before it; `%` stands for a digit that changes. */
function logged(text: string, head: string): string {
  return text.replace(
    /^.*$/gm,
    (line, at: number) => `${head.replaceAll('%', String((at >> 5) % 10))}${line}`,
  );
}

/** In lines: no text that is worth it is shorter than one. */
function long(bytes: Buffer): string {
  return Buffer.concat([Buffer.alloc(60, 'an application=of some kind; '), bytes]).toString('base64');
}

/** Not looked for inside other encodings. */
function rare(name: string, via: readonly string[], encode: (bytes: Buffer) => string | Buffer): Encoder {
  return { ...encoder(name, via, encode), writing: 'rare' };
}

function encoder(name: string, via: readonly string[], encode: (bytes: Buffer) => string | Buffer): Encoder {
  return {
    name,
    via,
    writing: writingOf(name, via),
    encode: (bytes) => {
      const encoded = encode(bytes);
      return typeof encoded === 'string' ? Buffer.from(encoded, 'latin1') : encoded;
    },
  };
}

function writingOf(name: string, via: readonly string[]): Writing {
  if (name.startsWith('utf')) return 'wide';
  if (via.includes('base64')) return 'base64';
  if (via.includes('hex')) return /spaced|colons|xxd$|hexdump/.test(name) ? 'separated hex' : 'packed hex';
  return name.endsWith(', some') ? 'chosen escapes' : 'escapes';
}

function wrap(text: string, columns: number, end: string): string {
  return (text.match(new RegExp(`[^]{1,${columns}}`, 'g')) ?? []).join(end);
}

/** RFC 2045, section 6.7: lines of at most so many characters, the `=` included; no escape is cut. */
function softlyWrapped(text: string, columns: number): string {
  let line = '';
  let result = '';
  for (const one of text.match(/=..|[^=]/gs) ?? []) {
    if (line.length + one.length >= columns) {
      result += `${line}=\r\n`;
      line = '';
    }
    line += one;
  }
  return result + line;
}

function utf32(bytes: Buffer): Buffer {
  return Buffer.from([...bytes].flatMap((byte) => [byte, 0, 0, 0]));
}

function eight(code: number): string {
  return code.toString(2).padStart(8, '0');
}

function some(bytes: Buffer, form: (code: number) => string): string {
  return [...bytes]
    .map((byte, index) => (index % 3 === 1 || !/[A-Za-z0-9]/.test(char(byte)) ? form(byte) : char(byte)))
    .join('');
}

function needed(bytes: Buffer, form: (code: number) => string): string {
  return [...bytes].map((byte) => (/[A-Za-z0-9]/.test(char(byte)) ? char(byte) : form(byte))).join('');
}

export function base85(bytes: Buffer, digits: string): string {
  // Z85 has whole groups alone.
  const whole = Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4, ' ')]);
  return Array.from({ length: whole.length / 4 }, (_, group) =>
    [4, 3, 2, 1, 0]
      .map((place) => digits[Math.floor(whole.readUInt32BE(4 * group) / 85 ** place) % 85])
      .join(''),
  ).join('');
}

function yenc(bytes: Buffer): Buffer {
  const moved = [...bytes].map((byte) => (byte + 42) & 255);
  const data = moved.flatMap((byte) => ([0, 10, 13, 61].includes(byte) ? [61, (byte + 64) & 255] : [byte]));
  return Buffer.concat([
    Buffer.from('=ybegin line=128 size=9 name=a\r\n'),
    Buffer.from(data),
    Buffer.from('\r\n=yend'),
  ]);
}

function fullwidth(bytes: Buffer, which: RegExp): string {
  const wide = (one: string) => String.fromCharCode(0xfee0 + one.charCodeAt(0));
  return Buffer.from(bytes.toString('latin1').replace(which, wide)).toString('latin1');
}

/** RFC 4648, section 6. */
function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const text = (bits.match(/.{1,5}/g) ?? [])
    .map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five.padEnd(5, '0'), 2)])
    .join('');
  return text.padEnd(Math.ceil(text.length / 8) * 8, '=');
}
