import type { Confidence } from '../../model/match.js';
import type { Rule } from '../../model/rule.js';
import { ESCAPES } from '../decode/decoders.js';
import type { DecoderName } from '../decode/encoding.js';
import { inHexDump } from '../decode/hex.js';
import { type Predictability, predictability } from './predictability.js';
import { PREDICTABLE_BITS, type Reason } from './reasons.js';

/** What stands at a prefix. The span is half-open and covers prefix and body. */
export interface Confirmation {
  readonly rule: Rule;
  readonly start: number;
  readonly end: number;
  readonly confidence: Confidence;
  readonly reasons: readonly Reason[];
  /** What may undo the escape that stands where the body ends: then the body may go on behind it. */
  readonly goesOn?: DecoderName;
}

/** Fewer characters than these say nothing, cut short or not. */
const SHORTEST_LEAD = 4;
const JUDGED_KEPT = 512;

/** A rule, with its alphabets as tables. */
export class Confirmer {
  readonly rule: Rule;
  readonly #body: Uint8Array;
  readonly #companion: Uint8Array;
  readonly #judged = new Map<string, Predictability>();

  constructor(rule: Rule) {
    this.rule = rule;
    this.#body = alphabetTable(rule.body.alphabet);
    this.#companion = alphabetTable(rule.companion?.alphabet ?? '');
  }

  /**
   * Judges the prefix that stands at `start`. `undefined` when there is nothing to report.
   *
   * @param ended whether `bytes` ends where the input does, not where a view was full.
   */
  confirm(bytes: Uint8Array, start: number, ended: boolean): Confirmation | undefined {
    const { rule } = this;
    const from = start + rule.prefix.length;
    let end = from;
    const limit = Math.min(bytes.length, from + rule.body.max + 1);
    while (end < limit && this.#body[bytes[end]!] === 1) end++;
    const overlong = end - from > rule.body.max;
    if (!overlong) end = trimmed(bytes, start, from, end);
    const glued = isGlued(bytes, start);
    const judgement =
      end - from < rule.body.min
        ? this.#lead(bytes, from, end, ended)
        : this.#whole(bytes, from, end, overlong);
    const goesOn = ESCAPES.get(bytes[end] ?? -1)?.decoder;
    const next = goesOn === undefined ? {} : { goesOn };
    if (judgement === undefined || (glued && judgement[0] !== 'random_body')) {
      // Nothing to report as it stands, but there may be when the escape is undone.
      return goesOn === undefined || glued
        ? undefined
        : { rule, start, end, confidence: 'low', reasons: [], goesOn };
    }
    const reasons: readonly Reason[] = glued ? ['glued', ...judgement] : judgement;
    return { rule, start, end, confidence: reasons[0] === 'random_body' ? 'high' : 'low', reasons, ...next };
  }

  #whole(bytes: Uint8Array, from: number, end: number, overlong: boolean): readonly Reason[] {
    if (overlong) return ['overlong'];
    const { bits, pattern } = this.#predictability(latin1(bytes, from, end));
    if (bits >= PREDICTABLE_BITS) return [pattern === 'words' ? 'identifier' : 'placeholder'];
    return this.#hasCompanion(bytes, end) ? ['random_body', 'with_companion'] : ['random_body'];
  }

  /** Judged once as long as it is among the last: layers in each other, and copies in a file, show one body often. */
  #predictability(body: string): Predictability {
    const known = this.#judged.get(body);
    if (known !== undefined) return known;
    if (this.#judged.size === JUDGED_KEPT) this.#judged.clear();
    const judged = predictability(body, this.rule.body.min);
    this.#judged.set(body, judged);
    return judged;
  }

  /** A body too short to be whole is a lead where something cut it, and where it looks like no word. */
  #lead(bytes: Uint8Array, from: number, end: number, ended: boolean): readonly Reason[] | undefined {
    if (end - from < SHORTEST_LEAD) return undefined;
    const body = latin1(bytes, from, end);
    if (!/[0-9]/.test(body) && !(/[a-z]/.test(body) && /[A-Z]/.test(body.slice(1)))) return undefined;
    if (predictability(body, SHORTEST_LEAD).bits > 4) return undefined;
    if (end === bytes.length) return ended ? ['cut_by_end'] : undefined;
    if (isElision(bytes, end)) return ['elided'];
    const atLineEnd = bytes[end] === 0x0a || bytes[end] === 0x0d;
    return atLineEnd && !inHexDump(bytes, from) ? ['cut_by_line_end'] : undefined;
  }

  #hasCompanion(bytes: Uint8Array, end: number): boolean {
    const { companion } = this.rule;
    if (companion === undefined) return false;
    const lead = companion.separator + companion.prefix;
    if (latin1(bytes, end, end + lead.length) !== lead) return false;
    const rest = bytes.subarray(end + lead.length, end + lead.length + companion.length);
    return rest.length === companion.length && rest.every((byte) => this.#companion[byte] === 1);
  }
}

/**
 * Whether a letter or digit stands right before, as in `stg_org_`; one that ends an escape (`\n`, `%20`, a colour code)
 * does not count. `_` and `-` join names of files and variables to a token (`npm-tg_org_…`), so they are boundaries.
 */
function isGlued(bytes: Uint8Array, start: number): boolean {
  const before = bytes[start - 1];
  if (before === undefined || !isAlphanumeric(before)) return false;
  for (let at = start - 2; at >= Math.max(0, start - 16); at--) {
    const found = ESCAPES.get(bytes[at]!)?.read(bytes, at);
    if (found === undefined) continue;
    if (at + found.length === start) return found.byte !== undefined && isAlphanumeric(found.byte);
    // `%253A`: what is escaped is the sign of an escape.
    if (found.byte === 0x25 && at + found.length + 2 === start) return false;
  }
  return true;
}

/**
 * Takes off what closes a text rather than ends a token: marks of emphasis that also stand before it (`_…_`, `__…__`), the
 * dashes of `-->`, and three or more in a row. A single `-` or `_` may be the token's own last character.
 */
function trimmed(bytes: Uint8Array, start: number, from: number, end: number): number {
  const mark = bytes[end - 1];
  if (mark !== 0x2d && mark !== 0x5f) return end;
  let marks = 0;
  while (end - marks > from && bytes[end - 1 - marks] === mark) marks++;
  if (marks >= 3 || (mark === 0x2d && marks === 2 && bytes[end] === 0x3e)) return end - marks;
  let opening = 0;
  while (opening < marks && bytes[start - 1 - opening] === mark) opening++;
  return opening === marks ? end - marks : end;
}

/** `...`, `…` in UTF-8, or asterisks. */
function isElision(bytes: Uint8Array, at: number): boolean {
  const three = latin1(bytes, at, at + 3);
  return three === '...' || three === '\xe2\x80\xa6' || three === '***';
}

function isAlphanumeric(byte: number): boolean {
  const lower = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x7a);
}

/** A table of the bytes that the inside of a bracket expression (`A-Za-z0-9_-`) names. */
function alphabetTable(alphabet: string): Uint8Array {
  const pattern = alphabet === '' ? /(?!)/ : new RegExp(`[${alphabet}]`);
  return Uint8Array.from({ length: 256 }, (_, byte) => (pattern.test(String.fromCharCode(byte)) ? 1 : 0));
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.subarray(from, to)).toString('latin1');
}
