import { latin1 } from '../latin1.js';
import type { Encoding } from './encoding.js';
import type { Decoder } from './view.js';
import { READ_AFTER, READ_BEFORE, ViewBuilder } from './view.js';

/** Five digits stand for four bytes, the first one first; each family has digits of its own. */
export const BASE85: readonly { readonly encoding: Encoding; readonly digits: string }[] = [
  {
    encoding: 'ascii85',
    digits: Array.from({ length: 85 }, (_, at) => String.fromCharCode(33 + at)).join(''),
  },
  {
    encoding: 'z85',
    digits: '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#',
  },
  {
    encoding: 'base85',
    digits: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~',
  },
];

const VALUES = BASE85.map(({ digits }) => {
  const values = new Int8Array(256).fill(-1);
  for (const [value, digit] of [...digits].entries()) values[digit.charCodeAt(0)] = value;
  return values;
});

/** Digits of a group, and how many groups before the hit are decoded: what shows the left boundary. */
const GROUP = 5;
const GROUPS_BEFORE = 64;
const ZEROS = 0x7a;

/** Ascii85 (PostScript, PDF, btoa), Z85 (ZeroMQ's RFC 32), and that of RFC 1924 (Python, git); line breaks are skipped. The `group` is the family. */
export const decodeBase85: Decoder = (bytes, at, family) => {
  const values = VALUES[family]!;
  const isAscii85 = family === 0;
  const builder = new ViewBuilder();
  const limit = Math.min(bytes.length, at + READ_AFTER);
  const isMarked = isAscii85 && latin1(bytes, at - READ_BEFORE, at).includes('<~');
  let next = startOf(bytes, at, values);
  let word = 0;
  let held = 0;
  let start = next;
  for (; next < limit && !builder.full; next++) {
    const byte = bytes[next]!;
    if (isBreak(byte)) continue;
    const value = values[byte]!;
    if (isAscii85 && held === 0 && byte === ZEROS) {
      for (let count = 0; count < 4; count++) builder.push(0, next, next + 1);
      continue;
    }
    // Quotes are digits, too: one that ends what is quoted is none.
    if (value < 0 || (isAscii85 && !isMarked && closes(bytes, next))) break;
    if (held === 0) start = next;
    word = word * 85 + value;
    if (++held < GROUP) continue;
    push(builder, word, 4, start, next + 1);
    word = 0;
    held = 0;
  }
  if (held > 1 && !builder.full) push(builder, filled(word, held), held - 1, start, next);
  return builder.view(BASE85[family]!.encoding, next, limit, bytes);
};

/** A last group that is short, as if the highest digits followed. */
function filled(word: number, held: number): number {
  let whole = word;
  for (let digit = held; digit < GROUP; digit++) whole = whole * 85 + 84;
  return whole;
}

function push(builder: ViewBuilder, word: number, count: number, start: number, end: number): void {
  for (let place = 0; place < count; place++)
    builder.push(Math.floor(word / 2 ** (24 - 8 * place)) & 255, start, end);
}

/** Goes back by whole groups, over line breaks. */
function startOf(bytes: Uint8Array, at: number, values: Int8Array): number {
  let start = at;
  let before = at - 1;
  for (let groups = 0; groups < GROUPS_BEFORE; groups++) {
    for (let count = 0; count < GROUP; count++) {
      while (isBreak(bytes[before])) before--;
      if (before < 0 || values[bytes[before]!]! < 0) return start;
      before--;
    }
    start = before + 1;
  }
  return start;
}

const CLOSING = /^["'][),;\]}]{0,3}(?:\s|$)/;

function closes(bytes: Uint8Array, at: number): boolean {
  return (bytes[at] === 0x22 || bytes[at] === 0x27) && CLOSING.test(latin1(bytes, at, at + 5));
}

function isBreak(byte: number | undefined): boolean {
  return byte === 0x0a || byte === 0x0d;
}
