/** Every reason for a confidence, and what it means. The strongest stands first in a match's `reasons`. */
const REASONS = {
  random_body: 'the body cannot be told from random characters',
  identifier: 'the body is spelt like words: a name in code',
  placeholder: 'the body is a run, a sequence or a repetition',
  glued: 'a letter or digit stands right before the prefix: part of a longer name',
  other_reading:
    'the token ends elsewhere if what follows is joined to it, or is not: beside the likelier reading, for a probe to decide',
  overlong: 'the body is longer than any known token',
  cut_by_line_end: 'the line ends before the body is long enough: a token cut short',
  cut_by_end: 'the input ends before the body is long enough: a token cut short',
  elided: 'an ellipsis or asterisks follow: a token that someone shortened',
  stored_length: 'a length that is stored before it says where it ends',
  loose_end:
    'it stands among other bytes, and nothing says where it ends: what follows may be another value, beside the likelier reading',
  with_companion: 'the public part that belongs to the key follows it',
} as const;

export type Reason = keyof typeof REASONS;

/** What a reason means, in words; nothing for one that a report of another version names. */
export function meaningOf(reason: string): string | undefined {
  return Object.hasOwn(REASONS, reason) ? REASONS[reason as Reason] : undefined;
}
