import { followsFullLine, isOfBody } from '../decode/folded.js';
import { SHORTEST } from './disguise.js';
import { OUTERS, type Table } from './tables.js';

/** What stands before a longer literal may be out of sight where only pieces of a text are shown. */
const LONGEST_SEEN = 12;
const MARKUP = OUTERS.indexOf('markup');
const FOLDED = OUTERS.indexOf('folded');
/** What looks for second parts of prefixes (see `cut.ts`). */
const CUT = new Set([MARKUP, FOLDED, OUTERS.indexOf('cut-lines')]);
const GREATER = 0x3e;
const LF = 0x0a;
const DASH = 0x2d;

/**
 * Whether the bytes right beside the second part of a prefix speak for it: a word behind it, the end of a first part before it.
 * Ordinary text holds many of these, as `->key_size` and lines that begin with `org_`, and whatever holds a literal
 * is looked at closely.
 */
export function standsRight(
  { outers, groups, lengths }: Table,
  bytes: Uint8Array,
  at: number,
  literal: number,
): boolean {
  const outer = outers[literal]!;
  const length = lengths[literal]!;
  if (!CUT.has(outer)) return true;
  // At some alignments the prefilter does not look at what follows: what is found must not depend on them.
  if (length < SHORTEST && !isOfBody(bytes[at + length])) return false;
  const group = groups[literal]!;
  if (group === 0 || length > LONGEST_SEEN) return true;
  if (outer === MARKUP) return isTagEnd(bytes, at);
  return outer !== FOLDED || bytes[at] !== LF || followsFullLine(bytes, at, group);
}

/** Whether `>` ends a tag or a comment, and is no arrow. */
function isTagEnd(bytes: Uint8Array, at: number): boolean {
  return bytes[at] !== GREATER || bytes[at - 1] !== DASH || bytes[at - 2] === DASH;
}
