import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/model/report.js';
import { commit, git, repository, write } from '../support/git.js';
import { gitServer } from '../support/git-server.js';
import { folder, guardsweep } from '../support/program.js';
import { findingOf, reportOf } from '../support/report.js';
import { orgToken } from '../support/tokens.js';

function tokensIn(report: Report, tokens: readonly string[]): string[] {
  return tokens.filter((token) => findingOf(report, token) !== undefined);
}

describe('a URL', () => {
  test('is cloned, scanned bare, and named in the report; nothing stays behind', async () => {
    const token = orgToken('served');
    const path = repository();
    commit(path, { '.npmrc': token });
    commit(path, { '.npmrc': 'clean' });
    const served = folder();
    execFileSync('git', ['clone', '-q', '--mirror', path, join(served, 'app.git')]);
    const url = `${await gitServer(served)}/app.git`;
    const home = folder();
    const scratch = join(home, 'tmp');
    mkdirSync(scratch);
    const secret = url.replace('http://', 'http://user:hunter2@');
    const ended = await guardsweep(['scan', '--format', 'json', secret], {
      env: { HOME: home, TMPDIR: scratch },
    });
    const report = reportOf(ended);
    expect(ended.stdout + ended.stderr).not.toContain('hunter2');
    expect(report.run.targets).toEqual([url]);
    expect(report.coverage.unscanned).toEqual([]);
    expect(findingOf(report, token)!.sightings[0]!.where).toMatchObject({
      kind: 'commit',
      path: '.npmrc',
      repository: { kind: 'file', path: url },
    });
    expect(readdirSync(scratch)).toEqual([]);
  });

  test('that cannot be scanned to the end leaves nothing behind', async () => {
    const path = repository();
    commit(path, { 'a.txt': 'a' });
    const served = folder();
    execFileSync('git', ['clone', '-q', '--mirror', path, join(served, 'app.git')]);
    const url = await gitServer(served);
    const home = folder();
    const scratch = join(home, 'tmp');
    mkdirSync(scratch);
    for (const args of [
      ['--since', 'nowhere', `${url}/app.git`],
      [`${url}/app.git`, `${url}/none.git`],
    ]) {
      const ended = await guardsweep(['scan', ...args], { env: { HOME: home, TMPDIR: scratch } });
      expect(ended.code).toBe(3);
      expect(readdirSync(scratch)).toEqual([]);
    }
  });

  test('that nothing answers is exit 3, in git’s words, without the password', async () => {
    const url = (await gitServer(folder())).replace('http://', 'http://user:hunter2@');
    const ended = await guardsweep(['scan', `${url}/none.git`]);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain('none.git');
    expect(ended.stderr).not.toContain('hunter2');
  });
});

test('of a linked worktree, its own HEAD counts', async () => {
  const path = repository();
  const [token, other] = [orgToken('in the worktree'), orgToken('in the main one')];
  commit(path, { 'a.txt': token });
  const linked = join(folder(), 'linked');
  git(path, 'worktree', 'add', '-q', '--detach', linked);
  commit(path, { 'a.txt': other });
  const report = reportOf(await guardsweep(['scan', '--format', 'json', linked]));
  const heads = [token, other].map((text) => {
    const found = findingOf(report, text)!.sightings.map(({ where }) => where);
    return found.find((where) => where.kind === 'commit');
  });
  const common = { kind: 'file', path: join(path, '.git') };
  expect(heads).toMatchObject([
    { head: true, repository: common },
    { head: false, reachable: true, repository: common },
  ]);
});

test('a blob larger than may be held is streamed, and what it holds is told like all else', async () => {
  const [large, small] = [orgToken('large'), orgToken('small')];
  const path = repository();
  commit(path, { 'dump.sql': `${'INSERT INTO t VALUES (1);\n'.repeat(100_000)}${large}\n`, '.npmrc': small });
  commit(path, { 'dump.sql': '', '.npmrc': '' });
  for (const step of [[], ['repack', '-adq']]) {
    if (step.length > 0) git(path, ...step);
    const ended = await guardsweep(['scan', '--max-memory', '1M', '--format', 'json', path]);
    const report = reportOf(ended);
    expect(ended.code, ended.stderr).toBe(1);
    expect(tokensIn(report, [large, small])).toEqual([large, small]);
    expect(findingOf(report, large)!.sightings[0]).toMatchObject({
      line: 100_001,
      where: { kind: 'commit', path: 'dump.sql' },
    });
  }
});

describe('a range of commits', () => {
  /** main: old; then `topic` with a commit, and a merge that itself brings something in. */
  function withTopic() {
    const tokens = ['old', 'topic', 'removed', 'merge', 'message'].map((name) => orgToken(name));
    const [old, topic, removed, merge, message] = tokens as [string, string, string, string, string];
    const path = repository();
    commit(path, { 'old.txt': old, 'folder/x.txt': 'x' });
    git(path, 'checkout', '-q', '-b', 'topic');
    commit(path, { 'folder/topic.txt': topic, 'removed.txt': removed });
    git(path, 'rm', '-q', 'removed.txt');
    commit(path, {}, `remove ${message}`);
    git(path, 'checkout', '-q', 'main');
    commit(path, { 'main.txt': 'main' });
    git(path, 'merge', '-q', '--no-ff', '--no-commit', 'topic');
    commit(path, { 'merged.txt': merge }, 'Merge topic');
    return { path, tokens, old, topic, removed, merge, message };
  }

  test('all that it brings in, merges included, and nothing else', async () => {
    const { path, tokens, old, merge } = withTopic();
    write(path, { 'untracked.txt': orgToken('untracked') });
    const scan = async (...args: string[]) =>
      reportOf(await guardsweep(['scan', '--format', 'json', ...args, path]));
    const range = await scan('--range', 'main~1..main');
    expect(tokensIn(range, tokens)).toEqual(tokens.filter((token) => token !== old));
    expect(range.findings).toHaveLength(4);
    expect(range.coverage.complete).toBe(true);
    expect(tokensIn(await scan('--since', 'HEAD~1'), tokens)).toEqual(tokensIn(range, tokens));
    const id = git(path, 'rev-parse', 'topic').trim().slice(0, 10);
    expect(tokensIn(await scan('--range', `${id}..main`), tokens)).toEqual([merge]);
    expect((await scan('--range', 'main..main')).findings).toEqual([]);
  });

  test.each([
    ['--since', 'nowhere'],
    ['--range', 'main..nowhere'],
    ['--range', 'main'],
    ['--since', 'main~99'],
  ])('what is not there is exit 3: %s %s', async (option, value) => {
    const { path } = withTopic();
    const ended = await guardsweep(['scan', option, value, path]);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain(value.split('..').at(-1));
  });

  test.each([['--since', 'HEAD~1'], ['--range', 'HEAD~1..'], ['--staged']])(
    'with a state file is exit 3, and touches none: %s',
    async (...args) => {
      const { path } = withTopic();
      const state = join(folder(), 'state');
      const ended = await guardsweep(
        ['scan', '--state', state, ...args, ...(args.length > 1 ? [path] : [])],
        {
          cwd: path,
        },
      );
      expect(ended.code).toBe(3);
      expect(ended.stderr).toContain('--state remembers whole repositories');
      expect(existsSync(state)).toBe(false);
    },
  );
});
