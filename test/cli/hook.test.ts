import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commit, git, gitEnvironment, repository, write } from '../support/git.js';
import { guardsweep } from '../support/program.js';
import { orgToken } from '../support/tokens.js';

const TOKEN = orgToken('about to be committed');

/** Commits as a user would, hook and all. */
function tryCommit(path: string, ...args: string[]) {
  const ended = spawnSync('git', ['commit', '-q', '-m', 'try', ...args], {
    cwd: path,
    encoding: 'utf8',
    env: { ...gitEnvironment(), HOME: path },
  });
  return { code: ended.status, stderr: ended.stderr };
}

async function guarded(
  files: Readonly<Record<string, string | Uint8Array>> = { 'a.txt': 'a' },
): Promise<string> {
  const path = repository();
  commit(path, files);
  expect((await guardsweep(['hook', 'install'], { cwd: path })).code).toBe(0);
  return path;
}

test('a staged token stops the commit, and says where it is without showing it', async () => {
  const path = await guarded();
  write(path, { 'new/.npmrc': `//npm.flatt.tech/:_authToken=${TOKEN}\n` });
  git(path, 'add', '-A');
  const { code, stderr } = tryCommit(path);
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/^ +where +new\/.npmrc \(staged\):\d+:\d+$/m);
  expect(stderr).not.toContain(TOKEN);
});

test('a clean commit goes through without a word', async () => {
  const path = await guarded();
  write(path, { 'b.txt': 'tg_org_members_updated_at and tg_org_xxxxxxxxxxxxxxxxxxxx\n' });
  git(path, 'add', '-A');
  expect(tryCommit(path)).toEqual({ code: 0, stderr: '' });
});

test.each([
  { how: 'commit -a, where git hands over a temporary index', args: ['-a'] },
  { how: 'commit PATH, where git makes an index for the paths alone', args: ['a.txt'] },
])('$how', async ({ args }) => {
  const path = await guarded();
  write(path, { 'a.txt': `x ${TOKEN}\n` });
  expect(tryCommit(path, ...args).code).not.toBe(0);
});

test('a repository that is not there is no clean one: GIT_DIR, or a .git that leads nowhere', async () => {
  const path = await guarded();
  expect((await guardsweep(['hook', 'run'], { cwd: path, env: { GIT_DIR: '/nonexistent' } })).code).toBe(3);
  const lost = join(path, 'lost');
  write(path, { 'lost/.git': 'gitdir: ../gone\n' });
  expect((await guardsweep(['scan', '--staged'], { cwd: lost })).code).toBe(3);
});

test('in a subfolder, and in a linked worktree', async () => {
  const path = await guarded({ 'sub/a.txt': 'a' });
  const linked = `${path}-linked`;
  git(path, 'worktree', 'add', '-q', linked);
  write(linked, { 'sub/a.txt': TOKEN });
  git(linked, 'add', '-A');
  expect(tryCommit(join(linked, 'sub')).code).not.toBe(0);
  git(path, 'worktree', 'remove', '--force', linked);
});

test('what was committed before does not stop the next commit', async () => {
  const path = await guarded({ 'old.txt': TOKEN });
  write(path, { 'b.txt': 'b' });
  git(path, 'add', '-A');
  expect(tryCommit(path).code).toBe(0);
});

test('in a clone that borrows what it holds', async () => {
  const path = await guarded();
  const borrower = `${path}-borrower`;
  git(path, 'clone', '-q', '--shared', path, borrower);
  await guardsweep(['hook', 'install'], { cwd: borrower });
  write(borrower, { 'b.txt': 'b' });
  git(borrower, 'add', '-A');
  expect(tryCommit(borrower)).toEqual({ code: 0, stderr: '' });
  write(path, { 'lent.txt': TOKEN });
  git(path, 'add', '-A');
  write(borrower, { 'lent.txt': TOKEN });
  git(borrower, 'add', '-A');
  expect(tryCommit(borrower).code).not.toBe(0);
  rmSync(borrower, { recursive: true });
});

test('the first commit of a repository', async () => {
  const path = repository({ 'a.txt': TOKEN });
  await guardsweep(['hook', 'install'], { cwd: path });
  git(path, 'add', '-A');
  expect(tryCommit(path).code).not.toBe(0);
});

test('a token in an encoding, in a binary file, behind a -diff attribute, in an archive', async () => {
  const path = await guarded({ '.gitattributes': '*.bin -diff\n' });
  write(path, { 'x.bin': Buffer.concat([Buffer.alloc(100), Buffer.from(TOKEN, 'utf16le')]) });
  git(path, 'add', '-A');
  expect(tryCommit(path).code).not.toBe(0);
});

test('a staged archive that cannot be read stops the commit', async () => {
  const path = await guarded();
  write(path, { 'broken.gz': Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]) });
  git(path, 'add', '-A');
  const { code, stderr } = tryCommit(path);
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/broken\.gz/);
});

test('--ignore-file lets a known fingerprint through', async () => {
  const path = repository();
  write(path, { 'a.txt': TOKEN });
  git(path, 'add', '-A');
  const first = await guardsweep(['hook', 'run'], { cwd: path });
  expect(first.code).toBe(1);
  const [fingerprint] = /gs1_[a-z2-7]{32}/.exec(first.stderr)!;
  write(path, { known: `${fingerprint}  # revoked in May\n` });
  expect((await guardsweep(['hook', 'run', '--ignore-file', 'known'], { cwd: path })).code).toBe(0);
});

test('it contacts nobody, credential or not', async () => {
  const path = repository();
  write(path, { 'a.txt': TOKEN });
  git(path, 'add', '-A');
  const env = {
    TAKUMI_ORG_ID: 'O',
    TAKUMI_BOT_ID: 'BT01',
    TAKUMI_BOT_API_KEY: 'k',
    TAKUMI_API_URL: 'http://127.0.0.1:1/v1',
  };
  const ended = await guardsweep(['hook', 'run'], { cwd: path, env });
  expect(ended.code).toBe(1);
  expect(ended.stderr).not.toMatch(/127\.0\.0\.1/);
});

test('a hook of somebody’s own is left as it is', async () => {
  const path = repository();
  const file = join(path, '.git/hooks/pre-commit');
  mkdirSync(join(path, '.git/hooks'), { recursive: true });
  writeFileSync(file, '#!/bin/sh\nexit 0\n');
  const ended = await guardsweep(['hook', 'install'], { cwd: path });
  expect(ended.code).toBe(3);
  expect(ended.stderr).toMatch(/guardsweep hook run/);
  expect(readFileSync(file, 'utf8')).toBe('#!/bin/sh\nexit 0\n');
  expect((await guardsweep(['hook', 'uninstall'], { cwd: path })).code).toBe(3);
  rmSync(file);
  symlinkSync('../somewhere/else', file);
  expect((await guardsweep(['hook', 'install'], { cwd: path })).code).toBe(3);
  expect(existsSync(join(path, '.git/somewhere'))).toBe(false);
});

test.each([
  ['husky', '#!/usr/bin/env sh\n. "$(dirname "$0")/h"', '.husky/pre-commit'],
  ['lefthook', '#!/bin/sh\ncall_lefthook run "pre-commit" "$@"\n', 'lefthook.yml'],
  [
    'pre-commit',
    '#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n',
    'always_run',
  ],
])('%s writes its hooks anew, so that it is told elsewhere what to run', async (name, hook, place) => {
  const path = repository();
  mkdirSync(join(path, '.git/hooks'), { recursive: true });
  writeFileSync(join(path, '.git/hooks/pre-commit'), hook);
  const { code, stderr } = await guardsweep(['hook', 'install'], { cwd: path });
  expect(code).toBe(3);
  expect(stderr).toContain(`written by ${name}`);
  expect(stderr).toContain(place);
});

test('one that somebody has added to since is left as it is; one from another place is renewed', async () => {
  const path = await guarded();
  const file = join(path, '.git/hooks/pre-commit');
  const installed = readFileSync(file, 'utf8');
  for (const changed of [
    installed.replace('#!/bin/sh\n', '#!/bin/sh\nnpm test || exit 1\n'),
    installed.replaceAll(' hook run', ' hook run --ignore-file known'),
    `${installed}echo done\n`,
  ]) {
    writeFileSync(file, changed);
    expect((await guardsweep(['hook', 'install'], { cwd: path })).code).toBe(3);
    expect((await guardsweep(['hook', 'uninstall'], { cwd: path })).code).toBe(3);
    expect(readFileSync(file, 'utf8')).toBe(changed);
  }
  writeFileSync(file, installed.replaceAll('/dist/cli.js', "/it'\\''s/cli.js"));
  expect((await guardsweep(['hook', 'install'], { cwd: path })).stdout).toMatch(/^updated/);
  expect(readFileSync(file, 'utf8')).toBe(installed);
  expect((await guardsweep(['hook', 'uninstall'], { cwd: path })).code).toBe(0);
});

test('core.hooksPath is where it goes, and uninstall takes it out', async () => {
  const path = repository();
  git(path, 'config', 'core.hooksPath', 'my-hooks');
  await guardsweep(['hook', 'install'], { cwd: path });
  expect(existsSync(join(path, 'my-hooks/pre-commit'))).toBe(true);
  await guardsweep(['hook', 'uninstall'], { cwd: path });
  expect(existsSync(join(path, 'my-hooks/pre-commit'))).toBe(false);

  git(path, 'config', 'core.hooksPath', '/dev/null');
  const off = await guardsweep(['hook', 'install'], { cwd: path });
  expect(off).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('/dev/null/pre-commit cannot be read'),
  });
});

test('where the program is gone, the hook stops the commit and says so', async () => {
  const path = await guarded();
  const file = join(path, '.git/hooks/pre-commit');
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('/dist/cli.js', '/dist/gone.js'));
  chmodSync(file, 0o755);
  write(path, { 'b.txt': 'b' });
  git(path, 'add', '-A');
  const { code, stderr } = tryCommit(path);
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/hook install/);
});

test('outside of a repository it is a wrong call', async () => {
  expect((await guardsweep(['hook', 'install'])).code).toBe(3);
  expect((await guardsweep(['hook', 'run'])).code).toBe(3);
});
