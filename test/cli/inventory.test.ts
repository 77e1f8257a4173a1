import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildZip } from '../../fixtures/archives/zip-builder.js';
import type { Inventory } from '../../src/reporting/inventory.js';
import { emulator } from '../support/emulator.js';
import { commit, git, repository, write } from '../support/git.js';
import { folder, guardsweep } from '../support/program.js';
import { fingerprintOf } from '../support/report.js';
import { orgToken } from '../support/tokens.js';

const USED = orgToken('inventory used');
const GONE = orgToken('inventory gone');
const SAFE = orgToken('inventory safe');

test('what has leaked, what of it lives and since when, what has not; used after the leak is flagged', async () => {
  const path = repository();
  commit(path, { 'a.env': USED, 'b.env': GONE });
  write(path, { 'a.env': 'x' });
  commit(path, { 'a.env': 'taken out' });
  const seed = [
    {
      token: USED,
      user_identifier: 'alice',
      status: 'active',
      created_at: '2020-01-01T00:00:00Z',
      last_used_at: '2100-01-01T00:00:00Z',
    },
    {
      token: GONE,
      user_identifier: 'bob',
      status: 'active',
      created_at: '2020-01-01T00:00:00Z',
      last_used_at: '2020-02-02T00:00:00Z',
    },
    { token: SAFE, user_identifier: 'carol', status: 'active' },
  ] as const;
  const service = await emulator(seed, ['--dialect', 'id']);
  const dir = folder();
  const [first, second] = [join(dir, 'first.json'), join(dir, 'second.json')];
  await guardsweep(['scan', '--report', `json=${first}`, path], { env: service.env });
  const leak = join(dir, 'leak.log');
  writeFileSync(leak, GONE);
  await guardsweep(
    ['scan', '--revoke', '--yes', '--report', `json=${second}`, leak, path, '--protect', 'alice'],
    {
      env: service.env,
    },
  );

  const ended = await guardsweep(['inventory', second, first, '--format', 'json'], { env: service.env });
  const { leaked, not_leaked: safe } = JSON.parse(ended.stdout) as Inventory;
  expect(ended.code).toBe(1);
  expect(safe).toMatchObject([{ user_identifier: 'carol' }]);
  expect(leaked).toMatchObject([
    {
      fingerprint: fingerprintOf(USED),
      state: 'alive',
      user_identifier: 'alice',
      issued_at: expect.stringMatching(/^2020-01-01/),
      used_after_leak: true,
      in_files: false,
    },
    { fingerprint: fingerprintOf(GONE), state: 'dead', used_after_leak: false, in_files: true },
  ]);
  expect(leaked[1]!.dead_at).toBeDefined();
  expect(Date.parse(leaked[0]!.first_committed_at!)).toBeLessThan(Date.parse(leaked[0]!.first_found_at));

  const table = await guardsweep(['inventory', first, second], { env: service.env });
  expect(table.stdout).toMatch(/used after the leak/);
  expect(table.stdout).toMatch(/dead, still in files and at HEAD/);
  const alone = await guardsweep(['inventory', first, '--format', 'json']);
  expect((JSON.parse(alone.stdout) as Inventory).not_leaked).toBeUndefined();
  expect((await guardsweep(['inventory', leak])).code).toBe(3);
});

test('what stands at HEAD, in whatever container, whether the work tree shows it or not', async () => {
  const path = repository();
  const [kept, zipped, gone, untracked] = ['kept', 'zipped', 'gone', 'untracked'].map((name) =>
    orgToken(`inventory ${name}`),
  ) as [string, string, string, string];
  commit(path, { 'kept.env': kept, 'gone.env': gone });
  write(path, { 'leak.zip': buildZip([{ name: 'zipped.env', data: zipped }]) });
  rmSync(join(path, 'gone.env'));
  git(path, 'add', '-A');
  git(path, 'commit', '-q', '-m', 'next');
  // Deleted from the work tree only: a clone still has it.
  rmSync(join(path, 'kept.env'));
  rmSync(join(path, 'leak.zip'));
  write(path, { 'untracked.env': untracked });
  const report = join(folder(), 'report.json');
  await guardsweep(['scan', '--report', `json=${report}`, path]);
  const ended = await guardsweep(['inventory', report, '--format', 'json']);
  const { leaked } = JSON.parse(ended.stdout) as Inventory;
  const stands = (token: string) => {
    const { in_files: files, at_head: head } = leaked.find(
      (each) => each.fingerprint === fingerprintOf(token),
    )!;
    return { files, head };
  };
  expect(stands(kept)).toEqual({ files: false, head: true });
  expect(stands(zipped)).toEqual({ files: false, head: true });
  expect(stands(gone)).toEqual({ files: false, head: false });
  expect(stands(untracked)).toEqual({ files: true, head: false });
  expect((await guardsweep(['inventory', report])).stdout).toMatch(/at HEAD/);
});
