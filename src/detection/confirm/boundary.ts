import { escapeAt } from '../decode/decoders.js';
import { latin1 } from '../latin1.js';

/**
 * Whether a letter or digit stands right before, as in `stg_org_`; one that ends an escape (`\n`, `%20`, a colour code)
 * does not count. `_` and `-` join names of files and variables to a token (`npm-tg_org_…`), so they are boundaries.
 */
export function followsCharacter(bytes: Uint8Array, start: number): boolean {
  const before = bytes[start - 1];
  if (before === undefined || !isAlphanumeric(before)) return false;
  if (COLOUR_ENDS.has(before) && COLOUR.test(latin1(bytes, Math.max(0, start - LONGEST_COLOUR), start)))
    return false;
  for (let at = start - 2; at >= Math.max(0, start - 16); at--) {
    const found = escapeAt(bytes, at);
    if (found === undefined) continue;
    if (at + found.length === start) return found.byte !== undefined && isAlphanumeric(found.byte);
    // `%253A`: what is escaped is the sign of an escape.
    if (found.byte === 0x25 && at + found.length + 2 === start) return false;
  }
  return true;
}

/** What colours end in; how they begin is written in as many ways as there are logs, or lost. */
const COLOUR = /(?:\[|%5[Bb])[\d;]{0,20}[mK]$/;
const COLOUR_ENDS = new Set([0x6d, 0x4b]);
const LONGEST_COLOUR = 26;

/**
 * Takes off what closes a text rather than ends a token: marks of emphasis that also stand before it (`_…_`, `__…__`), the
 * dashes of `-->`, and three or more in a row. A single `-` or `_` may be the token's own last character.
 */
export function closed(bytes: Uint8Array, start: number, from: number, end: number): number {
  const mark = bytes[end - 1];
  if (mark !== 0x2d && mark !== 0x5f) return end;
  let marks = 0;
  while (end - marks > from && bytes[end - 1 - marks] === mark) marks++;
  if (marks >= 3 || (mark === 0x2d && marks === 2 && bytes[end] === 0x3e)) return end - marks;
  let opening = 0;
  while (opening < marks && bytes[start - 1 - opening] === mark) opening++;
  return opening === marks ? end - marks : end;
}

/** What says that something was left out, in UTF-8 or as an escape: dots, asterisks, bullets, and words in brackets. */
const ELISION =
  /^(?:\*\*\*|(?:\xe2\x80\xa2|\xe2\x97\x8f){3}| ?\.\.\.| ?\xe2\x80\xa6|\\u2026|&hellip;|%E2%80%A6|=E2=80=A6| ?[[(<{](?:\.\.\.|\xe2\x80\xa6|(?:truncated|redacted|masked|hidden|omitted|snip|cut)\b))/i;
const LONGEST_ELISION = 16;

export function isElision(bytes: Uint8Array, at: number): boolean {
  return ELISION.test(latin1(bytes, at, at + LONGEST_ELISION));
}

const XML_CONTROL = /^_x00[01][0-9A-Fa-f]_/;

/** A control character as PowerShell (CLIXML) and Office write it in XML: `_x000D_`. */
export function isXmlControl(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0x5f && bytes[at + 1] === 0x78 && XML_CONTROL.test(latin1(bytes, at, at + 7));
}

function isAlphanumeric(byte: number): boolean {
  const lower = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x7a);
}
