import type { Span } from '../../model/span.js';
import { latin1 } from '../latin1.js';

/** A line of a dump: where its pairs of digits start, and the column behind them that shows them as text. */
export interface DumpLine {
  readonly places: readonly number[];
  readonly text: Span | undefined;
}

/** With the head of a log before it. */
const LONGEST_LINE = 320;
/** What may be an offset is looked at so many times in a line. */
const MOST_OFFSETS = 6;
const OFFSET = /(?:^|[ \t|])(?:0x)?[0-9a-fA-F]{4,16}(?::| -)?(?= {1,3}[0-9a-fA-F]{2})/g;
const PAIR = /(?: {1,3}|-)?([0-9a-fA-F]{2})/y;
const MOST_PAIRS = 32;
/** What parts digits from text. */
const BETWEEN = /^ *[|>]? *$/;
/** What closes the text. */
const CLOSING = / *[|<]? *$/;

/**
 * A line of a dump with something before its offset: when it was logged, and by whom; the bars of `strace`; or an offset
 * that a dash follows, as OpenSSL has it. What proves it is its text, which says the same as the digits.
 */
export function toldDumpLine(bytes: Uint8Array, start: number): DumpLine | undefined {
  const line = /^[^\r\n]*/.exec(latin1(bytes, start, start + LONGEST_LINE))![0];
  let tried = 0;
  for (const offset of line.matchAll(OFFSET)) {
    if (tried++ === MOST_OFFSETS) break;
    const found = toldBehind(line, offset.index + offset[0].length);
    if (found === undefined) continue;
    const { places, text } = found;
    return {
      places: places.map((place) => start + place),
      text: { start: start + text.start, end: start + text.end },
    };
  }
  return undefined;
}

/** Digits may look like text, and text like digits: as many pairs as the text agrees with. */
function toldBehind(line: string, from: number): { places: number[]; text: Span } | undefined {
  const places: number[] = [];
  PAIR.lastIndex = from;
  for (let pair = PAIR.exec(line); pair !== null; pair = PAIR.exec(line)) {
    places.push(PAIR.lastIndex - 2);
    if (places.length === MOST_PAIRS) break;
  }
  const shown = places.map((place) => printed(Number.parseInt(line.slice(place, place + 2), 16))).join('');
  const end = line.replace(CLOSING, '').length;
  for (let count = places.length; count > 0; count--) {
    const text = shown.slice(0, count).trimEnd();
    const behind = places[count - 1]! + 2;
    const start = end - text.length;
    if (
      text !== '' &&
      start > behind &&
      line.startsWith(text, start) &&
      BETWEEN.test(line.slice(behind, start))
    )
      return { places: places.slice(0, count), text: { start, end } };
  }
  return undefined;
}

function printed(code: number): string {
  return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '.';
}
