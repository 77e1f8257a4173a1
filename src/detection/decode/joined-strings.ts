import { latin1 } from '../latin1.js';
import type { Escape, EscapeReader } from './escape.js';
import { readJoinedList, readPlaceholder } from './joined-lists.js';
import { behindEnd } from './lines.js';

/** White space around the operator, at most. */
const MOST_SPACE = 80;

const OPERATORS = ['..', '||', '<>', '<<', '++', '+', '.', '&', '~'];

/**
 * The end of a string, an operator (`+`, `.`, `..`, `&`, `||`, `<>`, `<<`, `++`, `~`) or a continued line, and the beginning of the
 * next: strings as one. What is put into another string where that says so, too.
 */
export const readConcatenation: EscapeReader = (bytes, at) => {
  const quote = bytes[at];
  if (!isQuote(quote)) return readPlaceholder(bytes, at);
  const put =
    appendedTo(bytes, at) ??
    readJoinedList(bytes, at) ??
    (bytes[at - 1] === LOW_LINE ? putTogether(bytes, at) : undefined);
  if (put !== undefined) return put;
  let next = spaceEnd(bytes, at + 1);
  if (bytes[next] === 0x5c) {
    next += bytes[next + 1] === 0x0d ? 2 : 1;
    if (bytes[next] !== 0x0a) return undefined;
    next++;
  } else {
    const text = latin1(bytes, next, next + 2);
    const operator = OPERATORS.find((one) => text.startsWith(one));
    if (operator === undefined) return undefined;
    next += operator.length;
    // Visual Basic and PowerShell go on in the next line only where they are told to.
    const mark = spaceEnd(bytes, next);
    if ((operator === '&' && bytes[mark] === 0x5f) || (operator === '+' && bytes[mark] === 0x60))
      next = mark + 1;
  }
  next = spaceEnd(bytes, next);
  return isQuote(bytes[next]) ? { length: next + 1 - at, byte: undefined } : undefined;
};

const LOW_LINE = 0x5f;
/** How much before and behind a string tells that it is put together with the next. */
const AROUND = 200;
const ASSIGNED = /^["']\s{0,8};?\s{1,40}(\$?[\w.]{1,40})\s{0,8}[.+]=\s{0,8}["']/;

/** The next line, where that appends to the variable that the string was assigned or appended to. */
function appendedTo(bytes: Uint8Array, at: number): Escape | undefined {
  const found = ASSIGNED.exec(latin1(bytes, at, at + AROUND));
  if (found === null) return undefined;
  const name = found[1]!.replace(/[$.]/g, '\\$&');
  const own = new RegExp(`(?:^|[^\\w$])${name}\\s*[.+]?=\\s*["'][^"'\\n]*$`);
  return own.test(latin1(bytes, at - AROUND, at)) ? { length: found[0].length, byte: undefined } : undefined;
}

/** A method, quotes of shells: with all that the token has. */
const METHOD = /^["']\s{0,8}\.\s{0,8}concat\(\s{0,8}["'](?=[\w-]+["']\s{0,8}\)(?!\s{0,8}\.\s{0,8}concat))/;
const IN_SHELL = /^(?:["']{2}|["'])(?=[A-Za-z0-9][\w-]{15,}["']?(?:[\s;)]|$))/;

/** What puts a prefix together with the rest in a way that no operator shows. */
function putTogether(bytes: Uint8Array, at: number): Escape | undefined {
  const text = latin1(bytes, at, at + AROUND);
  const found = METHOD.exec(text) ?? IN_SHELL.exec(text);
  return found === null ? undefined : { length: found[0].length, byte: undefined };
}

/**
 * The end of a string and, with nothing but white space between, the beginning of the next: C and Python join them. And a
 * line that a backslash continues where the next is indented: YAML, TOML and Java's properties join them, shells do not.
 */
export const readAdjacency: EscapeReader = (bytes, at) => {
  const quote = bytes[at];
  if (quote === 0x5c) return indented(bytes, at);
  if (quote === 0x0a || quote === 0x0d) return typed(bytes, at);
  if (quote !== 0x22 && quote !== 0x27) return undefined;
  let next = spaceEnd(bytes, at + 1);
  if (next === at + 1) return undefined;
  if (STRING_KINDS.has(bytes[next]!) && bytes[next + 1] === quote) next++;
  return bytes[next] === quote ? { length: next + 1 - at, byte: undefined } : undefined;
};

const WORDS = /(?<![A-Za-z0-9])(?:[a-z]{2,12}_){2}$/;
const BODY = /^[A-Za-z0-9_-]{16,}(?![^\s"'`,;.)\]}])/;

/** The end of a line that somebody typed behind words joined by low lines, where a long word begins the next. */
function typed(bytes: Uint8Array, at: number): Escape | undefined {
  const next = bytes[at - 1] === LOW_LINE ? behindEnd(bytes, at) : undefined;
  if (next === undefined || !WORDS.test(latin1(bytes, at - 30, at))) return undefined;
  return BODY.test(latin1(bytes, next, next + AROUND)) ? { length: next - at, byte: undefined } : undefined;
}

/** Whether the string that ends at `at` is one of bytes in Python with the next: nothing else has such in a row. */
export function joinsBytes(bytes: Uint8Array, at: number): boolean {
  return /^(["'])\s+[bB]\1/.test(latin1(bytes, at, at + MOST_SPACE));
}

function indented(bytes: Uint8Array, at: number): Escape | undefined {
  const line = behindEnd(bytes, at + 1);
  if (line === undefined) return undefined;
  let next = line;
  while (next < line + MOST_SPACE && (bytes[next] === 0x20 || bytes[next] === 0x09)) next++;
  return next === line ? undefined : { length: next - at, byte: undefined };
}

/** What Python writes before a string: `b`, `r`, `u`, `f`; C: `L`. */
const STRING_KINDS = new Set([...'bBrRuUfFL'].map((letter) => letter.charCodeAt(0)));

function isQuote(byte: number | undefined): boolean {
  return byte === 0x22 || byte === 0x27 || byte === 0x60;
}

function spaceEnd(bytes: Uint8Array, at: number): number {
  let next = at;
  while (next < at + MOST_SPACE && (bytes[next] === 0x20 || (bytes[next]! >= 0x09 && bytes[next]! <= 0x0d)))
    next++;
  return next;
}
