import { latin1 } from '../latin1.js';
import { KEY } from './list-key.js';
import type { Decoder } from './view.js';
import { READ_AFTER, ViewBuilder } from './view.js';

/** How many bytes before the hit are read: what shows the left boundary, however the list is indented. */
const BYTES_BEFORE = 512;

/** What makes a byte or a character of a number, before it: `(byte)`, `[char]`, `chr(`; and a directive of assemblers. */
const CAST = String.raw`(?:\((?:byte|char)\)[ ]?|\[(?:char|byte)\][ ]?|(?:chrw?|char|int)\(|\.byte\s+)`;
/** No numbers of a list: a part of a word, how far behind a symbol an address is (`<buffer+8>:`), and how far R is (`[20]`). */
const NO_END = String.raw`(?![\w.]|>:)`;
const NO_COUNT = String.raw`(?!(?<=\n {0,8}\[)\d+\] +\d)`;
const NUMBER = new RegExp(
  String.raw`(?<![\w.])${NO_COUNT}(?:0[xX]([0-9a-fA-F]{1,2})|(\d{1,3}))${NO_END}`,
  'g',
);
/** The same with a key before it, a cast, quotes, or the character that a debugger shows. */
const KEYED = new RegExp(
  String.raw`(?<!\w|\d\.)${NO_COUNT}(?:${KEY})?(?:${CAST})?(?:(["'])(?=\w{1,4}\1))?(?:0x([0-9a-f]{1,2})|(\d{1,3}))${NO_END}["']?\)?(?: '(?:\\\d{3}|\\?.)')?`,
  'gi',
);
/** The `group` of a literal with such things. */
export const HAS_KEYS = 1;
/** What may stand between two numbers of a list: a backslash continues a line, dumps have an offset or an address in front. */
const GAP =
  /^(?:[\s,;\\]*(?:\/\*[^*\n]{0,99}\*\/[\s,]*)?|\s*\n\s*- +|\s*\n(?:0x[0-9a-fA-F]{1,16}|[0-9a-fA-F]{6,16})(?: <[^>\n]{0,99}>)?:?\s+|\s*\n *\[\d{1,9}\] +)$/;
/** Between numbers that are made characters: what joins texts. */
const JOINT = /^\s*(?:[+&.]|\|\|)\s*$/;

/** Bytes as numbers in a row, decimal or `0x`, with commas, semicolons or white space between, with keys, or as a dump has them. */
export const decodeByteList: Decoder = (bytes, at, group) => {
  const hasKeys = group === HAS_KEYS;
  if (hasKeys && isNamed(bytes, at)) return undefined;
  const from = Math.max(0, at - BYTES_BEFORE);
  const limit = Math.min(bytes.length, at + READ_AFTER);
  const text = latin1(bytes, from, limit);
  let builder = new ViewBuilder();
  let end = 0;
  for (const number of text.matchAll(hasKeys ? KEYED : NUMBER)) {
    const all = number[0];
    const [hex, decimal] = number.slice(-2);
    const gap = text.slice(end, number.index);
    const isFirst = builder.length === 0;
    const value = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    if (!isFirst && !(gap !== '' && GAP.test(gap)) && !(hasKeys && JOINT.test(gap))) {
      if (from + end > at) break;
      builder = new ViewBuilder();
    }
    if (value > 255 && from + number.index > at) break;
    if (value > 255 || builder.full) {
      if (builder.full) break;
      builder = new ViewBuilder();
    } else builder.push(value, from + number.index, from + number.index + all.length);
    end = number.index + all.length;
  }
  return builder.view('byte-list', from + end, limit, bytes);
};

/** Whether what stands at a place ends a key that is no number: most values of objects have a name. */
function isNamed(bytes: Uint8Array, at: number): boolean {
  const end = bytes[at] === 0x3a && (bytes[at - 1] === 0x22 || bytes[at - 1] === 0x27) ? at - 1 : at;
  if (bytes[end] !== 0x3a && bytes[end + 1] !== 0x3a) return false;
  const key = latin1(bytes, Math.max(0, end - LONGEST_KEY), end);
  return !/(?:^|\W)\d+$/.test(key);
}

const LONGEST_KEY = 8;
