import { base64Disguises, type Disguise, LONGEST, wideDisguises, wrappedInGroups } from './disguise.js';
import type { Literal } from './literals.js';
import { ENCODED_STRING, spelledBeginnings } from './spelled.js';

/** How something packed is written where a literal tells that it is. */
export const WRITINGS = [
  'base64',
  'hex',
  'named',
  'uuencode',
  'patch',
  'numbers',
  'string',
  'string in a string',
  'sql string',
  'json string',
  'dump',
  'dump of words',
  'ascii85',
  'z85',
  'base85',
] as const;
export type PackedWriting = (typeof WRITINGS)[number];

/** What packs more than one format: their first bytes, as far as they are the same each time. */
const GZIP = ['\x1f\x8b\x08\0', '\x1f\x8b\x08\x08', '\x1f\x8b\x08\x04'];
const ZIP = ['PK\x03\x04'];
/** Formats that are met in texts, and that no other text begins like. */
const OTHERS = [
  '\x28\xb5\x2f\xfd',
  '\xfd7zXZ\0',
  ...[...'123456789'].map((level) => `BZh${level}1AY&SY`),
  '\x04\x22\x4d\x18',
  '7z\xbc\xaf\x27\x1c',
  'Rar!\x1a\x07',
  'MSCF\0\0\0\0',
  '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1',
  'LZIP\x01',
  '!<arch>\n',
  '# v2 git bundle\n',
  '# v3 git bundle\n',
  // Messages as proxies save them, whose bodies are packed.
  'HTTP/1.',
  'HTTP/2 ',
  'POST /',
];

/** What is looked for of containers that are written as text, by their first bytes (one character a byte). */
export const PACKED_BEGINNINGS: readonly string[] = [...GZIP, ...ZIP, ...OTHERS];

/** zlib as databases print it: four digits alone would be looked for in every dump. */
const ZLIB_DIGITS = ['\\x78', '0x78', "X'78", "x'78"].flatMap((lead) =>
  ['01', '5e', '9c', 'da', '5E', '9C', 'DA'].map((digits) => lead + digits),
);

/** DEFLATE alone begins with nothing that it could be told by: what names it does. */
const NAMES = [
  ...['SAMLRequest', 'SAMLResponse', 'gzinflate(', 'ase64String(', 'nflateRaw'],
  ...['<diagram ', 'lt;diagram ', '%3Cdiagram%20', '%3Cdiagram+', 'diagrams.net/?', 'draw.io/?'],
  ...['u003cdiagram ', 'u003Cdiagram '],
  ...['png', 'svg', 'uml', 'txt', 'img'].map((kind) => `uml/${kind}/`),
  '--SRC=[',
  ...['lang.org/play', 'code_lz=', 'compressed-json', 'fine?parameters=', 'e="parameters" v'],
  ...["'", '"'].flatMap((quote) => [`b64decode(${quote}`, `b64decode(b${quote}`]),
  // In the header of a signed or encrypted message of JOSE.
  ...['"zip":"DEF"', '"zip": "DEF"'].flatMap((field) => base64Disguises(field).map(({ text }) => text)),
  ...['oding', 'value'].flatMap((name) => [`${name}":"deflate`, `${name}": "deflate`]),
  // Nor does Brotli: fields of an answer in JSON. Their names alone stand in every program that speaks HTTP or MIME.
  ...['ncoding', 'value'].flatMap((name) => [`${name}":"br"`, `${name}": "br"`]),
];

/** Functions of Python, with what stands before: their names alone hold words that stand everywhere. */
const DECODERS = [...'abz'].flatMap((family) => [...'. (='].map((before) => `${before}${family}85deco`));

/** The mode of a file may have any digit first. */
const UUENCODED = [...'01234567'].map((digit) => `\nbegin ${digit}`);

/** How git begins a binary patch, from the end of a line on: programs that write or read such patches name the line alone. */
const PATCHED = ['\n', '\r\n'].flatMap((end) => [`patch${end}literal `, `patch${end}delta `]);

/**
 * Literals of what is packed and then written as text: such a text holds whatever it holds out of sight of every other
 * literal. Encoded once; in wide text; once more in base64, at each alignment; and gzip and zip a third time.
 */
export function packedLiterals(): Literal[] {
  const once = PACKED_BEGINNINGS.flatMap(begun);
  const common = [...GZIP, ...ZIP].flatMap(begun);
  const wide = common.flatMap(({ text }) => wideDisguises(text).filter(({ outer }) => outer === 'utf16'));
  const twice = [...once.flatMap(extended), ...wide.map(({ text }) => text)].flatMap(inBase64);
  const thrice = common
    .flatMap(extended)
    .flatMap(base64Disguises)
    .flatMap(({ text }) => base64Disguises(text.slice(0, ENOUGH)))
    .map(inText);
  const digits = PACKED_BEGINNINGS.filter((text) => text.length >= 4).flatMap(hexBegun);
  const texts = new Map<string, Literal>();
  for (const literal of [
    ...once,
    ...wide.map(({ text }) => written(text, 'base64', 0)),
    ...twice,
    ...thrice,
    ...digits,
    ...ZLIB_DIGITS.map((text) => ({ ...written(text, 'hex', LEAD), after: HEX })),
    ...UUENCODED.map((text) => written(text, 'uuencode', 0)),
    ...PATCHED.map((text) => written(text.slice(0, LONGEST), 'patch', 0)),
    ...NAMES.map((text) => written(text, 'named', 0)),
    ...DECODERS.map((text) => written(text, 'named', 1)),
    ...spelledLiterals(),
    ...base64Disguises(ENCODED_STRING).map(inText),
  ]) {
    texts.set(`${literal.group} ${literal.text}`, literal);
  }
  return [...texts.values()];
}

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** What stands before the digits. */
const LEAD = 2;
const HEX = '0123456789abcdefABCDEF';

/** Spelled byte by byte, or in digits of which five stand for four bytes. */
function spelledLiterals(): Literal[] {
  return spelledBeginnings().map(({ text, writing, group, after }) => ({
    ...written(text.slice(0, LONGEST), writing, group),
    ...(after === undefined ? {} : { after }),
  }));
}

/** The characters that base64 of some first bytes begins with for certain, and which may follow them. */
function begun(bytes: string): Literal[] {
  const whole = Math.floor((8 * bytes.length) / 6);
  const [least, most] = ['\0', '\xff'].map((rest) => encoded(bytes + rest).charAt(whole)) as [string, string];
  const after = STANDARD.slice(STANDARD.indexOf(least), STANDARD.indexOf(most) + 1);
  const text = encoded(bytes).slice(0, Math.min(whole, LONGEST));
  const texts = [...new Set([text, urlSafe(text)])];
  if (whole >= ENOUGH) return texts.map((each) => written(each, 'base64', 0));
  return texts.map((each) => ({ ...written(each, 'base64', 0), after }));
}

/** The text with each of the characters that may follow, where it is short without. */
function extended({ text, after = '' }: Literal): string[] {
  return after === '' ? [text] : [...after].map((next) => text + next);
}

/** Of so many characters, base64 is long enough at every alignment. */
const ENOUGH = 7;

function inBase64(text: string): Literal[] {
  return base64Disguises(text)
    .map((disguise) => ({ ...disguise, text: disguise.text.slice(0, ENOUGH) }))
    .flatMap((disguise) => [disguise, ...wrappedInGroups(disguise)])
    .map(inText);
}

function inText({ text, group }: Disguise): Literal {
  return written(text.slice(0, LONGEST), 'base64', group);
}

/** Digits of both cases: what has no letters is looked for once. */
function hexBegun(bytes: string): Literal[] {
  const text = Buffer.from(bytes, 'latin1').toString('hex').slice(0, LONGEST);
  return [...new Set([text, text.toUpperCase()])].map((digits) => written(digits, 'hex', 0));
}

function written(text: string, packed: PackedWriting, group: number): Literal {
  return { text, rule: WRITINGS.indexOf(packed), outer: 'packed', group };
}

function encoded(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('base64');
}

function urlSafe(text: string): string {
  return text.replaceAll('+', '-').replaceAll('/', '_');
}
