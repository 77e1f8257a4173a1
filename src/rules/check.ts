import { randomInt } from 'node:crypto';
import type { Confidence } from '../model/match.js';
import type { Rule } from '../model/rule.js';

/** What a check needs of a detector. */
export interface TextScanner {
  scan(bytes: Uint8Array): readonly { readonly rule: string; readonly confidence: Confidence }[];
}

/** An example that was missed, or a counterexample that was found. `text` is as the rule has it: no random body. */
export interface RuleFailure {
  readonly rule: string;
  readonly kind: 'example' | 'counterexample';
  readonly text: string;
  readonly reason: string;
}

/** Runs every rule's examples and counterexamples through `scanner`. Bodies such as `{hex:32}` are made afresh. */
export function checkRules(rules: readonly Rule[], scanner: TextScanner): RuleFailure[] {
  return rules.flatMap((rule) => [
    ...rule.examples.flatMap(({ text, why }) =>
      foundHigh(rule, text, scanner)
        ? []
        : [failure(rule, 'example', text, `not found with high confidence, but it should be: ${why}`)],
    ),
    ...rule.counterexamples.flatMap(({ text, why }) =>
      foundHigh(rule, text, scanner)
        ? [failure(rule, 'counterexample', text, `found with high confidence, but it is ${why}`)]
        : [],
    ),
  ]);
}

function foundHigh(rule: Rule, text: string, scanner: TextScanner): boolean {
  return scanner
    .scan(Buffer.from(fillBodies(text)))
    .some((match) => match.rule === rule.id && match.confidence === 'high');
}

const DIGITS = '0123456789';
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LOWER = UPPER.toLowerCase();
const BODIES: Record<string, string> = {
  hex: `${DIGITS}abcdef`,
  base32: `${LOWER}234567`,
  upper: UPPER + DIGITS,
  base62: UPPER + LOWER + DIGITS,
  base64url: `${UPPER + LOWER + DIGITS}_-`,
};

function fillBodies(text: string): string {
  return text.replace(/\{(\w+):(\d+)\}/g, (whole, name: string, length: string) => {
    const alphabet = BODIES[name];
    if (alphabet === undefined) return whole;
    return Array.from({ length: Number(length) }, () => alphabet[randomInt(alphabet.length)]).join('');
  });
}

function failure(rule: Rule, kind: RuleFailure['kind'], text: string, reason: string): RuleFailure {
  return { rule: rule.id, kind, text, reason };
}
