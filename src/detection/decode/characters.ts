import { latin1 } from '../latin1.js';
import { KEY } from './list-key.js';
import type { DecodedView, Decoder } from './view.js';
import { NOT_TEXT, READ_AFTER, ViewBuilder } from './view.js';

/** How many bytes before the hit are read: what shows the left boundary, however the list is indented. */
const BYTES_BEFORE = 512;

const QUOTED = new RegExp(
  String.raw`(?:${KEY})?(["'])(?:\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|(\\[^ux]|[^\\\n]))\1`,
  'g',
);
const GAP = /^(?:[\s,;]*|\s*\n\s*- +)$/;

/**
 * A text of which every character is an element: in quotes (a list, or an object with keys, which a text becomes when it is
 * spread), or with one mark between, which is always the same.
 */
export const decodeCharacters: Decoder = (bytes, at) =>
  isQuote(bytes[at]) || isQuote(bytes[at + 2]) || isQuote(bytes[at + 3])
    ? quoted(bytes, at)
    : parted(bytes, at);

function quoted(bytes: Uint8Array, at: number): DecodedView {
  const begin = Math.max(0, at - BYTES_BEFORE);
  const from = begin + outOfStep(latin1(bytes, begin, at + LONGEST_ELEMENT), at - begin);
  const limit = Math.min(bytes.length, at + READ_AFTER);
  const text = latin1(bytes, from, limit);
  let builder = new ViewBuilder();
  let end = 0;
  for (const { 0: all, 2: unicode, 3: hex, 4: character, index } of text.matchAll(QUOTED)) {
    if (builder.length > 0 && !GAP.test(text.slice(end, index))) {
      if (from + end > at) break;
      builder = new ViewBuilder();
    }
    if (builder.full) break;
    const code = character?.charCodeAt(character.length - 1) ?? Number.parseInt(unicode ?? hex!, 16);
    // Of those that a backslash escapes, only quotes and itself stand for what they are.
    const isText = code < 0x80 && (character?.length !== 2 || !/\w/.test(character));
    builder.push(isText ? code : NOT_TEXT, from + index, from + index + all.length);
    end = index + all.length;
  }
  return builder.view('characters', from + end, limit, bytes);
}

const LONGEST_ELEMENT = 40;

/** How many bytes to leave out so that the quotes of the hit's element are a pair: `","` between two of them is one, too. */
function outOfStep(text: string, at: number): number {
  const end = at + (/(["'])[^"']\1(?!["'])/.exec(text.slice(at).replace(/^["']:/, '  '))?.index ?? 0) + 3;
  const isInStep = (skip: number) =>
    [...text.slice(skip, end).matchAll(QUOTED)].some(
      ({ 0: all, index }) => skip + index + all.length === end,
    );
  return [0, 1, 2, 3].find(isInStep) ?? 0;
}

function parted(bytes: Uint8Array, at: number): DecodedView {
  const builder = new ViewBuilder();
  const limit = Math.min(bytes.length, at + READ_AFTER);
  const mark = latin1(bytes, at + 1, at + (bytes[at + 2] === 0x20 && bytes[at + 1] === 0x2c ? 3 : 2));
  const step = 1 + mark.length;
  const isMark = (place: number) => latin1(bytes, place, place + mark.length) === mark;
  let next = at;
  while (
    next >= step &&
    next > at - BYTES_BEFORE &&
    isMark(next - mark.length) &&
    isOne(bytes, next - step, mark)
  )
    next -= step;
  for (; next < limit && !builder.full; next += step) {
    if (!isOne(bytes, next, mark)) break;
    builder.push(bytes[next]!, next, next + 1);
    if (!isMark(next + 1)) {
      next += step;
      break;
    }
  }
  return builder.view('characters', Math.min(next, limit), limit, bytes);
}

/** Whether the character at a place stands by itself. */
function isOne(bytes: Uint8Array, at: number, mark: string): boolean {
  const isAlone = (byte: number | undefined) =>
    byte === undefined || byte === mark.charCodeAt(0) || !isWord(byte);
  return (
    bytes[at] !== undefined &&
    bytes[at] !== mark.charCodeAt(0) &&
    isAlone(bytes[at + 1]) &&
    (at === 0 || isAlone(bytes[at - 1]) || bytes[at - 1] === mark.charCodeAt(mark.length - 1))
  );
}

function isWord(byte: number): boolean {
  const lower = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x7a) || byte === 0x5f || byte === 0x2d;
}

function isQuote(byte: number | undefined): boolean {
  return byte === 0x22 || byte === 0x27;
}
