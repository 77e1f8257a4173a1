import type { DecoderName } from '../decode/encoding.js';

/** Bytes that stand in a text for certain when a token stands there in some disguise. Latin-1: one character a byte. */
export interface Disguise {
  readonly text: string;
  /** What undoes the outermost layer of it. */
  readonly outer: DecoderName;
  /** For base64: where in `text` a group of four begins. */
  readonly group: number;
  /** Characters, one of which follows: where the text alone is too short to be looked for. */
  readonly after?: string;
  /** Characters, one of which stands before it; any, where that is not said. */
  readonly before?: string;
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

/**
 * The same, cut by a line break. Encoders wrap at columns that are multiples of four; mail programs and terminals wrap
 * what they did not encode anywhere. Inside strings a break is written as an escape, in quoted-printable it is soft.
 */
export function wrapped(disguise: Disguise): Disguise[] {
  const variants: Disguise[] = [];
  for (let at = 1; at < Math.min(disguise.text.length, LONGEST); at++) {
    const between = (at - disguise.group) % 4 === 0;
    for (const end of between
      ? [...BREAKS, ...WRITTEN_BREAKS, ...SOFT_BREAKS]
      : [...BREAKS, ...SOFT_BREAKS]) {
      const text = disguise.text.slice(0, at) + end + disguise.text.slice(at);
      const outer = SOFT_BREAKS.includes(end) ? ('quoted-printable' as const) : disguise.outer;
      const group = at <= disguise.group ? disguise.group + end.length : disguise.group;
      variants.push({ text, outer, group });
    }
  }
  return variants;
}

const BREAKS = ['\n', '\r\n'];
const WRITTEN_BREAKS = ['\\n', '\\r\\n'];
const SOFT_BREAKS = ['=\n', '=\r\n'];

/** Wrapped between groups by line breaks alone: what stands inside another layer. */
export function wrappedInGroups(disguise: Disguise): Disguise[] {
  return wrapped(disguise).filter(
    ({ text, outer }) =>
      outer === disguise.outer &&
      /^(?:.{4})*[\r\n]/s.test(text.slice(disguise.group)) &&
      !text.includes('\\'),
  );
}

/** `text` as it is and as quoted-printable has it where that is needed, with a soft line break in it. */
export function softBroken(text: string): Disguise[] {
  return [[...text], ...quotedUnits(text)].flatMap((units) =>
    units.slice(1).flatMap((_, index) =>
      SOFT_BREAKS.map((end) => ({
        text: units.slice(0, index + 1).join('') + end + units.slice(index + 1).join(''),
        outer: 'quoted-printable' as const,
        group: 0,
      })),
    ),
  );
}

/** What no line break of quoted-printable cuts, in both cases of digits. */
function quotedUnits(text: string): string[][] {
  return [0, -1].map((pick) =>
    [...text].map((one) =>
      /[A-Za-z0-9]/.test(one) ? one : cases(one.charCodeAt(0), (pair) => `=${pair}`).at(pick)!,
    ),
  );
}

/**
 * What quoted-printable makes of `text` where it is needed, as two parts, one of which is whole wherever a soft line break
 * stands: what is looked for inside another layer.
 */
export function aroundSoftBreak(text: string): Disguise[] {
  return quotedUnits(text).flatMap((units) => {
    let count = 1;
    while (!isTelling(units.slice(0, count))) count++;
    const head = units.slice(0, count).join('');
    const tail = units.slice(count - 1).join('');
    return [head, tail].map((part) => ({ text: part, outer: 'quoted-printable' as const, group: 0 }));
  });
}

/** Whether base64 of it is long enough to be looked for, and it is no plain text. */
function isTelling(units: readonly string[]): boolean {
  const part = units.join('');
  return part.length >= SHORTEST - 1 && part.includes('=');
}

/** UTF-16 and UTF-32: the zero bytes within are the same in both byte orders. */
export function wideDisguises(text: string): Disguise[] {
  return [
    { text: [...text].join('\0'), outer: 'utf16', group: 0 },
    { text: [...text].join('\0\0\0'), outer: 'utf32', group: 0 },
  ];
}

/**
 * Packed digits of both cases. A line may end anywhere, between the digits of a pair too, so of two parts that share
 * less than a pair one is whole, and each stands for all of `text`.
 */
export function hexDisguises(text: string): Disguise[] {
  const half = Math.min(5, Math.ceil(text.length / 2));
  const whole = Math.min(text.length, 2 * half);
  const shared = 2 * half - whole;
  return inBothCases(hexOf(text.slice(0, whole))).flatMap((pairs) => {
    const digits = pairs.join('');
    return [digits.slice(0, 2 * half - shared), digits.slice(-2 * half)].map((part) => ({
      text: part,
      outer: 'hex' as const,
      group: 0,
    }));
  });
}

/**
 * Digits in pairs with a separator, or in pairs of bytes, as `xxd` prints them. Dumps leave gaps and break lines at
 * every eighth byte at most, so of two parts next to each other one is whole, and each stands for all of `text`.
 */
export function separatedHexDisguises(text: string): Disguise[] {
  const from = Math.max(0, (text.length >> 1) - 4);
  const middle = text.slice(from, from + 8);
  return [middle.slice(0, 4), middle.slice(-4)].flatMap((part) =>
    inBothCases(hexOf(part))
      .flatMap((pairs) => [pairs.join(' '), pairs.join(':'), grouped(pairs, 0), grouped(pairs, 1)])
      .map((joined) => ({ text: joined, outer: 'hex' as const, group: 0 })),
  );
}

function inBothCases(pairs: readonly string[]): (readonly string[])[] {
  return [pairs, pairs.map((digits) => digits.toUpperCase())];
}

function grouped(pairs: readonly string[], phase: number): string {
  return pairs.map((pair, index) => (index > 0 && index % 2 === phase ? ` ${pair}` : pair)).join('');
}

/** A character as an escape; more than one where digits have case or leading zeros. */
export interface EscapeForm {
  readonly outer: DecoderName;
  forms(code: number): string[];
}

const NAMED: Readonly<Record<number, string>> = { 38: '&amp;', 95: '&lowbar;' };

export const ESCAPE_FORMS: readonly EscapeForm[] = [
  { outer: 'percent', forms: (code) => cases(code, (digits) => `%${digits}`) },
  { outer: 'percent', forms: (code) => cases(code, (digits) => `%25${digits}`) },
  { outer: 'escape', forms: (code) => cases(code, (digits) => `\\u00${digits}`) },
  { outer: 'escape', forms: (code) => cases(code, (digits) => `\\x${digits}`) },
  { outer: 'escape', forms: (code) => [`\\${code.toString(8).padStart(3, '0')}`] },
  { outer: 'html-entity', forms: (code) => [`&#${code};`] },
  { outer: 'html-entity', forms: (code) => cases(code, (digits) => `&#x${digits};`) },
  { outer: 'html-entity', forms: (code) => [NAMED[code] ?? `&#${code};`] },
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

/** `text` with all characters escaped, all but letters and digits, or what markup is made of: what encoders do. */
export function fullyEscaped(text: string, { outer, forms }: EscapeForm): Disguise[] {
  const variants = new Set<string>();
  for (const needed of [/./s, /[^A-Za-z0-9]/, /[&<>]/]) {
    for (const pick of [0, -1]) {
      variants.add(
        [...text]
          .map((one) => (needed.test(one) ? (forms(one.charCodeAt(0)).at(pick) ?? one) : one))
          .join(''),
      );
    }
  }
  variants.delete(text);
  return [...variants].flatMap((variant) =>
    (outer === 'quoted-printable' ? aroundBreaks(variant) : [variant]).map((part) => ({
      text: part,
      outer,
      group: 0,
    })),
  );
}

/** Two parts of quoted-printable text, one of which is whole wherever one soft line break stands. No escape is cut. */
function aroundBreaks(text: string): string[] {
  if (text.length < 2 * SHORTEST) return [text];
  const escapes = text.match(/=..|[^=]/gs) ?? [];
  const parts: string[] = [];
  let part = '';
  for (const one of escapes) {
    part += one;
    if (part.length < SHORTEST) continue;
    parts.push(part);
    part = '';
    if (parts.length === 2) break;
  }
  // A part without an escape would be found in what is no quoted-printable at all.
  const telling = parts.filter((one) => one.includes('='));
  return telling.length === 2 ? telling : [text, ...telling];
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
