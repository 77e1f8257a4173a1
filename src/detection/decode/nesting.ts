/** How a text is written, for saying which writings are not looked for inside which. */
export type Writing = 'wide' | 'base64' | 'packed hex' | 'separated hex' | 'escapes' | 'chosen escapes';

interface Limit {
  readonly outer: readonly Writing[];
  readonly inner: readonly Writing[];
  readonly reason: string;
}

const ALL: readonly Writing[] = [
  'wide',
  'base64',
  'packed hex',
  'separated hex',
  'escapes',
  'chosen escapes',
];

/**
 * The pairs that are not undone, and why. Everything else is, alone and inside each other, at any offset (but where two
 * layers both break a line inside the prefix); the tests go by this table.
 */
export const NESTING_LIMITS: readonly Limit[] = [
  {
    outer: ['wide'],
    inner: ['wide'],
    reason: 'no program widens wide text: the zero bytes in it are no characters',
  },
  {
    outer: ['separated hex'],
    inner: ['separated hex'],
    reason: 'spaced digits and dumps are made for reading, and nobody dumps a dump',
  },
  {
    outer: ALL,
    inner: ['chosen escapes'],
    reason:
      'programs escape characters by their kind: all, or what is no letter or digit. Escapes of letters here and there are made by hand, to be read at once, not to be encoded again',
  },
  {
    outer: ['chosen escapes'],
    inner: ALL,
    reason: 'the same the other way round: what was encoded is not escaped by hand',
  },
];

/** Why a pair is not undone; `undefined` where it is. */
export function nestingLimit(outer: Writing, inner: Writing): string | undefined {
  return NESTING_LIMITS.find((limit) => limit.outer.includes(outer) && limit.inner.includes(inner))?.reason;
}
