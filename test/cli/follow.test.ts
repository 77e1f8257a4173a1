import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { emulator } from '../support/emulator.js';
import { following, logIn, pause, placesOf } from '../support/following.js';
import { folder, guardsweep } from '../support/program.js';
import { findingOf, fingerprintOf, reportOf } from '../support/report.js';
import { orgToken } from '../support/tokens.js';

describe('what is not there, or cannot be read', () => {
  test('a log that does not exist yet is waited for; its folder, too', async () => {
    const cwd = folder();
    const token = orgToken('later');
    const running = await following(['logs/app.log'], { cwd });
    await running.says('logs/app.log does not exist yet; waiting for it');
    mkdirSync(join(cwd, 'logs'));
    writeFileSync(join(cwd, 'logs/app.log'), `${token}\n`);
    await running.says(token.slice(-4));
    const report = await running.report();
    expect(placesOf(report, token)).toEqual(['logs/app.log:1:1 @0']);
    expect(report.coverage.complete).toBe(true);
  });

  test('a log that never came is listed: it may be a slip of the pen', async () => {
    const cwd = folder();
    writeFileSync(logIn(cwd), 'x\n');
    const report = await (await following(['app.log', 'ap.log'], { cwd })).report();
    expect(report.coverage.unscanned).toMatchObject([
      { where: { kind: 'file', path: 'ap.log' }, reason: 'unreadable' },
    ]);
    expect(report.exit_code).toBe(2);
  });

  test('a disk that fails is listed, the other logs go on, and when it works again the reading does', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    const [before, other, after] = ['before fault', 'other', 'after fault'].map((seed) => orgToken(seed)) as [
      string,
      string,
      string,
    ];
    writeFileSync(log, `${before}\n`);
    writeFileSync(join(cwd, 'b.log'), 'x\n');
    const running = await following(['app.log', 'b.log'], { cwd });
    await running.says(before.slice(-4));
    // Reading this file at its beginning fails as a broken disk does.
    renameSync(log, `${log}.1`);
    symlinkSync('/proc/self/mem', log);
    await running.says('app.log: the disk could not read it (input/output error)');
    appendFileSync(join(cwd, 'b.log'), `${other}\n`);
    await running.says(other.slice(-4));
    rmSync(log);
    writeFileSync(log, `${after}\n`);
    await running.says(after.slice(-4));
    const report = await running.report();
    expect(placesOf(report, after)).toEqual(['app.log:1:1 @0']);
    expect(report.coverage.unscanned).toMatchObject([
      {
        where: { path: 'app.log' },
        reason: 'unreadable',
        detail: expect.stringContaining('input/output error'),
      },
    ]);
    expect(report.exit_code).toBe(2);
  });

  test('a folder in the place of the log is said, and looked past when the log is back', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    const token = orgToken('behind the folder');
    writeFileSync(log, 'x\n');
    const running = await following(['app.log'], { cwd });
    renameSync(log, `${log}.1`);
    mkdirSync(log);
    await running.says('app.log: what stands there now is not a file');
    rmdirSync(log);
    writeFileSync(log, `${token}\n`);
    await running.says(token.slice(-4));
    expect((await running.report()).coverage.complete).toBe(true);
  });

  test.skipIf(process.getuid?.() === 0)(
    'a log that may not be read is listed, unless it may be later',
    async () => {
      const cwd = folder();
      const log = logIn(cwd);
      const token = orgToken('closed');
      writeFileSync(log, `${token}\n`, { mode: 0 });
      const running = await following(['app.log'], { cwd });
      await running.says('app.log: permission denied');
      chmodSync(log, 0o600);
      await running.says(token.slice(-4));
      rmSync(log);
      writeFileSync(log, 'x\n', { mode: 0 });
      await pause(500);
      const report = await running.report();
      expect(report.coverage.unscanned).toMatchObject([{ reason: 'unreadable' }]);
    },
  );

  test('a log that is compressed from one rotation on is listed', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    writeFileSync(log, 'x\n');
    const running = await following(['app.log'], { cwd });
    rmSync(log);
    writeFileSync(log, gzipSync(orgToken('packed')));
    await running.says('it is compressed');
    const report = await running.report();
    expect(report.coverage.unscanned).toMatchObject([{ reason: 'unsupported' }]);
  });
});

describe('what is told, and when', () => {
  test('a token a thousand times over is told once, counted each time, and some of its places are kept', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    const token = orgToken('often');
    writeFileSync(log, `${token}\n`.repeat(3_000));
    const running = await following(['app.log'], { cwd });
    await running.says(token.slice(-4));
    appendFileSync(log, `${token}\n`.repeat(3_000));
    await pause(800);
    const report = await running.report();
    expect(running.tellings(token)).toBe(1);
    expect(report.findings).toHaveLength(1);
    expect(report.findings[0]!.sightings_total).toBe(6_000);
    expect(report.findings[0]!.sightings.length).toBeLessThanOrEqual(1_000);
  });

  test('each token is probed once, while the logs are followed', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    const [alive, dead] = [orgToken('alive'), orgToken('dead')];
    const service = await emulator([
      { token: alive, user_identifier: 'alice-laptop', status: 'active' },
      { token: dead, user_identifier: 'bob', status: 'revoked' },
    ]);
    writeFileSync(log, `${alive}\n`);
    const running = await following(['app.log'], { cwd, env: { ...service.env, HOME: cwd } });
    await running.says(/ {2}ALIVE {2}tg_org_….{4} {2}alice-laptop’s/);
    appendFileSync(log, `${dead}\n${alive}\n`);
    await running.says(/ {2}dead.* {2}tg_org_…/);
    const report = await running.report();
    expect(findingOf(report, alive)!.verdict).toMatchObject({
      state: 'active',
      user_identifier: 'alice-laptop',
    });
    expect(findingOf(report, alive)!.sightings).toHaveLength(2);
    const probes = (await service.log()).filter(({ path }) => path.endsWith('/probe'));
    expect(probes).toHaveLength(2);
    expect(report.actions.filter(({ kind }) => kind === 'probe')).toHaveLength(2);
    expect(running.stdout + running.stderr).not.toContain(alive.slice(7, 20));
  });

  test('--format jsonl: a line for each token as it comes, and the report as the last', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    const token = orgToken('lines');
    writeFileSync(log, `${token}\n`);
    const running = await following(['--format', 'jsonl', 'app.log'], { cwd });
    await running.says('"event":"found"');
    const { stdout, stderr } = await running.end('SIGTERM');
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      event: 'found',
      finding: {
        fingerprint: fingerprintOf(token),
        sightings: [{ where: { kind: 'file', path: 'app.log' }, line: 1 }],
      },
    });
    const report = reportOf({ stdout: lines[1]!, stderr });
    expect(findingOf(report, token)).toBeDefined();
    expect(stderr).not.toContain('FOUND');
  });

  test('--from-end leaves out what was there before, and counts its lines', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    const [old, fresh] = [orgToken('before'), orgToken('fresh')];
    writeFileSync(log, `${old}\n`);
    const running = await following(['--from-end', 'app.log'], { cwd });
    await pause(500);
    appendFileSync(log, `${fresh}\n`);
    await running.says(fresh.slice(-4));
    const report = await running.report();
    expect(report.findings).toHaveLength(1);
    expect(placesOf(report, fresh)).toEqual([`app.log:2:1 @${old.length + 1}`]);
  });

  test('--ignore-file: a token that is known is not told, and is in the report', async () => {
    const cwd = folder();
    const [known, fresh] = [orgToken('known'), orgToken('unknown')];
    writeFileSync(join(cwd, 'ignore'), `${fingerprintOf(known)}\n`);
    writeFileSync(logIn(cwd), `${known}\n${fresh}\n`);
    const running = await following(['--ignore-file', 'ignore', 'app.log'], { cwd });
    await running.says(fresh.slice(-4));
    const report = await running.report();
    expect(running.tellings(known)).toBe(0);
    expect(findingOf(report, known)!.suppressed_by).toBe('ignore:1');
  });
});

describe('how it ends', () => {
  test('at the second signal at once, with what was not read', async () => {
    const cwd = folder();
    writeFileSync(logIn(cwd), 'x\n');
    const running = await following(['app.log'], { cwd });
    await running.says('Read to the end (2 B)');
    truncateSync(logIn(cwd), 40_000_000_000);
    await pause(300);
    running.child.kill('SIGINT');
    await running.says('Ending');
    await pause(600);
    const report = await running.report();
    expect(report.coverage.unscanned).toMatchObject([
      {
        where: { kind: 'file', path: 'app.log' },
        detail: expect.stringMatching(/^\d+ bytes at its end were not read/),
      },
    ]);
    expect(report.exit_code).toBe(2);
  });

  test('with standard input, when that ends, and as it comes', async () => {
    const token = orgToken('piped');
    const cwd = folder();
    const running = await following(['-'], { cwd });
    running.child.stdin.write(`a\n${token}\n`);
    await running.says(token.slice(-4));
    running.child.stdin.end('the end\n');
    const report = await running.report();
    expect(findingOf(report, token)!.sightings).toMatchObject([
      { where: { kind: 'stream', name: '-' }, line: 2, column: 1, offset: 2 },
    ]);
    expect(report.coverage.bytes).toBe(2 + token.length + 1 + 8);
  });

  test('after --follow-for, with all that was there by then', async () => {
    const cwd = folder();
    const token = orgToken('in time');
    writeFileSync(logIn(cwd), `${token}`);
    const ended = await guardsweep(['scan', '--follow-for', '300ms', '--format', 'json', 'app.log'], { cwd });
    expect(ended.code).toBe(1);
    expect(placesOf(reportOf(ended), token)).toEqual(['app.log:1:1 @0']);
  });

  test('with the text report, too', async () => {
    const cwd = folder();
    const token = orgToken('text');
    writeFileSync(logIn(cwd), `${token}\n`);
    const running = await following(['--format', 'text', 'app.log'], { cwd });
    await running.says('  FOUND  ');
    const ended = await running.end('SIGTERM');
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain('1 token, 1 not known to be dead.');
    expect(ended.stdout).toContain('app.log:1:1');
  });
});

test.each([
  [['--revoke', '--yes', 'app.log'], 'guardsweep scan --revoke LOG'],
  [['--plan', 'plan.json', 'app.log'], 'revokes nothing'],
  [['--staged', 'app.log'], '--staged does not go with --follow'],
  [['--exclude', '*.1', 'app.log'], '--exclude does not go with --follow'],
  [[], 'needs the logs'],
  [['.'], 'is a folder'],
  [['app.log.gz'], 'is compressed'],
])('a wrong call is exit code 3, and says what to do: %j', async (args, said) => {
  const cwd = folder();
  writeFileSync(logIn(cwd), 'x\n');
  writeFileSync(join(cwd, 'app.log.gz'), gzipSync('x'));
  const ended = await guardsweep(['scan', '--follow', ...args], { cwd });
  expect(ended.stderr).toContain(said);
  expect(ended.code).toBe(3);
});

test('--format jsonl without --follow is a wrong call', async () => {
  const ended = await guardsweep(['scan', '--format', 'jsonl', '-'], { stdin: 'x' });
  expect(ended.code).toBe(3);
  expect(ended.stderr).toContain('--format json');
});
