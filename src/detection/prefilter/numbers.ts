import { HAS_KEYS } from '../decode/byte-list.js';
import { OCTAL } from '../decode/dump.js';
import type { DecoderName } from '../decode/encoding.js';
import { hexOf } from '../decode/hex-digits.js';
import { WORD_FORMS } from '../decode/number-words.js';
import { type Disguise, LONGEST } from './disguise.js';

/** A prefix byte by byte or word by word as numbers. */
export function numberDisguises(prefix: string): Disguise[] {
  return [
    ...byteListDisguises(prefix),
    ...keyedDisguises(prefix),
    ...octalDisguises(prefix),
    ...binaryDisguises(prefix),
    ...WORD_FORMS.flatMap((_, form) => wordDisguises(prefix, form)),
  ];
}

/**
 * Bytes as numbers, in decimal (a `Buffer` in JSON, `[]byte` as Go prints it, as Node's `inspect` aligns them) and in hex
 * (arrays of C). Of those that tools break into lines, two parts, one of which is whole.
 */
function byteListDisguises(prefix: string): Disguise[] {
  const codes = [...prefix].map((one) => one.charCodeAt(0));
  const from = Math.max(0, (codes.length >> 1) - 3);
  const halves = [codes.slice(from, from + 3), codes.slice(from + 3, from + 6)];
  const decimal = (code: number) => String(code);
  const joined = [',', ' ', ';', '; ', '\n', '\r\n', '\t'].map((separator) =>
    codes.map(decimal).join(separator),
  );
  const broken = halves.flatMap((part) => [
    part.map(decimal).join(', '),
    part.map((code, index) => (index === 0 ? decimal(code) : decimal(code).padStart(3))).join(', '),
    // As `od -t d1` and `od -t u1` align them.
    ...[4, 5].map((width) => part.map((code) => decimal(code).padStart(width)).join('')),
    ...[
      (code: number) => `0x${hexOf(code)}`,
      (code: number) => `0x${hexOf(code).toUpperCase()}`,
      (code: number) => `0X${hexOf(code).toUpperCase()}`,
    ].flatMap((form) =>
      [', ', ',', ' ', '\t', ';', '; ', '\n', '\r\n'].map((separator) => part.map(form).join(separator)),
    ),
  ]);
  // A number a line, indented who knows how far: of a low line alone there is enough to look for.
  const indented = ['  95,\n ', '  95,\r\n', '\t\t95,\n\t'];
  return [...joined, ...broken, ...indented].map((text) => plainDisguise(text, 'byte-list'));
}

/** The longest number of a prefix, in its middle: one alone is enough to look for where more than a comma stands beside it. */
function middleOf(prefix: string): number {
  const codes = [...prefix].map((one) => one.charCodeAt(0));
  const middle = prefix.length / 2;
  const long = codes.flatMap((code, at) => (code >= 100 ? [at] : []));
  return codes[long.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle))[0]!]!;
}

/** Numbers with what is between them: keys (a typed array in JSON, dumps of PHP), casts, characters (gdb), marks of lists. */
function keyedDisguises(prefix: string): Disguise[] {
  const code = middleOf(prefix);
  const hex = `0x${hexOf(code)}`;
  const forms = [
    ...['":%,"', '": %,\n', '": %, "', ': %, ', '=> %\n', '=> %,', '] = %', 'int(%)'],
    ...[
      '(byte) %,',
      '(byte)%,',
      'chr(%)',
      'Chr(%)',
      'CHR(%)',
      'CHAR(%)',
      '(char)%,',
      'ChrW(%',
      '[char]%+',
      '"%","',
      '"%", "',
      "'%', '",
    ],
    ...[`% '${String.fromCharCode(code)}'`, '\n %,\n ', '.byte\t%\n', '.byte %\n'],
  ].map((form) => form.replace('%', `${code}`));
  const inHex = [
    `(byte) ${hex}`,
    `(byte)${hex}`,
    `[char]${hex}`,
    `.byte\t${hex}`,
    `${hex},\n `,
    `'${hex}', `,
    `'0x${hexOf(code).toUpperCase()}', `,
    `"${hex}",`,
  ];
  const listed = { ...plainDisguise(`- ${code}\n`, 'byte-list'), after: ' -' };
  const found = [...[...forms, ...inHex].map((text) => plainDisguise(text, 'byte-list')), listed];
  return found.map((each) => ({ ...each, group: HAS_KEYS }));
}

/** As `od -b` and `hexdump -b` print bytes. Two parts, one of which is whole where a line ends. */
function octalDisguises(prefix: string): Disguise[] {
  const from = Math.max(0, (prefix.length >> 1) - 3);
  const codes = [...prefix].map((one) => one.charCodeAt(0).toString(8).padStart(3, '0'));
  return [codes.slice(from, from + 3), codes.slice(from + 3, from + 6)].map((part) => ({
    ...plainDisguise(part.join(' '), 'octal-dump'),
    group: OCTAL,
  }));
}

/** Two bytes of eight digits. `xxd -b` ends its lines behind six bytes, so of two such parts one is whole. */
function binaryDisguises(prefix: string): Disguise[] {
  const at = prefix.indexOf('_');
  const codes = [...prefix].map((one) => one.charCodeAt(0).toString(2).padStart(8, '0'));
  return [codes.slice(at, at + 2), codes.slice(at + 2, at + 4)].flatMap((part) =>
    ['', ' '].map((gap) => plainDisguise(part.join(gap), 'binary')),
  );
}

/** Words of two bytes, of which there are two next to each other, or of four. */
function wordDisguises(prefix: string, group: number): Disguise[] {
  const { base, size, isLittle } = WORD_FORMS[group]!;
  const digits = (at: number) => {
    const part = Buffer.from(prefix.slice(at, at + size), 'latin1');
    return (isLittle ? part.reverse() : part)
      .readUIntBE(0, size)
      .toString(base)
      .padStart(base === 8 ? Math.ceil((8 * size) / 3) : 0, '0');
  };
  if (size === 4) return [0, 1, 2, 3].map((at) => ({ ...plainDisguise(digits(at), 'number-words'), group }));
  const from = Math.max(0, (prefix.length >> 1) - 3);
  return [0, 1, 2, 3].flatMap((at) =>
    [' ', '  ', '   '].map((gap) => ({
      ...plainDisguise(digits(from + at) + gap + digits(from + at + 2), 'number-words'),
      group,
    })),
  );
}

/** One character after the other: in quotes, with keys (a text that was taken for an object), or with one mark between. */
export function characterDisguises(prefix: string): Disguise[] {
  const at = prefix.indexOf('_');
  const [first, second] = [prefix[at]!, prefix[at + 1]!];
  const list = [
    `"${first}","${second}"`,
    `"${first}", "${second}"`,
    `'${first}','${second}'`,
    `'${first}', '${second}'`,
  ];
  // With the indentation before: what ends a line in a list of texts stands everywhere.
  const lines = ['"', "'"].flatMap((quote) =>
    ['  %\n', '\n %\n', '\n\t%\n', '\t\t%\n'].map((line) => line.replace('%', `${quote}${first}${quote},`)),
  );
  const keyed = [`":"${first}","`, `": "${first}",`, `: '${first}', `, `]="${first}" [`];
  const parted = ['^', ' ', ',', ', ', '\n'].map((mark) => [...prefix.slice(at - 1, at + 3)].join(mark));
  return [...list, ...lines, ...keyed, ...parted].map((text) => plainDisguise(text, 'characters'));
}

function plainDisguise(text: string, outer: DecoderName): Disguise {
  return { text: text.slice(0, LONGEST), outer, group: 0 };
}
