import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Rule } from '../model/rule.js';

/** A folder of rules that can't be used; the message names the file, the field and what was expected. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
}

/**
 * Reads every `*.yaml` of `folder`, in the order of their names. A program that runs has the rules compiled in
 * (`builtin.generated.ts`); this holds the files to their shape, and a test holds the two together.
 *
 * @throws {RuleError} for a file that is no YAML, lacks a field or repeats an ID.
 */
export async function loadRules(folder: string): Promise<Rule[]> {
  const { parse } = await import('./yaml.js');
  const rules = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => readRule(join(folder, name), parse));
  const ids = rules.map((rule) => rule.id);
  const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
  if (repeated !== undefined)
    throw new RuleError(`${folder}: two rules have the ID "${repeated}"; rename one.`);
  return rules;
}

const Alphabet = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_-]+$/, 'is written as ranges and characters of A-Z, a-z, 0-9, _ and -, with - last'),
);
const Count = v.pipe(v.number(), v.integer(), v.minValue(1));
const Example = v.strictObject({ text: v.string(), why: v.string() });

const RuleFile = v.strictObject({
  id: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_]*$/, 'is a lower-case name')),
  name: v.string(),
  // Seven bytes are the least that the prefilter can find at every alignment.
  prefix: v.pipe(v.string(), v.regex(/^[\x21-\x7e]{7,}$/, 'has at least 7 printable ASCII characters')),
  body: v.pipe(
    v.strictObject({ alphabet: Alphabet, min: Count, max: v.pipe(Count, v.maxValue(512)) }),
    v.check((body) => body.min <= body.max, 'has a min above its max'),
  ),
  companion: v.optional(
    v.strictObject({ separator: v.string(), prefix: v.string(), alphabet: Alphabet, length: Count }),
  ),
  revocable: v.boolean(),
  advice: v.pipe(v.string(), v.minLength(1)),
  examples: v.pipe(v.array(Example), v.minLength(1, 'has at least one example')),
  counterexamples: v.pipe(v.array(Example), v.minLength(1, 'has at least one counterexample')),
});

function readRule(path: string, parse: (text: string) => unknown): Rule {
  let data: unknown;
  try {
    data = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new RuleError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const result = v.safeParse(RuleFile, data);
  if (!result.success) {
    const issue = result.issues[0];
    throw new RuleError(`${path}: ${v.getDotPath(issue) ?? 'the rule'} ${issue.message}`);
  }
  const { companion, ...rule } = result.output;
  return companion === undefined ? rule : { ...rule, companion };
}
