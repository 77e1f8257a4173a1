import {
  appendFileSync,
  chmodSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/model/report.js';
import { emulator } from '../support/emulator.js';
import { following, pause } from '../support/following.js';
import { folder, guardsweep } from '../support/program.js';
import { findingOf, fingerprintOf, reportOf } from '../support/report.js';
import { body, orgToken } from '../support/tokens.js';

/** Where a token was seen: which file, line, column, offset. */
function placesOf(report: Report, token: string): string[] {
  return (findingOf(report, token)?.sightings ?? []).map(({ where, line, column, offset }) => {
    const name = where.kind === 'file' ? (where.now_at ?? where.path) : '?';
    return `${name}:${line}:${column} @${offset}`;
  });
}

function logIn(cwd: string): string {
  return join(cwd, 'app.log');
}

describe('a log that is rotated', () => {
  test('by moving it away: each file is read to its end, also what comes late, with its own lines', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    const [first, second, late, third] = ['first', 'second', 'late', 'third'].map((seed) =>
      orgToken(seed),
    ) as [string, string, string, string];
    writeFileSync(log, `one\ntoken ${first}\n`);
    const running = await following(['app.log'], { cwd });
    await running.says(first.slice(-4));
    const writer = openSync(log, 'a');
    renameSync(log, `${log}.1`);
    writeFileSync(log, `${second} in the new file\n`);
    await running.says(second.slice(-4));
    writeSync(writer, `who wrote did not know\n ${late}\n`);
    closeSync(writer);
    await running.says(late.slice(-4));
    renameSync(`${log}.1`, `${log}.2`);
    renameSync(log, `${log}.1`);
    writeFileSync(log, `${third}\n`);
    await running.says(third.slice(-4));
    const report = await running.report();
    expect(placesOf(report, first)).toEqual(['app.log.2:2:7 @10']);
    expect(placesOf(report, late)).toEqual([`app.log.2:4:2 @${11 + first.length + 24}`]);
    expect(placesOf(report, second)).toEqual(['app.log.1:1:1 @0']);
    expect(placesOf(report, third)).toEqual(['app.log:1:1 @0']);
    expect(report.coverage).toMatchObject({ complete: true, units: { files: 3 } });
    expect(report.exit_code).toBe(1);
    for (const token of [first, second, late, third]) expect(running.tellings(token)).toBe(1);
  });

  test('by copying and emptying it: what was written right before is read from the copy', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    const [before, last, after] = ['before', 'last', 'after'].map((seed) => orgToken(seed)) as [
      string,
      string,
      string,
    ];
    writeFileSync(log, `${'x'.repeat(2_000)}\n${before}\n`);
    const running = await following(['app.log'], { cwd });
    await running.says(before.slice(-4));
    // All at once, between two looks.
    appendFileSync(log, `${last}\n`);
    copyFileSync(log, `${log}.1`);
    truncateSync(log);
    appendFileSync(log, `${after}\n`);
    await running.says(after.slice(-4));
    const report = await running.report();
    expect(placesOf(report, before)).toEqual(['app.log.1:2:1 @2001']);
    expect(placesOf(report, last)).toEqual([`app.log.1:3:1 @${2001 + before.length + 1}`]);
    expect(placesOf(report, after)).toEqual(['app.log:1:1 @0']);
    expect(report.coverage.complete).toBe(true);
    for (const token of [before, last, after]) expect(running.tellings(token)).toBe(1);
  });

  test('by emptying it without a copy: it cannot be known that all was read, and that is said', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    const token = orgToken('emptied');
    // Longer than before at once: its size alone does not tell.
    writeFileSync(log, 'a\n');
    const running = await following(['app.log'], { cwd });
    await pause(500);
    writeFileSync(log, `${'other lines\n'.repeat(10)}${token}\n`);
    await running.says(token.slice(-4));
    const report = await running.report();
    expect(placesOf(report, token)).toEqual(['app.log:11:1 @120']);
    expect(report.coverage.unscanned).toMatchObject([
      {
        where: { kind: 'file', path: 'app.log' },
        reason: 'unreadable',
        detail: expect.stringContaining('emptied'),
      },
    ]);
    expect(report.exit_code).toBe(2);
  });

  test('by deleting it and making it anew', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    const [old, fresh] = [orgToken('deleted'), orgToken('made anew')];
    writeFileSync(log, `${old}\n`);
    const running = await following(['app.log'], { cwd });
    await running.says(old.slice(-4));
    rmSync(log);
    await pause(500);
    writeFileSync(log, `${fresh}\n`);
    await running.says(fresh.slice(-4));
    const report = await running.report();
    expect(findingOf(report, old)!.sightings).toMatchObject([
      { where: { kind: 'file', path: 'app.log', generation: 1 }, line: 1, offset: 0 },
    ]);
    expect(placesOf(report, fresh)).toEqual(['app.log:1:1 @0']);
    expect(report.coverage.complete).toBe(true);
  });

  test('by leading its symbolic link elsewhere, and back', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    const [old, fresh, back] = [orgToken('old target'), orgToken('new target'), orgToken('back')];
    const lead = (to: string) => {
      symlinkSync(to, `${log}.tmp`);
      renameSync(`${log}.tmp`, log);
    };
    writeFileSync(join(cwd, 'monday'), `${old}\n`);
    writeFileSync(join(cwd, 'tuesday'), `-\n${fresh}\n`);
    lead('monday');
    const running = await following(['app.log'], { cwd });
    await running.says(old.slice(-4));
    lead('tuesday');
    await running.says(fresh.slice(-4));
    lead('monday');
    appendFileSync(join(cwd, 'monday'), `${back}\n`);
    await running.says(back.slice(-4));
    const report = await running.report();
    expect(placesOf(report, old)).toEqual(['app.log:1:1 @0']);
    expect(placesOf(report, back)).toEqual([`app.log:2:1 @${old.length + 1}`]);
    expect(placesOf(report, fresh)).toEqual([`${join(cwd, 'tuesday')}:2:1 @2`]);
    expect(report.coverage.units.files).toBe(2);
  });

  test('many times, by a writer that never waits: every token once, nothing twice', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    const rotations = 12;
    const lines = 50;
    const tokens = Array.from({ length: rotations * lines }, (_, at) => orgToken(`storm ${at}`));
    const running = await following(['app.log'], { cwd });
    for (let rotation = 0; rotation < rotations; rotation++) {
      const writer = openSync(log, 'a');
      const mine = tokens.slice(rotation * lines, (rotation + 1) * lines);
      for (const token of mine) writeSync(writer, `${body('noise', 300)} ${token}\n`);
      for (let number = rotation; number > 0; number--)
        renameSync(`${log}.${number}`, `${log}.${number + 1}`);
      renameSync(log, `${log}.1`);
      closeSync(writer);
      // Now and then faster than anybody can look.
      if (rotation % 3 === 0) await pause(250);
    }
    const report = await running.report();
    expect(report.findings).toHaveLength(tokens.length);
    for (const [at, token] of tokens.entries()) {
      const number = rotations - Math.floor(at / lines);
      const line = (at % lines) + 1;
      expect(placesOf(report, token)).toEqual([
        `app.log.${number}:${line}:302 @${(line - 1) * (302 + token.length) + 301}`,
      ]);
    }
    expect(report.coverage).toMatchObject({ complete: true, units: { files: rotations } });
  });
});

describe('a token in pieces', () => {
  test('written in two goes is one token, and what it looked like meanwhile is not in the report', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    const token = orgToken('two goes');
    const running = await following(['app.log'], { cwd });
    appendFileSync(log, `x ${token.slice(0, 27)}`);
    await pause(800);
    appendFileSync(log, `${token.slice(27)}\n`);
    await running.says(token.slice(-4));
    const report = await running.report();
    expect(report.findings).toHaveLength(1);
    expect(placesOf(report, token)).toEqual(['app.log:1:3 @2']);
  });

  test('cut by a rotation is a lead, of low confidence', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    const token = orgToken('cut by a rotation');
    const running = await following(['app.log'], { cwd });
    appendFileSync(log, `x ${token.slice(0, 16)}`);
    await pause(400);
    renameSync(log, `${log}.1`);
    writeFileSync(log, `${token.slice(16)}\n`);
    await pause(400);
    const report = await running.report();
    expect(report.findings).toMatchObject([{ confidence: 'low' }]);
    expect(placesOf(report, token.slice(0, 16))).toEqual(['app.log.1:1:3 @2']);
    expect(report.exit_code).toBe(0);
  });

  test('half a character of UTF-16 waits for the other half', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    const token = orgToken('wide');
    const bytes = Buffer.from(`\ufefftoken: ${token}\r\n`, 'utf16le');
    const running = await following(['app.log'], { cwd });
    for (const cut of [0, 33, 71]) {
      appendFileSync(log, bytes.subarray(cut, cut === 0 ? 33 : cut === 33 ? 71 : undefined));
      await pause(300);
    }
    await running.says(token.slice(-4));
    const report = await running.report();
    expect(report.findings).toHaveLength(1);
    expect(findingOf(report, token)!.sightings).toMatchObject([{ line: 1, offset: 16, via: ['utf16le'] }]);
  });

  test('of base64 over several lines, written line by line', async () => {
    const cwd = folder();
    const log = logIn(cwd);
    const token = orgToken('wrapped');
    const encoded = Buffer.from(`some words before ${token} and after`).toString('base64');
    const running = await following(['app.log'], { cwd });
    for (const line of encoded.match(/.{1,24}/g)!) {
      appendFileSync(log, `${line}\n`);
      await pause(120);
    }
    await running.says(token.slice(-4));
    const report = await running.report();
    expect(report.findings.map(({ fingerprint }) => fingerprint)).toEqual([fingerprintOf(token)]);
  });
});

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
