import { spawnSync } from 'node:child_process';
import { existsSync, openSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emulator } from '../support/emulator.js';
import { folder, guardsweep, PROGRAM, start } from '../support/program.js';
import { orgToken } from '../support/tokens.js';

test('a reader that stops early is no reason to call a scan clean', async () => {
  const token = orgToken('reader');
  const service = await emulator([{ token, user_identifier: 'alice', status: 'active' }]);
  const file = join(folder(), 'app.log');
  writeFileSync(file, `${token}\n`.repeat(100));
  const child = start(['scan', '--format', 'json', file], { env: service.env });
  child.stdout.destroy();
  const code = await new Promise((done) => child.on('exit', done));
  expect([1, 2]).toContain(code);
});

test.skipIf(!existsSync('/dev/full'))(
  'a disk that is full is told as one, and a token that could be shown to nobody by its ID',
  async () => {
    const token = orgToken('disk');
    const { env } = await emulator([{ token, user_identifier: 'alice', status: 'active' }]);
    const log = join(folder(), 'app.log');
    writeFileSync(log, token);
    const journal = join(folder(), 'journal.jsonl');
    const onFullDisk = (...args: string[]) =>
      spawnSync(process.execPath, [PROGRAM, ...args], {
        env: { PATH: process.env.PATH, HOME: folder(), ...env },
        stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
        encoding: 'utf8',
      });
    const swept = onFullDisk('scan', '--revoke', '--yes', '--journal', journal, log);
    expect(swept.status).toBe(2);
    expect(swept.stderr).toMatch(/^guardsweep: standard output could not be written: ENOSPC/m);
    expect(swept.stderr).toContain(`If this run is cut off, finish it with: guardsweep resume ${journal}\n`);
    expect((await guardsweep(['audit', 'verify', journal])).code, 'what was begun is finished').toBe(0);
    const { status, stderr } = onFullDisk('tokens', 'issue', 'bob');
    expect(status).toBe(2);
    const [, id] = /nobody holds: .*ENOSPC.* guardsweep tokens revoke (\S+)\n/.exec(stderr) ?? [];
    const alive = await guardsweep(['tokens', 'list', '--status', 'active', '--format', 'ids'], { env });
    expect(`${id}\n`).toBe(alive.stdout);
  },
);

test('a disk that takes a part of what is written has not taken it', () => {
  const out = join(folder(), 'out');
  const { status, stderr } = spawnSync(
    'sh',
    ['-c', 'ulimit -f 1; exec "$0" "$@" > "$OUT"', process.execPath, PROGRAM, 'completion', 'bash'],
    { env: { PATH: process.env.PATH, OUT: out }, encoding: 'utf8' },
  );
  expect(stderr).toContain('standard output could not be written');
  expect(status).toBe(2);
  expect(statSync(out).size).toBeGreaterThan(0);
});
