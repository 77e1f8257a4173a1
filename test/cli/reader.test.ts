import { spawnSync } from 'node:child_process';
import { existsSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Report } from '../../src/model/report.js';
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

test('who stops reading what is said along the way ends no revocation', async () => {
  const token = orgToken('along the way');
  const { env } = await emulator([{ token, user_identifier: 'alice', status: 'active' }]);
  const log = join(folder(), 'app.log');
  writeFileSync(log, token);
  const report = join(folder(), 'report.json');
  const child = start(['scan', '--revoke', '--yes', '--report', `json=${report}`, log], { env });
  child.stderr.destroy();
  child.stdout.destroy();
  expect(await new Promise((done) => child.on('exit', done))).toBe(2);
  const { findings } = JSON.parse(readFileSync(report, 'utf8')) as Report;
  expect(findings[0]!.remediation.state).toBe('verified_revoked');
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

test('a disk that takes a part of what is written has not taken it', async () => {
  const token = orgToken('part');
  const { env } = await emulator([{ token, user_identifier: 'alice', status: 'active' }]);
  const out = join(folder(), 'out');
  const withLittle = (command: string, ...args: string[]) =>
    spawnSync('sh', ['-c', `ulimit -f 1; exec "$0" "$@" ${command}`, process.execPath, PROGRAM, ...args], {
      env: { PATH: process.env.PATH, OUT: out, ...env },
      encoding: 'utf8',
    });
  const { status, stderr } = withLittle('> "$OUT"', 'completion', 'bash');
  expect(stderr).toContain('standard output could not be written');
  expect(status).toBe(2);
  expect(statSync(out).size).toBeGreaterThan(0);

  const log = join(folder(), 'app.log');
  writeFileSync(log, 'nothing');
  const reported = withLittle('', 'scan', '--report', `json=${join(folder(), 'report.json')}`, log);
  expect(reported.stderr).toContain('could not be written');
  expect(reported.stdout).toContain('"exit_code": 0');
  expect(reported.status, 'who reads the file finds no report').toBe(2);

  writeFileSync(log, token);
  const cut = withLittle('', 'scan', '--revoke', '--yes', '--journal', join(folder(), 'journal.jsonl'), log);
  expect(cut.stderr).toContain('The record ends early. The journal');
  expect(cut.stderr).not.toContain('Every action is recorded');
  expect(cut.status).toBe(4);
});
