import type { DecoderName } from '../decode/encoding.js';
import { cutLiterals } from './cut.js';
import {
  aroundSoftBreak,
  base64Disguises,
  type Disguise,
  ESCAPE_FORMS,
  fullyEscaped,
  hexDisguises,
  LONGEST,
  SHORTEST,
  separatedHexDisguises,
  softBroken,
  someEscaped,
  wideDisguises,
  wrapped,
  wrappedInGroups,
} from './disguise.js';
import { packedLiterals } from './packed.js';
import { looselyWrapped, rareDisguises } from './rare.js';
import { splitDisguises } from './split.js';

/**
 * Bytes to look for, and what was found if they stand there: a rule's prefix as it is, one in disguise, or the beginning of
 * something packed.
 */
export interface Literal {
  /** Latin-1, 7 to 16 characters; 5 or 6 where `after` says what follows. */
  readonly text: string;
  /** Characters, one of which follows. */
  readonly after?: string;
  /** Characters, one of which stands before it, of those that are as short. */
  readonly before?: string;
  /** Index of the rule, where this is its prefix as it is; how it is written, of what is packed (see `WRITINGS`). */
  readonly rule: number;
  readonly outer: DecoderName | 'plain' | 'packed';
  readonly group: number;
}

/**
 * Everything that the prefilter looks for: the prefixes; each in every disguise; disguises inside each other; base64 four
 * deep. What is not looked for is said, with the reason, in `decode/nesting.ts`. What lies deeper is found where an outer
 * layer leaves letters and digits as they are (percent, escapes, entities), which most do.
 */
export function literalsOf(prefixes: readonly string[]): Literal[] {
  const literals: Literal[] = prefixes.map((text, rule) => ({
    text: text.slice(0, LONGEST),
    rule,
    outer: 'plain',
    group: 0,
  }));
  const known = new Set<string>();
  for (const disguise of prefixes.flatMap(disguisesOf)) {
    const text = disguise.text.slice(0, LONGEST);
    const key = `${disguise.outer} ${disguise.group} ${text}`;
    const { after, before } = text.length < SHORTEST ? disguise : {};
    if ((text.length < SHORTEST && after === undefined) || known.has(key)) continue;
    known.add(key);
    const { outer, group } = disguise;
    literals.push({
      text,
      outer,
      group,
      rule: -1,
      ...(after === undefined ? {} : { after }),
      ...(before === undefined ? {} : { before }),
    });
  }
  return [...literals, ...prefixes.flatMap(cutLiterals), ...packedLiterals()];
}

function disguisesOf(prefix: string): Disguise[] {
  const encoded = base64Disguises(prefix);
  const wide = wideDisguises(prefix);
  const escaped = ESCAPE_FORMS.flatMap((form) => fullyEscaped(prefix, form));
  const separated = separatedHexDisguises(prefix);
  const once = [...encoded, ...wide, ...escaped, ...hexDisguises(prefix)];
  const twice = [...encoded, ...wide].flatMap(({ text }) => base64Disguises(text));
  const thrice = twice.flatMap(({ text }) => base64Disguises(text));
  const short = [...escaped, ...separated].filter(({ text }) => text.length < LONGEST);
  return [
    ...encoded.flatMap(wrapped),
    ...separated,
    ...softBroken(prefix),
    ...ESCAPE_FORMS.flatMap((form) => someEscaped(prefix, form)),
    ...once,
    ...[...once, ...separated, ...aroundSoftBreak(prefix), ...encoded.flatMap(wrappedInGroups)].flatMap(
      outerOf,
    ),
    ...once.flatMap(({ text }) => separatedHexDisguises(text)),
    ...twice.flatMap(wrappedInGroups),
    ...short.flatMap(({ text }) => base64Disguises(text)).flatMap(wrappedInGroups),
    ...thrice,
    ...thrice.flatMap(({ text }) => base64Disguises(text)),
    ...encoded.flatMap(looselyWrapped),
    ...rareDisguises(prefix),
    ...splitDisguises(prefix),
  ];
}

/** Any disguise around what is one already; wide text is not widened again. */
function outerOf({ text, outer }: Disguise): Disguise[] {
  const isWide = outer === 'utf16' || outer === 'utf32';
  return [
    ...halves(text).flatMap(base64Disguises),
    ...(isWide ? [] : wideDisguises(text)),
    ...hexDisguises(text),
    ...ESCAPE_FORMS.flatMap((form) => fullyEscaped(text, form)),
  ];
}

/** A long text as two parts, one of which is whole wherever base64 breaks its line. */
function halves(text: string): string[] {
  if (text.length < LONGEST) return [text];
  const half = Math.min(11, text.length >> 1);
  return [text.slice(0, half), text.slice(half, 2 * half)];
}
