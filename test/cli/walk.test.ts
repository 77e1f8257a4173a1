import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Report } from '../../src/model/report.js';
import { folder, guardsweep } from '../support/program.js';
import { reportOf } from '../support/report.js';
import { orgToken } from '../support/tokens.js';

function write(root: string, path: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), `token = ${orgToken(path)}\n`);
}

/** The files that tokens were found in, by their paths under the target. */
function found(report: Report): string[] {
  return report.findings
    .flatMap(({ sightings }) =>
      sightings.map(({ where }) => (where.kind === 'file' ? where.path : where.kind)),
    )
    .sort();
}

const USUAL = ['src/a.ts', '.env', '.config/pip/pip.conf', 'dist/app.js', '.git-old/x', 'ignored.log'];
const INSTALLED = [
  'node_modules/a/index.js',
  'sub/node_modules/.bin/b',
  'venv/lib/site-packages/c.py',
  '.yarn/cache/d',
];

describe('what an incident reads of a folder', () => {
  test('is everything: hidden, ignored, installed', async () => {
    const cwd = folder();
    for (const path of [...USUAL, ...INSTALLED]) write(cwd, path);
    writeFileSync(join(cwd, '.gitignore'), 'dist\nignored.log\n');
    const report = reportOf(await guardsweep(['scan', '--format', 'json'], { cwd }));
    expect(found(report)).toEqual([...USUAL, ...INSTALLED].sort());
    expect(report.coverage).toMatchObject({ complete: true });
    expect(report.coverage.left_out).toBeUndefined();
  });

  test.each(['1', '3'])(
    'but what is well known with --skip-well-known, and the report counts it (%s threads)',
    async (threads) => {
      const cwd = folder();
      for (const path of [...USUAL, ...INSTALLED]) write(cwd, path);
      // Enough files for more than one thread.
      if (threads !== '1') for (let at = 0; at < 4_100; at++) writeFileSync(join(cwd, `f${at}`), '');
      const args = ['scan', '--skip-well-known', '--exclude', 'ignored.log', '--threads', threads];
      const report = reportOf(await guardsweep([...args, '--format', 'json'], { cwd }));
      expect(found(report)).toEqual(USUAL.filter((path) => path !== 'ignored.log').sort());
      expect(report.coverage).toMatchObject({ complete: true, left_out: { folders: 4, files: 1 } });
      expect(report.exit_code).toBe(1);
      const text = await guardsweep(args, { cwd });
      expect(text.stdout).toContain('Left out, as you asked: 4 folders, 1 file.');
    },
  );

  test('is never what a link leads to; what is no file is listed, and the rest is read', async () => {
    const outside = folder();
    write(outside, 'secret');
    const cwd = folder();
    write(cwd, 'a');
    symlinkSync(outside, join(cwd, 'out'));
    symlinkSync(join(outside, 'secret'), join(cwd, 'out-file'));
    symlinkSync('..', join(cwd, 'up'));
    execFileSync('mkfifo', [join(cwd, 'pipe')]);
    const server = createServer().listen(join(cwd, 'socket'));
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const ended = await guardsweep(['scan', '--format', 'json'], { cwd });
    const report = reportOf(ended);
    expect(found(report)).toEqual(['a']);
    expect(report.coverage.unscanned.map(({ where, reason }) => [where, reason])).toEqual([
      [{ kind: 'file', path: 'pipe' }, 'unsupported'],
      [{ kind: 'file', path: 'socket' }, 'unsupported'],
    ]);
    expect(ended.code).toBe(2);
  });

  test.skipIf(process.getuid?.() === 0)('lists what it may not read, and reads the rest', async () => {
    const cwd = folder();
    for (const path of ['a', 'b', 'closed/c']) write(cwd, path);
    chmodSync(join(cwd, 'a'), 0);
    chmodSync(join(cwd, 'closed'), 0);
    onTestFinished(() => chmodSync(join(cwd, 'closed'), 0o700));
    const report = reportOf(await guardsweep(['scan', '--format', 'json'], { cwd }));
    expect(found(report)).toEqual(['b']);
    expect(report.coverage.unscanned.map(({ reason }) => reason)).toEqual(['unreadable', 'unreadable']);
  });

  test('is said in --help, and what a hook reads', async () => {
    const { stdout } = await guardsweep(['scan', '--help']);
    const help = stdout.replace(/\s+/g, ' ');
    expect(help).toContain('Everything is searched: hidden and ignored files, node_modules');
    expect(help).toContain('A hook walks no folder: it searches the index alone');
  });
});
