import { EBCDIC } from '../decode/ebcdic.js';
import type { DecoderName } from '../decode/encoding.js';
import { hexOf } from '../decode/hex-digits.js';
import { rot13, rot47 } from '../decode/rotated.js';
import { YENC } from '../decode/yenc.js';
import { base85Disguises } from './base85-disguise.js';
import { type Disguise, type EscapeForm, fullyEscaped, LONGEST, SHORTEST } from './disguise.js';
import { characterDisguises, numberDisguises } from './numbers.js';

/**
 * Writings that are looked for around a prefix alone, not inside other encodings (see `decode/nesting.ts`): each pair
 * would cost as many literals as there are encodings.
 */
export function rareDisguises(prefix: string): Disguise[] {
  return [
    ...RARE_FORMS.flatMap((form) => fullyEscaped(prefix, form)),
    ...fewEscaped(prefix),
    ...deeplyEscaped(prefix),
    ...numberDisguises(prefix),
    ...characterDisguises(prefix),
    plainDisguise([...prefix].map((one) => String.fromCharCode(EBCDIC.get(one) ?? 0)).join(''), 'ebcdic'),
    ...base85Disguises(prefix),
    plainDisguise([...prefix].map((one) => String.fromCharCode(one.charCodeAt(0) + YENC)).join(''), 'yenc'),
    plainDisguise([...prefix].reverse().join(''), 'reversed'),
    plainDisguise(rot13(prefix), 'rot13'),
    plainDisguise(rot47(prefix), 'rot47'),
    ...overstruck(prefix),
    ...fullwidthDisguises(prefix),
    ...dumpDisguises(prefix),
    ...base32Disguises(prefix),
    ...invisibleDisguises(prefix),
    ...markupDisguises(prefix),
    ...joinedHexDisguises(prefix),
    ...wideInTextDisguises(prefix),
    plainDisguise([...prefix].map((one) => (one === '_' ? '+AF8-' : one)).join(''), 'utf7'),
  ];
}

const isJoint = (code: number) => code === 0x5f || code === 0x2d;

const RARE_FORMS: readonly EscapeForm[] = [
  // Markdown, TeX.
  { outer: 'escape', forms: (code) => (isJoint(code) ? [`\\${String.fromCharCode(code)}`] : []) },
  // The same in JSON.
  { outer: 'escape', forms: (code) => (isJoint(code) ? [`\\\\${String.fromCharCode(code)}`] : []) },
  // TeX by Pygments.
  { outer: 'escape', forms: (code) => (code === 0x5f ? ['\\PYZus{}'] : []) },
  { outer: 'escape', forms: (code) => [`\\u{${hexOf(code)}}`, `\\u{${hexOf(code).toUpperCase()}}`] },
  { outer: 'escape', forms: (code) => [`\\U000000${hexOf(code)}`, `\\U000000${hexOf(code).toUpperCase()}`] },
  // JSON in JSON, once more, and other source code in JSON.
  { outer: 'escape', forms: (code) => [`\\\\u00${hexOf(code)}`, `\\\\u00${hexOf(code).toUpperCase()}`] },
  {
    outer: 'escape',
    forms: (code) => [`\\\\\\\\u00${hexOf(code)}`, `\\\\\\\\u00${hexOf(code).toUpperCase()}`],
  },
  { outer: 'escape', forms: (code) => [`\\\\x${hexOf(code)}`, `\\\\x${hexOf(code).toUpperCase()}`] },
  { outer: 'escape', forms: (code) => [`\\\\${code.toString(8).padStart(3, '0')}`] },
  { outer: 'percent', forms: (code) => [`%u00${hexOf(code)}`, `%u00${hexOf(code).toUpperCase()}`] },
  { outer: 'escape', forms: (code) => [`\\x{${hexOf(code)}}`] },
  { outer: 'html-entity', forms: (code) => (code === 0x5f ? ['&UnderBar;'] : []) },
  { outer: 'html-entity', forms: (code) => [`&#${code}`] },
  { outer: 'html-entity', forms: (code) => [`&#x${hexOf(code)}`, `&#x${hexOf(code).toUpperCase()}`] },
  { outer: 'html-entity', forms: (code) => [`&#0${code};`] },
  { outer: 'html-entity', forms: (code) => [`&#00${code};`] },
  { outer: 'html-entity', forms: (code) => [`&#x00${hexOf(code)};`, `&#x00${hexOf(code).toUpperCase()};`] },
];

/** Markdown needs no backslash before a low line inside a word: some are escaped, some not. */
function fewEscaped(prefix: string): Disguise[] {
  const joints = [...prefix].flatMap((one, at) => (one === '_' ? [at] : []));
  return joints.flatMap((at) =>
    ['\\_', '\\\\_'].map((escaped) =>
      plainDisguise(`${prefix.slice(0, at)}${escaped}${prefix.slice(at + 1)}`, 'escape'),
    ),
  );
}

/** JSON in JSON, however deep, where only low lines are escaped: what stands between two of them, and a backslash. */
function deeplyEscaped(prefix: string): Disguise[] {
  const word = prefix.split('_')[1]!;
  return ['5f', '5F'].map((digits) => plainDisguise(`u00${digits}${word}\\`, 'escape'));
}

/**
 * Dumps that are no pairs of digits: words of two bytes, the second first (`hexdump`, `od -x`), or of four and eight, the
 * last first (debuggers, `od -t x8`), and characters in columns (`od -c`). Parts, one of which is whole where a line or a
 * word ends.
 */
function dumpDisguises(prefix: string): Disguise[] {
  const from = Math.max(0, (prefix.length >> 1) - 3);
  const words = [0, 1].flatMap((phase) => {
    const all: string[] = [];
    for (let at = from + phase; at + 1 < prefix.length; at += 2) {
      all.push(hexOf(prefix.charCodeAt(at + 1)) + hexOf(prefix.charCodeAt(at)));
    }
    return [all.slice(0, 2), all.slice(1, 3)].flatMap((part) => [part.join(' '), part.join('    ')]);
  });
  const long = [0, 1, 2, 3].map((at) => [...prefix.slice(at, at + 4)].reverse());
  // Where words are joined, so that there is more to them than letters in wide columns.
  const joints = [prefix.indexOf('_') + 1, prefix.length];
  const characters = joints.map((end) => prefix.slice(Math.max(0, end - 4), end));
  return [
    ...words.map((text) => plainDisguise(text, 'hex-words')),
    ...long.map((part) => plainDisguise(part.map((one) => hexOf(one.charCodeAt(0))).join(''), 'hex-words')),
    ...characters.map((part) => plainDisguise([...part].join('   '), 'octal-dump')),
  ];
}

/** What base32 (RFC 4648) makes of a prefix at each of five alignments, in both cases, and where a line ends in it. */
function base32Disguises(prefix: string): Disguise[] {
  return [0, 1, 2, 3, 4].flatMap((alignment) => {
    const first = Math.ceil((8 * alignment) / 5);
    const last = Math.floor((8 * (alignment + prefix.length)) / 5);
    const text = base32('\0'.repeat(alignment) + prefix).slice(first, last);
    const whole: Disguise = { text, outer: 'base32', group: (8 - (first % 8)) % 8 };
    const broken = Array.from({ length: Math.min(text.length, LONGEST) - 1 }, (_, index): Disguise => {
      const at = index + 1;
      return {
        ...whole,
        text: `${text.slice(0, at)}\n${text.slice(at)}`,
        group: at <= whole.group ? whole.group + 1 : whole.group,
      };
    });
    return [whole, { ...whole, text: text.toLowerCase() }, ...broken];
  });
}

/** RFC 4648, section 6, without padding and what is left of the last group. */
function base32(text: string): string {
  const bits = [...text].map((one) => one.charCodeAt(0).toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{5}/g) ?? [])
    .map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five, 2)])
    .join('');
}

/** Bold and underlined characters as `man` prints them; each one between two colours. */
function overstruck(prefix: string): Disguise[] {
  const bold = [...prefix].map((one) => `${one}\b${one}`).join('');
  const underlined = [...prefix].map((one) => `_\b${one}`).join('');
  const group = prefix.charCodeAt(prefix.indexOf('_') - 1);
  const coloured = ['0m\x1b', '39m', 'm\x1b['].map((end) => ({
    ...plainDisguise(`m_\x1b[${end}`, 'ansi'),
    group,
  }));
  return [plainDisguise(bold, 'overstrike'), plainDisguise(underlined, 'overstrike'), ...coloured];
}

/** As an input method for East Asian text writes all of it, or the low lines alone. */
function fullwidthDisguises(prefix: string): Disguise[] {
  const codes = [...prefix].map((one) => 0xfee0 + one.charCodeAt(0));
  const wide = Buffer.from(String.fromCharCode(...codes)).toString('latin1');
  const digits = codes.map((code) => `\\u${code.toString(16)}`).join('');
  const mixed = prefix.replaceAll('_', '\xef\xbc\xbf');
  return [
    plainDisguise(wide, 'fullwidth'),
    plainDisguise(mixed, 'fullwidth'),
    plainDisguise(digits, 'escape'),
    plainDisguise(digits.toUpperCase().replaceAll('U', 'u'), 'escape'),
  ];
}

/** Characters that are not seen, put in after a low line so that a line may end there, come along when it is copied. */
function invisibleDisguises(prefix: string): Disguise[] {
  const forms: [string, DecoderName][] = [
    ['\xe2\x80\x8b', 'invisible'],
    ['\xe2\x80\x8c', 'invisible'],
    ['\xe2\x80\x8d', 'invisible'],
    ['\xe2\x80\x8e', 'invisible'],
    ['\xe2\x81\xa0', 'invisible'],
    ['\xef\xb8\x8f', 'invisible'],
    ['\xef\xbb\xbf', 'invisible'],
    ['\xc2\xad', 'invisible'],
    ['&#8203;', 'html-entity'],
    ['&shy;', 'html-entity'],
    ['&ZeroWidthSpace;', 'html-entity'],
    ['\\u200b', 'escape'],
    ['\\ufeff', 'escape'],
  ];
  return forms.flatMap(([invisible, outer]) =>
    [afterFirstJoint(prefix, invisible), [...prefix].join(invisible)].map((text) =>
      plainDisguise(text, outer),
    ),
  );
}

/** Pages say where a line may end, after a low line, and set each character by itself. */
function markupDisguises(prefix: string): Disguise[] {
  const breaks = ['<wbr>', '<wbr/>', '<wbr />'].map((tag) => afterFirstJoint(prefix, tag));
  return [...breaks, '>_</spa'].map((text) => plainDisguise(text, 'markup'));
}

function afterFirstJoint(prefix: string, text: string): string {
  const at = prefix.indexOf('_') + 1;
  return prefix.slice(0, at) + text + prefix.slice(at);
}

/**
 * Pairs of digits with a dash, as .NET's `BitConverter` writes them, or a comma. Two parts, for where a line ends. And in
 * groups of four, as macOS shows data, where neither part of packed digits is whole.
 */
function joinedHexDisguises(prefix: string): Disguise[] {
  const from = Math.max(0, (prefix.length >> 1) - 4);
  const pairs = [...prefix.slice(from, from + 8)].map((one) => hexOf(one.charCodeAt(0)));
  const grouped = plainDisguise(`${pairs[0]} ${pairs.slice(1, 5).join('')}`, 'hex');
  return [grouped, ...inParts(pairs)];
}

function inParts(pairs: readonly string[]): Disguise[] {
  return [pairs.slice(0, 4), pairs.slice(-4)].flatMap((part) =>
    ['-', ',', ', '].flatMap((separator) => {
      const text = part.join(separator);
      return [text, text.toUpperCase()].map((each) => plainDisguise(each, 'hex'));
    }),
  );
}

/** What writers of text make of the zero bytes of UTF-16 that is no text to them: nothing else in a prefix is escaped. */
const ZEROS: readonly (readonly [string, DecoderName])[] = [
  ['\\u0000', 'escape'],
  ['\\x00', 'escape'],
  ['\\000', 'escape'],
  ['%00', 'percent'],
  ['=00', 'quoted-printable'],
];

/** UTF-16 with its zeros escaped, and as the registry of Windows is exported: `hex(2):74,00,67,00`, itself in UTF-16. */
function wideInTextDisguises(prefix: string): Disguise[] {
  const from = Math.max(0, (prefix.length >> 1) - 2);
  const parts = [prefix.slice(from, from + 2), prefix.slice(from + 2, from + 4)];
  const exported = parts.flatMap((part) => {
    const pairs = [...part].map((one) => hexOf(one.charCodeAt(0)));
    const digits = pairs.join(',00,');
    return [
      ...[`${digits},00`, `${digits},00`.toUpperCase()].map((each) => plainDisguise(each, 'hex')),
      ...[digits, pairs.join(',')].map((each) => plainDisguise([...each].join('\0'), 'utf16')),
    ];
  });
  return [...ZEROS.map(([zero, outer]) => plainDisguise([...prefix].join(zero), outer)), ...exported];
}

/**
 * What base64 makes of a prefix, cut between groups by a break that has more to it than an end of a line: indentation, the
 * mark of a quotation, a patch or a comment, the quotes of strings that are joined, a break in JSON in JSON. The part that
 * is long enough is looked for, with what is next to it.
 */
export function looselyWrapped({ text, outer, group }: Disguise): Disguise[] {
  const variants: Disguise[] = [];
  for (let at = group === 0 ? 4 : group; at < text.length; at += 4) {
    const head = text.slice(0, at);
    const tail = text.slice(at);
    if (head.length >= SHORTEST - 2) {
      for (const end of ['\n', '\r\n']) variants.push({ text: head + end, outer, group, after: LINE_STARTS });
      for (const end of LINE_TAILS) variants.push({ text: head + end, outer, group });
    } else {
      for (const before of LINE_MARKS) {
        variants.push({ text: before + tail, outer, group: before.length, after: BASE64 });
      }
    }
    for (const end of ['\\\\n', '\\\\r\\\\n'])
      variants.push({ text: head + end + tail, outer: 'escape', group: 0 });
    for (const quote of ['"', "'"]) {
      if (head.length >= SHORTEST - 1) variants.push({ text: head + quote, outer, group });
      else {
        for (const before of leads(SHORTEST - tail.length)) {
          variants.push({ text: before + quote + tail, outer, group: before.length + 1 });
        }
      }
    }
  }
  return variants;
}

/** What the next line begins with: indentation, a mark, the head of a log; and what a mark ends in. */
const LINE_STARTS = ' \t>+-#/*;[.0123456789';
const LINE_MARKS = [' ', '\t', '>', '+', '-', ':'];
/** What ends a line that something stands around. */
const LINE_TAILS = ['<b', '&#', ' |', '>>', '\\\n'];
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_';

/** What stands before a string on its next line, of at least so many characters with the quote. */
function leads(length: number): string[] {
  if (length <= 1) return [''];
  return length === 2 ? [' ', '\n'] : ['  ', '. ', '+ ', '= ', '& '];
}

function plainDisguise(text: string, outer: DecoderName): Disguise {
  return { text, outer, group: 0 };
}
