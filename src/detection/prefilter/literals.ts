import type { DecoderName } from '../decode/encoding.js';
import {
  base64Disguises,
  type Disguise,
  ESCAPE_FORMS,
  fullyEscaped,
  hexDisguises,
  LONGEST,
  SHORTEST,
  someEscaped,
  wideDisguises,
  wrapped,
} from './disguise.js';

/** Bytes to look for, and what was found if they stand there: a rule's prefix as it is, or one in disguise. */
export interface Literal {
  /** Latin-1, 7 to 16 characters. */
  readonly text: string;
  /** Index of the rule, where this is its prefix as it is. */
  readonly rule: number;
  readonly outer: DecoderName | 'plain';
  readonly group: number;
}

/**
 * Everything that the prefilter looks for: the prefixes; each in every disguise; disguises inside each other; base64 three
 * deep. Two limits keep their number down: hex with separators is looked for as it is and around base64 and wide text, not
 * inside another layer; and inside another layer, escapes of all characters, or of all but letters and digits. What lies
 * deeper is found where an outer layer leaves letters and digits as they are (percent, escapes, entities), which most do.
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
    if (text.length < SHORTEST || known.has(key)) continue;
    known.add(key);
    literals.push({ ...disguise, text, rule: -1 });
  }
  return literals;
}

function disguisesOf(prefix: string): Disguise[] {
  const encoded = base64Disguises(prefix);
  const wide = wideDisguises(prefix);
  const escaped = ESCAPE_FORMS.flatMap((form) => fullyEscaped(prefix, form));
  const packed = hexDisguises(prefix, false);
  const once = [...encoded, ...wide, ...escaped, ...packed];
  const twice = [...encoded, ...wide].flatMap(({ text }) => base64Disguises(text));
  return [
    ...encoded.flatMap(wrapped),
    ...hexDisguises(prefix, true),
    ...ESCAPE_FORMS.flatMap((form) => someEscaped(prefix, form)),
    ...once,
    ...[...once, ...encoded.flatMap(wrapped)].flatMap(({ text }) => outerOf(text)),
    ...[...encoded, ...wide].flatMap(({ text }) => hexDisguises(text, true)),
    ...twice.flatMap(wrapped),
    ...twice.flatMap(({ text }) => base64Disguises(text)),
  ];
}

/** Any disguise around what is one already. */
function outerOf(text: string): Disguise[] {
  return [
    ...base64Disguises(text),
    ...wideDisguises(text),
    ...hexDisguises(text, false),
    ...ESCAPE_FORMS.flatMap((form) => fullyEscaped(text, form)),
  ];
}
