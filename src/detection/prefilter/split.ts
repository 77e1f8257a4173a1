import type { DecoderName } from '../decode/encoding.js';
import { type Disguise, ESCAPE_FORMS, fullyEscaped, LONGEST, SHORTEST } from './disguise.js';

/**
 * A prefix in parts, as source code has it, and in escapes of its low lines that are names: looked for around a prefix
 * alone (see `rare.ts`).
 */
export function splitDisguises(prefix: string): Disguise[] {
  return [
    ...runsOfRtf(prefix),
    ...continued(prefix),
    ...concatenated(prefix),
    ...inRow(prefix),
    ...escapedBehindCut(prefix),
    ...namedEscapes(prefix),
    ...cssEscapes(prefix),
  ];
}

/** A backslash before the end of a line joins it to the next: in shells, C, Makefiles, Dockerfiles, strings of JavaScript. */
function continued(prefix: string): Disguise[] {
  return cuts(prefix).flatMap(([head, tail]) =>
    ['\\\n', '\\\r\n'].map((end) => disguise(head + end + tail, 'escape')),
  );
}

/** Word begins the next run of RTF with the direction of its text. */
function runsOfRtf(prefix: string): Disguise[] {
  return cuts(prefix).map(([head]) => disguise(`${head.slice(-LONGEST_HEAD)}}{\\rtlch`, 'rtf'));
}

const LONGEST_HEAD = 8;

const OPERATORS = ['+', '.', '..', '&', '||', '<>'];
/** These are met between any two letters, not only where words meet. */
const FREQUENT = new Set(['+', '.']);

/** Strings that an operator joins. Where the next begins a line, nobody knows how far it is indented. */
function concatenated(prefix: string): Disguise[] {
  return cuts(prefix).flatMap(([head, tail]) =>
    ['"', "'"].flatMap((quote) => {
      const isJoint = head.endsWith('_');
      const between = OPERATORS.filter((operator) => isJoint || FREQUENT.has(operator)).flatMap(
        (operator) => [
          `${quote} ${operator} ${quote}${tail}`,
          `${quote}${operator}${quote}${tail}`,
          ...(isJoint ? [`${quote} ${operator}\n`, `${quote} ${operator}\r\n`] : []),
        ],
      );
      const broken = isJoint ? [`${quote} & _`, `${quote}\n  `, `${quote}\r\n  `, `${quote}\n\t`] : [];
      return [...between, ...broken]
        .map((part) => disguise(head + part, 'concatenation'))
        .filter(({ text }) => text.length >= SHORTEST);
    }),
  );
}

/**
 * Strings in a row, on the next line or the same. Of two letters before the cut there is too little that text does not hold
 * everywhere, so what follows is looked for.
 */
function inRow(prefix: string): Disguise[] {
  return cuts(prefix).flatMap(([head, tail]) =>
    ['"', "'"].flatMap((quote): Disguise[] => {
      const below = ['\n  ', '\r\n ', '\n\t\t'].map((end) => disguise(head + quote + end, 'adjacency'));
      const behind = { ...disguise(quote + tail, 'adjacency'), after: WORD };
      const beside = disguise(`${head}${quote} ${quote}${tail}`, 'adjacency');
      return [...(head.length > 2 ? below : [behind]), beside];
    }),
  );
}

/** What a token goes on with. */
const WORD = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-';

/** What an escaped prefix ends in, for where its beginning ends another string. */
function escapedBehindCut(prefix: string): Disguise[] {
  return ESCAPE_FORMS.filter(({ outer }) => outer === 'escape').flatMap((form) =>
    fullyEscaped(prefix.slice(-ESCAPED_END), form),
  );
}

const ESCAPED_END = 4;

const NAMES = ['\\N{LOW LINE}', '\\N{low line}', '\\N{U+5F}', '\\N{U+005F}', '\\N{U+005f}', '\\N{U+5f}'];

/** Python's and Perl's names of characters, for all low lines or one. */
function namedEscapes(prefix: string): Disguise[] {
  return NAMES.flatMap((name) => eachOrOne(prefix, name).map((text) => disguise(text, 'escape')));
}

/** CSS (Syntax Level 3, 4.3.7): up to six digits, and a blank that belongs to them. */
function cssEscapes(prefix: string): Disguise[] {
  const digits = ['5f', '5F'].flatMap((pair) => [0, 2, 4].map((zeros) => `\\${'0'.repeat(zeros)}${pair}`));
  const all = [
    (code: string) => `\\${code} `,
    (code: string) => `\\${code}`,
    (code: string) => `\\0000${code}`,
    (code: string) => `\\0000${code} `,
  ].map((form) => [...prefix].map((one) => form(one.charCodeAt(0).toString(16))).join(''));
  const few = digits.flatMap((escaped) =>
    [escaped, `${escaped} `].flatMap((each) => eachOrOne(prefix, each)),
  );
  return [...all, ...few].map((text) => disguise(text, 'css'));
}

function eachOrOne(prefix: string, escaped: string): string[] {
  const places = [...prefix].flatMap((one, at) => (one === '_' ? [at] : []));
  return [
    prefix.replaceAll('_', escaped),
    ...places.map((at) => prefix.slice(0, at) + escaped + prefix.slice(at + 1)),
  ];
}

function cuts(prefix: string): [string, string][] {
  return Array.from({ length: prefix.length - 1 }, (_, at) => [
    prefix.slice(0, at + 1),
    prefix.slice(at + 1),
  ]);
}

function disguise(text: string, outer: DecoderName): Disguise {
  return { text: text.slice(0, LONGEST), outer, group: 0 };
}
