import type { DecoderName } from '../decode/encoding.js';

/** Bytes that stand in a text for certain when a token stands there in some disguise. Latin-1: one character a byte. */
export interface Disguise {
  readonly text: string;
  /** What undoes the outermost layer of it. */
  readonly outer: DecoderName;
  /** For base64: where in `text` a group of four begins. */
  readonly group: number;
}

/** What base64 (RFC 4648) makes of `text` at each of three alignments, less the characters that neighbours share in. */
export function base64Disguises(text: string): Disguise[] {
  return [0, 1, 2].flatMap((alignment) => {
    const first = Math.ceil((8 * alignment) / 6);
    const last = Math.floor((8 * (alignment + text.length)) / 6);
    const encoded = Buffer.from('\0'.repeat(alignment) + text, 'latin1')
      .toString('base64')
      .slice(first, last);
    const group = (4 - (first % 4)) % 4;
    const plain = { text: encoded, outer: 'base64' as const, group };
    const url = { ...plain, text: encoded.replaceAll('+', '-').replaceAll('/', '_') };
    return url.text === encoded ? [plain] : [plain, url];
  });
}

/** The same with a line break between groups: encoders wrap at 60, 64 or 76 columns, all multiples of four. */
export function wrapped(disguise: Disguise): Disguise[] {
  const variants: Disguise[] = [];
  for (let at = disguise.group || 4; at < Math.min(disguise.text.length, LONGEST); at += 4) {
    for (const end of ['\n', '\r\n']) {
      const text = disguise.text.slice(0, at) + end + disguise.text.slice(at);
      const group = at === disguise.group ? at + end.length : disguise.group;
      variants.push({ ...disguise, text, group });
    }
  }
  return variants;
}

/** UTF-16 and UTF-32: the zero bytes within are the same in both byte orders. */
export function wideDisguises(text: string): Disguise[] {
  return [
    { text: [...text].join('\0'), outer: 'utf16', group: 0 },
    { text: [...text].join('\0\0\0'), outer: 'utf32', group: 0 },
  ];
}

/** Digits of both cases. A dump breaks its lines anywhere, so each half of `text` stands for the whole. */
export function hexDisguises(text: string, separated: boolean): Disguise[] {
  const half = Math.min(5, Math.ceil(text.length / 2));
  const whole = Math.min(text.length, 2 * half);
  return [text.slice(0, half), text.slice(whole - half, whole)].flatMap((part) =>
    [hexOf(part), hexOf(part).map((digits) => digits.toUpperCase())].flatMap((pairs) =>
      (separated ? separations(pairs) : [pairs.join('')]).map((joined) => ({
        text: joined,
        outer: 'hex' as const,
        group: 0,
      })),
    ),
  );
}

/** A character as an escape; more than one where digits have case or leading zeros. */
interface EscapeForm {
  readonly outer: DecoderName;
  forms(code: number): string[];
}

export const ESCAPE_FORMS: readonly EscapeForm[] = [
  { outer: 'percent', forms: (code) => cases(code, (digits) => `%${digits}`) },
  { outer: 'percent', forms: (code) => cases(code, (digits) => `%25${digits}`) },
  { outer: 'escape', forms: (code) => cases(code, (digits) => `\\u00${digits}`) },
  { outer: 'escape', forms: (code) => cases(code, (digits) => `\\x${digits}`) },
  { outer: 'escape', forms: (code) => [`\\${code.toString(8).padStart(3, '0')}`] },
  { outer: 'html-entity', forms: (code) => [`&#${code};`] },
  { outer: 'html-entity', forms: (code) => cases(code, (digits) => `&#x${digits};`) },
  { outer: 'html-entity', forms: (code) => [code === 0x5f ? '&lowbar;' : `&#${code};`] },
  { outer: 'quoted-printable', forms: (code) => cases(code, (digits) => `=${digits}`) },
];

/**
 * `text` with any of its characters escaped: for each first escaped character, what stands before it, and as much
 * after it, escaped or not, as makes it long enough to look for.
 */
export function someEscaped(text: string, { outer, forms }: EscapeForm): Disguise[] {
  return [...text].flatMap((character, first) =>
    forms(character.charCodeAt(0))
      .flatMap((escaped) =>
        extend(text.slice(Math.max(0, first - 6), first) + escaped, text, first + 1, forms),
      )
      .map((variant) => ({ text: variant, outer, group: 0 })),
  );
}

/** `text` with all characters escaped, or all but letters and digits: what encoders do. */
export function fullyEscaped(text: string, { outer, forms }: EscapeForm): Disguise[] {
  const variants = new Set<string>();
  for (const needed of [/./s, /[^A-Za-z0-9]/]) {
    for (const pick of [0, -1]) {
      variants.add(
        [...text]
          .map((one) => (needed.test(one) ? (forms(one.charCodeAt(0)).at(pick) ?? one) : one))
          .join(''),
      );
    }
  }
  variants.delete(text);
  return [...variants].map((variant) => ({ text: variant, outer, group: 0 }));
}

/** The least that is found at every alignment of four-byte words. */
export const SHORTEST = 7;
/** What is compared of a disguise; the rest is left to decoding. */
export const LONGEST = 16;

function extend(text: string, source: string, next: number, forms: (code: number) => string[]): string[] {
  const character = source[next];
  if (text.length >= SHORTEST || character === undefined) return [text];
  return [character, ...forms(character.charCodeAt(0))].flatMap((form) =>
    extend(text + form, source, next + 1, forms),
  );
}

function hexOf(text: string): string[] {
  return [...text].map((character) => character.charCodeAt(0).toString(16).padStart(2, '0'));
}

function cases(code: number, form: (digits: string) => string): string[] {
  const digits = code.toString(16).padStart(2, '0');
  return [...new Set([form(digits), form(digits.toUpperCase())])];
}

/** Separated by one character; with the gap that `hexdump -C` leaves in the middle; in pairs of bytes, as `xxd` prints. */
function separations(pairs: readonly string[]): string[] {
  const gaps = pairs
    .slice(1)
    .map((_, index) => `${pairs.slice(0, index + 1).join(' ')}  ${pairs.slice(index + 1).join(' ')}`);
  const grouped = [0, 1].map((phase) =>
    pairs.map((pair, index) => (index > 0 && index % 2 === phase ? ` ${pair}` : pair)).join(''),
  );
  return [pairs.join(''), pairs.join(' '), pairs.join(':'), ...gaps, ...grouped];
}
