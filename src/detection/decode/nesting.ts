/** How a text is written, for saying which writings are not looked for inside which. */
export type Writing =
  | 'wide'
  | 'base64'
  | 'packed hex'
  | 'separated hex'
  | 'escapes'
  | 'chosen escapes'
  | 'rare';

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
  'rare',
];

/**
 * The pairs that are not undone, and why. Everything else is, alone and inside each other, at any offset, but where two
 * layers both break a line inside the prefix: 50 of 151,488 places that were tried, or one in a hundred of such pairs'. The
 * tests go by this table.
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
      'programs escape characters by their kind: all, or what is no letter or digit. Escapes of letters here and there are made by hand, to be read at once. Around them, all encodings would take 7,700 literals more (79 %), base64 alone 1,200 (13 %, and 12 % more four-byte words that stop the search)',
  },
  {
    outer: ['chosen escapes'],
    inner: ALL,
    reason:
      'the same the other way round: what was encoded is not escaped by hand. In base64 alone it would take 1,300 literals more, and 23 % more words that stop the search',
  },
  {
    outer: ALL,
    inner: ['rare'],
    reason:
      'lists of bytes, dumps in words and columns, base32, UTF-7, Markdown: each is made to be read or to be sent as it is. Inside all encodings they would take 7,000 literals more (72 %)',
  },
  {
    outer: ['rare'],
    inner: ALL,
    reason: 'the same the other way round, and nobody encodes first what a dump or a list is to show',
  },
];

/** Why a pair is not undone; `undefined` where it is. */
export function nestingLimit(outer: Writing, inner: Writing): string | undefined {
  return NESTING_LIMITS.find((limit) => limit.outer.includes(outer) && limit.inner.includes(inner))?.reason;
}
