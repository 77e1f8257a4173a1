// Writes src/rules/builtin.generated.ts from rules/*.yaml, so that the program needs no YAML when it starts.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('..', import.meta.url));

export function generateRules() {
  const rules = readdirSync(`${root}/rules`)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => parse(readFileSync(`${root}/rules/${name}`, 'utf8')));
  return `// Generated from rules/*.yaml by scripts/generate-rules.mjs. Edit those.
import type { Rule } from '../model/rule.js';

export const RULES: readonly Rule[] = ${JSON.stringify(rules, null, 2)};
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(`${root}/src/rules/builtin.generated.ts`, generateRules());
}
