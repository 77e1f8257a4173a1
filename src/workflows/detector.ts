import { createHash } from 'node:crypto';
import { createDetector, type Detector } from '../detection/detector.js';
import type { Rule } from '../model/rule.js';
import { VERSION } from '../model/version.js';
import { RULES } from '../rules/builtin.generated.js';

/**
 * A detector for the rules that ship with the program.
 * @param simd `false` keeps to plain JavaScript where WebAssembly SIMD would work.
 */
export function builtinDetector(simd = true): Detector {
  return createDetector(RULES, { simd });
}

export function ruleOf(id: string): Rule | undefined {
  return RULES.find((rule) => rule.id === id);
}

/** What a person has to do about a token of this rule; nothing where the service's endpoints can revoke it. */
export function adviceFor(id: string): string | undefined {
  return isRevocable(id) ? undefined : ruleOf(id)?.advice;
}

/** Whether the service's endpoints can probe and revoke what a rule finds. */
export function isRevocable(id: string): boolean {
  return ruleOf(id)?.revocable ?? false;
}

/** The literal beginnings of every family: what redaction looks for. */
export function prefixes(): string[] {
  return RULES.map((rule) => rule.prefix);
}

/** A name for what a scan would find: another version of the program or its rules, or other options, have another. */
export function rulesKey(options: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([VERSION, RULES, options]))
    .digest('hex');
}
