import type { DecoderName } from '../decode/encoding.js';
import { LONGEST, SHORTEST } from './disguise.js';
import type { Literal } from './literals.js';

/** What may stand where a text is cut. */
interface Joint {
  readonly outer: DecoderName;
  /** What ends it, before the second part. */
  readonly ends: (tail: string) => readonly string[];
  /** What begins it, behind a first part: four characters. With fewer, near misses would be compared with each. */
  readonly starts: (tail: string) => readonly string[];
  /** What may stand before what ends it, behind a first part that ends in a byte. */
  readonly before?: (last: string) => string;
}

/** Of runs and spans, and what else is met inside words. */
const TAGS = ['</w:', '</a:', '</t>', '</sp', '</te', '<spa', '<tex', '<wbr'];
/** What a tag ends in: its name, a quote, a slash, what ends a comment, white space. */
const TAG_ENDS = `0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"'/-_:. \n\r\t`;
const LINE_ENDS = ['\n', '\r\n'];
/** How far into a text a line begins, in four digits. */
const COUNTS = [...'0123456789abcdef'].flatMap((digit) => LINE_ENDS.map((end) => `${end}0${digit}`));

const RECORDS = ['\n202', '\r\n202', '","s', '","t', '","a', '","k', '","C', '", "', '"}\n{', '"]\n['];

const JOINTS: readonly Joint[] = [
  { outer: 'markup', ends: () => ['>'], starts: () => TAGS, before: () => TAG_ENDS },
  {
    outer: 'cut-lines',
    // A head of CRI, a trace of GitLab, syslog or a trace of curl, strings of JSON (`log`, `msg`, `message`, `MESSAGE`), output in an asciicast.
    ends: () => [' F ', ' P ', 'O+', 'E+', ': ', 'g":"', 'e":"', 'E":"', 'g": "', 'e": "', '"o", "'],
    starts: () => [...RECORDS, ...COUNTS],
  },
  {
    // What `grep` marks, as GNU's does it: every colour would be compared with each near miss.
    outer: 'ansi',
    ends: () => ['\x1b[K'],
    starts: () => ['\x1b[m\x1b'],
  },
  {
    outer: 'folded',
    // The next line, one that a blank begins, a quotation, the next row of a terminal.
    ends: (tail) => ['\n', '\n ', '> ', ' \r', `${tail[0]}\r`],
    // A prefix and a blank are near misses: of the row of a terminal, few characters more are not looked for.
    starts: (tail) => LINE_ENDS.flatMap((end) => [end + tail, `${end} ${tail}`, `${end}> ${tail}`]),
    before: (last) => `${last}\r`,
  },
];

/**
 * A prefix that something cut in two: of its parts, the longer one with what stands next to it. Cut twice, it is not looked
 * for.
 */
export function cutLiterals(prefix: string): Literal[] {
  const literals = JOINTS.flatMap((joint) =>
    Array.from({ length: prefix.length - 1 }, (_, index) =>
      literalsAt(prefix.slice(0, index + 1), prefix.slice(index + 1), joint),
    ).flat(),
  );
  return [...new Map(literals.map((each) => [`${each.outer} ${each.group} ${each.text}`, each])).values()];
}

/** Together with what stands before it, a literal of five characters. */
const LEAST_TAIL = 4;
const LONGEST_HEAD = 12;
const START = 4;
/** What may follow a part. */
const WORD = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-';

function literalsAt(head: string, tail: string, { outer, ends, starts, before }: Joint): Literal[] {
  if (tail.length < LEAST_TAIL) {
    const first = head.slice(-LONGEST_HEAD);
    const length = Math.max(SHORTEST, first.length + START);
    return starts(tail).map((start) => ({
      text: (first + start).slice(0, length),
      rule: -1,
      outer,
      group: 0,
    }));
  }
  // The group is the byte before the cut: most of what looks like a second part does not follow a first.
  const group = head.charCodeAt(head.length - 1);
  return ends(tail).map((end) => {
    const literal = { text: (end + tail).slice(0, LONGEST), rule: -1, outer, group };
    if (literal.text.length >= SHORTEST) return literal;
    return { ...literal, after: WORD, ...(before === undefined ? {} : { before: before(head.at(-1)!) }) };
  });
}
