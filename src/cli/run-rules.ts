import { RULES } from '../rules/builtin.generated.js';
import { checkRules } from '../workflows/check-rules.js';
import { table } from './table.js';

export function list(): number {
  process.stdout.write(
    table(
      ['RULE', 'FINDS', 'REVOCABLE', 'WHAT IT IS'],
      RULES.map((rule) => [rule.id, `${rule.prefix}…`, rule.revocable ? 'yes' : 'no', rule.name]),
    ),
  );
  return 0;
}

/** Exit code 0 when every rule finds its examples and none of its counterexamples, 1 when not. */
export function check(): number {
  const failures = checkRules();
  for (const failure of failures) process.stderr.write(`guardsweep: ${failure}\n`);
  const checked = RULES.reduce((sum, rule) => sum + rule.examples.length + rule.counterexamples.length, 0);
  process.stdout.write(`${checked} examples of ${RULES.length} rules, ${failures.length} failed\n`);
  return failures.length === 0 ? 0 : 1;
}
