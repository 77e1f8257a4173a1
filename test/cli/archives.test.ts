import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { sevenZip } from '../../fixtures/archives/seven-zip.js';
import { emulator } from '../support/emulator.js';
import { folder, guardsweep } from '../support/program.js';
import { reportOf } from '../support/report.js';
import { orgToken } from '../support/tokens.js';

const token = orgToken('cli archives');

test('--password-file opens what is encrypted; without it that is listed', async () => {
  const cwd = folder();
  const zip = { type: 'zip', args: ['-pswordfish', '-mem=AES256'] };
  writeFileSync(join(cwd, 'a.zip'), await sevenZip({ 'a.log': token }, zip));
  writeFileSync(join(cwd, 'passwords'), 'wrong\r\nswordfish\n');
  const shut = reportOf(await guardsweep(['scan', '--no-probe', '--format', 'json', 'a.zip'], { cwd }));
  expect(shut.exit_code).toBe(2);
  expect(shut.coverage.unscanned.map(({ reason }) => reason)).toEqual(['encrypted']);
  const ended = await guardsweep(
    ['scan', '--no-probe', '--format', 'json', '--password-file', 'passwords', 'a.zip'],
    { cwd },
  );
  expect(reportOf(ended).findings).toHaveLength(1);
  expect(reportOf(ended).coverage.complete).toBe(true);
});

test('what was found by a password or deep down is found again to be planned and revoked', async () => {
  const cwd = folder();
  const [locked, deep] = [orgToken('locked'), orgToken('deep')];
  const service = await emulator(
    [locked, deep].map((each) => ({ token: each, user_identifier: each.slice(-4), status: 'active' })),
  );
  mkdirSync(join(cwd, 'in'));
  writeFileSync(
    join(cwd, 'in/a.7z'),
    await sevenZip({ 'a.log': locked }, { args: ['-pswordfish', '-mhe=on'] }),
  );
  writeFileSync(
    join(cwd, 'in/core'),
    Buffer.concat([Buffer.alloc(100), deflateSync(`${'a line of text, '.repeat(30)}${deep}`)]),
  );
  writeFileSync(join(cwd, 'passwords'), 'swordfish\n');
  const how = ['--password-file', 'passwords', '--deep'];
  const run = (...args: string[]) => guardsweep(args, { cwd, env: service.env });
  const planned = await run('plan', 'in', '--output', 'plan.json', ...how);
  expect(planned.code).toBe(0);
  const blind = reportOf(await run('apply', 'plan.json', '--yes', '--format', 'json'));
  expect(blind.plan).toMatchObject({ approved: 2, drifted: [{}, {}] });
  const applied = reportOf(await run('apply', 'plan.json', '--yes', '--format', 'json', ...how));
  expect(applied.findings.map(({ remediation }) => remediation.state)).toEqual([
    'verified_revoked',
    'verified_revoked',
  ]);
  for (const command of ['plan in', 'apply plan.json --yes', 'resume plan.json --yes']) {
    const wrong = await run(...command.split(' '), '--password-file', 'nowhere');
    expect([wrong.code, wrong.stderr]).toEqual([3, expect.stringContaining('nowhere')]);
  }
}, 120_000);

test('a password file that cannot be read is a wrong call', async () => {
  const ended = await guardsweep(['scan', '--no-probe', '--password-file', 'nowhere', '.']);
  expect(ended.code).toBe(3);
  expect(ended.stderr).toContain('--password-file nowhere');
});

test('--deep looks for compressed streams in files that are no archives', async () => {
  const cwd = folder();
  const text = `${'a line of text, '.repeat(30)}${token}`;
  writeFileSync(join(cwd, 'core'), Buffer.concat([Buffer.alloc(100), deflateSync(text)]));
  const found = async (...args: string[]) =>
    reportOf(await guardsweep(['scan', '--no-probe', '--format', 'json', ...args, '.'], { cwd })).findings
      .length;
  expect(await found()).toBe(0);
  expect(await found('--deep')).toBe(1);
});

test('what a killed run left in the temporary folder goes when the next one starts', async () => {
  const cwd = folder();
  const stale = join(cwd, 'guardsweep-spool-999999999-abc');
  const others = join(cwd, 'guardsweep-spool-mine');
  for (const path of [stale, others]) mkdirSync(path);
  utimesSync(stale, 0, 0);
  writeFileSync(join(cwd, 'a'), 'x');
  await guardsweep(['scan', '--no-probe', 'a'], { cwd, env: { TMPDIR: cwd } });
  expect([existsSync(stale), existsSync(others)]).toEqual([false, true]);
});

test.each([1000, 5_000_000])(
  'a scan of a file of %i bytes in which something is found records what it was',
  async (size) => {
    const cwd = folder();
    const bytes = Buffer.concat([Buffer.alloc(size, ' '), Buffer.from(token)]);
    writeFileSync(join(cwd, 'leak.log'), bytes);
    utimesSync(join(cwd, 'leak.log'), 1.7e9, 1.7e9);
    const report = reportOf(
      await guardsweep(['scan', '--no-probe', '--format', 'json', 'leak.log', '.'], { cwd }),
    );
    expect(report.run.evidence).toEqual([
      {
        path: 'leak.log',
        size: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        modified_at: '2023-11-14T22:13:20.000Z',
        changed_at: expect.any(String),
      },
    ]);
  },
);
