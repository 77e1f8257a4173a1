// Reads what Stryker found (coverage/mutation.json): every mutant that no test kills has to be justified in
// test/mutants.json, and every justification has to be of such a mutant. Exit code 1 otherwise.
import { readFileSync } from 'node:fs';

const { files } = JSON.parse(readFileSync('coverage/mutation.json', 'utf8'));
const justified = JSON.parse(readFileSync('test/mutants.json', 'utf8'));
const used = new Set();
const alive = [];
let killed = 0;

for (const [file, { source, mutants }] of Object.entries(files)) {
  const lines = source.split('\n');
  for (const { mutatorName: mutator, replacement, status, location } of mutants) {
    if (status === 'Killed' || status === 'Timeout' || status === 'CompileError') killed += 1;
    if (status !== 'Survived' && status !== 'NoCoverage') continue;
    const { line, column } = location.start;
    // By its line's text, not its number: lines move.
    const found = { file, line: lines[line - 1].trim(), mutator, replacement };
    const reason = justified.find((each) => Object.keys(found).every((name) => each[name] === found[name]));
    if (reason === undefined) alive.push({ ...found, at: `${file}:${line}:${column}` });
    else used.add(reason);
  }
}

const stale = justified.filter((each) => each.file in files && !used.has(each));
for (const { at, line, mutator, replacement } of alive) {
  console.log(`neither killed nor justified: ${at} ${mutator}\n  - ${line}\n  + ${replacement}`);
}
for (const { file, line, mutator } of stale)
  console.log(`justified, but not alive: ${file} ${mutator}\n    ${line}`);
console.log(
  `${killed} mutants killed, ${used.size} justified, ${alive.length} neither, ${stale.length} justified for nothing`,
);
process.exitCode = alive.length + stale.length === 0 ? 0 : 1;
