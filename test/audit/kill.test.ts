import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Journal } from '../../src/audit/journal.js';
import { verifyJournal } from '../../src/audit/verify.js';

/** How many processes are killed: more with `KILL_RUNS=300`. */
const RUNS = Number(process.env.KILL_RUNS ?? 12);

let folder: string;
let script: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-kill-'));
  script = join(folder, 'writer.mjs');
  buildSync({
    stdin: {
      contents: `import { Journal } from './src/audit/journal.ts';
        import { writeSync } from 'node:fs';
        const journal = Journal.open(process.argv[2], { redact: (text) => text });
        for (let n = 0; ; n++) {
          journal.append({ event: 'INTENT', run: 'r', tokenId: 'T' + n, detail: 'x'.repeat(n % 3000) });
          writeSync(1, 'T' + n + '\\n');
        }`,
      resolveDir: join(import.meta.dirname, '../..'),
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: script,
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('killed at any moment: what was said to be on disk is, the chain holds, and the next run may go on', async () => {
  for (let run = 0; run < RUNS; run++) {
    const file = join(folder, `${run}.jsonl`);
    const durable = await killedWriter(file, 1 + ((run * 37) % 100));
    const before = verifyJournal(file);
    expect(before.ok).toBe(true);
    expect(before.lines).toBeGreaterThanOrEqual(durable);
    // At most the line that was on its way is more than what was acknowledged.
    expect(before.lines).toBeLessThanOrEqual(durable + 1);

    const journal = Journal.open(file, { redact: (text) => text });
    journal.append({ event: 'RUN', run: 'next' });
    journal.close();
    expect(verifyJournal(file)).toMatchObject({ ok: true, lines: before.lines + 1, truncated: 0 });
    expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(before.lines + 1);
  }
}, 600_000);

/** @returns how many lines the writer said were on disk before it was killed, some milliseconds after the first. */
function killedWriter(file: string, milliseconds: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      if (said === '') setTimeout(() => child.kill('SIGKILL'), milliseconds);
      said += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (_, signal) => {
      if (signal === 'SIGKILL') resolve(said.split('\n').length - 1);
      else reject(new Error('the writer ended by itself'));
    });
  });
}
