import { latin1 } from '../latin1.js';
import type { Escape } from './escape.js';

/** How much before and behind an element tells what becomes of the list. */
const REACH = 600;
const COMMA = 0x2c;
const CLOSING = 0x29;

const ELEMENT = String.raw`(?:"[^"\n]{0,200}"|'[^'\n]{0,200}'|\x60[^\x60\n]{0,200}\x60)`;
const NEXT = /^["'`]\s{0,40},\s{0,40}["'`]/;
/** Up to the quote that closes an element, from where its list begins. */
const OPENED = String.raw`(?:${ELEMENT}\s*,\s*)*["'\x60][^"'\x60\n]{0,200}$`;
/** Functions that put their arguments together, and lists that nothing is put between. */
const JOINED_BEFORE = new RegExp(
  [
    String.raw`(?:(?<![\w.\])])(?:concat!?|paste0|str_c)|\bString\.Concat)\s{0,8}\(\s{0,40}`,
    String.raw`\bjoin\(\s{0,8}(?:""|''),\s{0,8}\[\s{0,40}`,
    String.raw`(?:""|'')\.join\(\s{0,8}[[(]\s{0,40}`,
    String.raw`"Fn::Join"\s{0,8}:\s{0,8}\[\s{0,40}"",\s{0,40}\[\s{0,40}`,
  ]
    .map((opening) => opening + OPENED)
    .join('|'),
  'i',
);
const JOINED_BEHIND = new RegExp(
  String.raw`^[^"'\x60\n]{0,200}["'\x60](?:\s*,\s*${ELEMENT})*\s*,?\s*\]\s*\.\s*join(?:\(\s*(?:""|'')\s*\)|(?![\w(]))`,
);

/** The end of a string that is given to a method, and the next call of it: builders of strings, as Java has them. */
const CHAINED = /^["']\s{0,8}\)\s{0,80}\.\s{0,8}(append|concat)\(\s{0,8}["']/i;
const OWN_CALL = /\.\s{0,8}(append|concat)\(\s{0,8}["'][^"'\n]*$/i;

/** What a list, or calls in a chain, puts between the string that ends at `at` and the next: nothing, where it joins all. */
export function readJoinedList(bytes: Uint8Array, at: number): Escape | undefined {
  let next = at + 1;
  while (next < at + 40 && isSpace(bytes[next])) next++;
  if (bytes[next] !== COMMA && bytes[next] !== CLOSING) return undefined;
  const text = latin1(bytes, at, at + REACH);
  const before = latin1(bytes, Math.max(0, at - REACH), at);
  if (bytes[next] === CLOSING) {
    const chained = CHAINED.exec(text);
    return chained !== null && OWN_CALL.exec(before)?.[1] === chained[1] ? joint(chained[0]) : undefined;
  }
  const found = NEXT.exec(text)?.[0];
  if (found === undefined) return undefined;
  return JOINED_BEHIND.test(text.slice(found.length)) || JOINED_BEFORE.test(before)
    ? joint(found)
    : undefined;
}

/** What a string that is put in elsewhere takes the place of: `%s`, `{}`, `{0}`, `${'…'}`, where the string stands right behind. */
const PLACEHOLDERS: ReadonlyMap<number, RegExp> = new Map([
  [0x25, /^%[sv](?:\\n)?["'`](?:\s{0,8}%\s{0,8}\(?|\s{0,8},)?\s{1,8}["'](?=[\w-]+["'])/],
  [0x7b, /^(?:\{0?\}["'`]\s{0,8}(?:\.\s{0,8}format\(|,)\s{0,8}|\{\s{0,8})["'](?=[\w-]+["'](?:\s{0,8}[,)}]))/],
  [0x24, /^\$\{\s{0,8}["'`](?=[\w-]+["'`]\s{0,8}\})/],
]);

/** A place in a string that another string is put into. */
export function readPlaceholder(bytes: Uint8Array, at: number): Escape | undefined {
  const found = PLACEHOLDERS.get(bytes[at] ?? 0)?.exec(latin1(bytes, at, at + 200));
  return found === null || found === undefined ? undefined : joint(found[0]);
}

function joint({ length }: string): Escape {
  return { length, byte: undefined };
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d);
}
