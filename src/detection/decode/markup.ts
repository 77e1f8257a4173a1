import { latin1 } from '../latin1.js';
import type { Escape, EscapeReader } from './escape.js';

/** Elements of HTML that stand inside words: places where a line may end, and parts that are set off, as by a search or by colours. */
const INLINE = new Set(
  'a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr rb rp rt ruby s samp small span strike strong sub sup time tt u var wbr'.split(
    ' ',
  ),
);
/** What a run of text is made of in shared strings of Excel (ECMA-376, 18.4), beside `b`, `i`, `u`, `strike`. */
const EXCEL = new Set(
  'r t rpr sz color rfont family charset scheme vertalign outline shadow condense extend'.split(' '),
);
/** OpenDocument (1.3, 6.1 and 6.2): what leaves the text as it is. */
const OPEN_DOCUMENT =
  /^(?:span|a|meta|bookmark|bookmark-start|bookmark-end|change|change-start|change-end|soft-page-break|reference-mark|reference-mark-start|reference-mark-end|toc-mark|toc-mark-start|toc-mark-end)$/;
/** What ends a text or parts it in Word, PowerPoint and drawings (ECMA-376, 17.3, 21.1.2): everything else is inside a line. */
const PARTS = new Set(
  'p br cr tab ptab tc tr tbl body txbody txbxcontent sectpr sym fld drawing pict object sp footnotereference endnotereference'.split(
    ' ',
  ),
);
const CHARACTERS: Readonly<Record<string, number>> = {
  'w:nobreakhyphen': 0x2d,
  'w:tab': 0x09,
  'a:tab': 0x09,
  'text:tab': 0x09,
  'text:s': 0x20,
};

const LONGEST_NAME = 40;
const LONGEST_TAG = 2048;
const LONGEST_COMMENT = 1024;
/** What stands between two parts, at most. */
const MOST_TAGS = 1400;

/**
 * Tags and comments inside a line of HTML, and what office programs cut a text with: taken out. A tag that stands for a
 * character gives it.
 */
export const readMarkup: EscapeReader = (bytes, at) => {
  if (bytes[at] === 0x5d) return sectionEnd(bytes, at);
  if (bytes[at] !== 0x3c) return undefined;
  if (bytes[at + 1] === 0x21) return unparsed(bytes, at) ?? comment(bytes, at);
  const isClosing = bytes[at + 1] === 0x2f;
  const from = at + (isClosing ? 2 : 1);
  let end = from;
  while (end < from + LONGEST_NAME && isOfName(bytes[end])) end++;
  const name = String.fromCharCode(...bytes.subarray(from, end)).toLowerCase();
  const character = CHARACTERS[name];
  if (character === undefined && !isInside(name)) return undefined;
  const length = tagEnd(bytes, end, at + LONGEST_TAG) - at;
  return length <= 0 ? undefined : { length, byte: isClosing ? undefined : character };
};

/** Whether the tags that end at `at`, before a second part, follow a first one that ends in the byte `last`. */
export function followsTaggedPart(bytes: Uint8Array, at: number, last: number): boolean {
  let next = at;
  const floor = Math.max(0, at - MOST_TAGS);
  while (bytes[next] === 0x3e) {
    while (next > floor && bytes[next] !== 0x3c) next--;
    next--;
  }
  return bytes[next] === last;
}

/** Whether an element of this name, in lower case, leaves the text around it in one line. */
function isInside(name: string): boolean {
  const colon = name.indexOf(':');
  const local = name.slice(colon + 1);
  switch (colon < 0 ? '' : name.slice(0, colon)) {
    case '':
      // Elements that a page defines itself have a dash in their names.
      return INLINE.has(name) || EXCEL.has(name) || name.indexOf('-') > 0;
    case 'w':
    case 'a':
    case 'w14':
      return local !== '' && !PARTS.has(local);
    case 'x':
      return EXCEL.has(local) || INLINE.has(local);
    case 'text':
      return OPEN_DOCUMENT.test(local);
    case 'mc':
      return true;
    default:
      return false;
  }
}

/** Behind the `>` of a tag; 0 where it has none, or another tag begins before. */
function tagEnd(bytes: Uint8Array, from: number, limit: number): number {
  if (bytes[from] !== 0x3e && bytes[from] !== 0x2f && !isSpace(bytes[from])) return 0;
  let quote = 0;
  for (let next = from; next < limit; next++) {
    const byte = bytes[next];
    if (byte === undefined || byte === 0x3c) return 0;
    if (quote !== 0) quote = byte === quote ? 0 : quote;
    else if (byte === 0x22 || byte === 0x27) quote = byte;
    else if (byte === 0x3e) return next + 1;
  }
  return 0;
}

/** The beginning of a section that is not parsed: XML parts such where their text holds what ends one, and joins them. */
function unparsed(bytes: Uint8Array, at: number): Escape | undefined {
  const { length } = UNPARSED;
  return latin1(bytes, at, at + length) === UNPARSED ? { length, byte: undefined } : undefined;
}

const UNPARSED = '<![CDATA[';
const BETWEEN_SECTIONS = /^\]\]>(?:<!\[CDATA\[|(?=[\w-]))/;

/** The end of such a section, where text follows. */
function sectionEnd(bytes: Uint8Array, at: number): Escape | undefined {
  const found = BETWEEN_SECTIONS.exec(latin1(bytes, at, at + 16));
  return found === null ? undefined : { length: found[0].length, byte: undefined };
}

function comment(bytes: Uint8Array, at: number): Escape | undefined {
  if (bytes[at + 2] !== 0x2d || bytes[at + 3] !== 0x2d) return undefined;
  for (let next = at + 4; next < at + LONGEST_COMMENT && next < bytes.length; next++) {
    if (bytes[next] === 0x3e && bytes[next - 1] === 0x2d && bytes[next - 2] === 0x2d)
      return { length: next + 1 - at, byte: undefined };
    // Comments do not nest: what opens again before it ends is none.
    if (bytes[next] === 0x3c && bytes[next + 1] === 0x21) return undefined;
  }
  return undefined;
}

/** Letters, digits, `-`, `.`, `:`. */
function isOfName(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const lower = byte | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || (byte >= 0x30 && byte <= 0x3a) || byte === 0x2d || byte === 0x2e;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
