import { asOtherReading, type Candidate } from './candidate.js';
import type { Confirmation } from './confirm/confirm.js';
import { isUsualLength } from './confirm/loose-ends.js';
import { isUnmistakable } from './confirm/predictability.js';
import type { DecoderName } from './decode/encoding.js';
import { isMargin } from './decode/folded.js';
import { joinsBytes } from './decode/joined-strings.js';
import { behindEnd } from './decode/lines.js';
import { areEndsMarked } from './decode/marked-end.js';
import { readCell } from './decode/table-cell.js';

const JOINING: ReadonlySet<DecoderName> = new Set([
  'concatenation',
  'markup',
  'cut-lines',
  'rtf',
  'marked-end',
]);
/** What does so loosely: strings in a row, lines that are full, a byte that may be a character. */
const LOOSE: ReadonlySet<DecoderName> = new Set(['adjacency', 'folded', 'marked-end']);
/** LF, CR, a backslash that continues a line: what random characters follow there is no line of its own. */
const ENDS_OF_LINES: ReadonlySet<number> = new Set([0x0a, 0x0d, 0x5c]);
const BACKSLASH = 0x5c;

/** Whether it joins texts, and leaves the characters on both sides of the joint as they are. */
export function joins(decoder: DecoderName): boolean {
  return JOINING.has(decoder) || LOOSE.has(decoder);
}

/**
 * The readings of a token that may go on where it was found to end, the likeliest first.
 *
 * @param own those of what stands there
 * @param undone those of what there is with that undone which stands behind, some of them longer
 */
export function joinedReadings(
  bytes: Uint8Array,
  { start, end, rule, goesOn }: Confirmation & { readonly goesOn: DecoderName },
  own: readonly Candidate[],
  undone: readonly Candidate[],
): Candidate[] {
  if (goesOn === 'adjacency' && own.length === 0 && behindEnd(bytes, end) !== undefined)
    return undone.map(asOtherReading);
  const cell = readCell(bytes, end);
  const isSure =
    goesOn === 'marked-end'
      ? areEndsMarked(bytes, start)
      : joinsBytes(bytes, end) || isMargin(bytes, end) || cell?.isSaid === true;
  // Strings in a row may be one; a list of tokens that are quoted looks the same.
  const isWhole = own.some(({ confidence }) => confidence === 'high');
  if (LOOSE.has(goesOn) && isWhole && !isSure) {
    const isLine = cell !== undefined || ENDS_OF_LINES.has(bytes[end]!);
    if (!isLine || !undone.every(({ text }) => isUnmistakable(text.slice(end - start))))
      return [...own, ...undone.map(asOtherReading)];
    // Another secret may stand below one that is whole: both are likely, and to be probed.
    const isUsual = isUsualLength(end - start - rule.prefix.length);
    return [...undone, ...(isUsual ? own : own.map(asOtherReading))];
  }
  // What a program joins to a token, or a page sets beside it, need not be a part of it.
  const mayEnd = JOINING.has(goesOn) || isContinuedLine(bytes, end);
  return mayEnd ? [...undone, ...own.map(asOtherReading)] : [...undone];
}

/** Whether a backslash ends the line there: shells join the next one, others part them, or escape all but letters and digits. */
function isContinuedLine(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === BACKSLASH && behindEnd(bytes, at + 1) !== undefined;
}
