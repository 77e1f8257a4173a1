import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDetector } from '../../src/detection/detector.js';
import { RULES } from '../../src/rules/builtin.generated.js';
import { checkRules } from '../../src/rules/check.js';
import { loadRules } from '../../src/rules/load.js';

const ROOT = join(import.meta.dirname, '../..');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guardsweep-rules-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('the rules in the program are those in rules/: run node scripts/generate-rules.mjs', async () => {
  expect(RULES).toEqual(await loadRules(join(ROOT, 'rules')));
});

test('every rule finds its examples and leaves its counterexamples alone', () => {
  const detector = createDetector(RULES);
  for (let round = 0; round < 20; round++) expect(checkRules(RULES, detector)).toEqual([]);
});

test('a rule that fails says which text and why, without the random body', () => {
  const [rule] = RULES;
  const broken = [
    { ...rule!, examples: [{ text: 'none', why: 'no token' }], counterexamples: rule!.examples },
  ];
  const failures = checkRules(broken, createDetector(RULES));
  expect(failures[0]).toEqual({
    rule: rule!.id,
    kind: 'example',
    text: 'none',
    reason: 'not found with high confidence, but it should be: no token',
  });
  expect(failures.slice(1).map(({ kind, text }) => [kind, text])).toEqual(
    rule!.examples.map(({ text }) => ['counterexample', text]),
  );
});

test.each([
  ['no YAML', 'id: [', /broken\.yaml: /],
  ['a missing field', 'id: broken', /broken\.yaml: name /],
  ['a prefix too short to look for', 'prefix: tg_', /prefix has at least 7/],
])('%s is refused by name', async (_, text, message) => {
  const good = readFileSync(join(ROOT, 'rules/tg_anon.yaml'), 'utf8');
  const field = text.split(':')[0]!;
  writeFileSync(join(folder, 'broken.yaml'), field === 'prefix' ? good.replace(/^prefix: .*$/m, text) : text);
  await expect(loadRules(folder)).rejects.toThrow(message);
});

test('two rules of one ID are refused', async () => {
  const good = readFileSync(join(ROOT, 'rules/tg_anon.yaml'), 'utf8');
  writeFileSync(join(folder, 'a.yaml'), good);
  writeFileSync(join(folder, 'b.yaml'), good);
  await expect(loadRules(folder)).rejects.toThrow(/two rules have the ID "tg_anon"/);
});
