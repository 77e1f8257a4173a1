import { RULES } from '../rules/builtin.generated.js';
import { checkRules as check } from '../rules/check.js';
import { builtinDetector } from './detector.js';

/** What is wrong with the rules by their own examples and counterexamples; nothing, if all is well. */
export function checkRules(): string[] {
  return check(RULES, builtinDetector()).map(({ rule, text, reason }) => `${rule}: “${text}” ${reason}`);
}
