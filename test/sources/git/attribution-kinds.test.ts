import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Provenance } from '../../../src/model/provenance.js';
import { type TestRepository, temporaryRepository } from '../../support/git-repository.js';
import { folder } from '../../support/program.js';
import { readRepository } from '../../support/read-repository.js';

/** main: `before`, then a file comes with `first`, stays for `middle`, and goes with `last`. */
function history() {
  const repository = temporaryRepository();
  const before = repository.commit('before');
  repository.write('folder/a.txt', 'needle');
  const first = repository.commit('first');
  repository.write('folder/other.txt', 'x');
  const middle = repository.commit('middle');
  const blob = repository.git('rev-parse', 'HEAD:folder/a.txt');
  repository.git('rm', '-q', 'folder/a.txt');
  const last = repository.commit('last');
  return { repository, before, first, middle, last, blob };
}

async function placesOf(root: string, blob: string, gitDir = '.git'): Promise<readonly Provenance[]> {
  const { units, source } = await readRepository(root, { gitDir });
  const { attributor } = units.find(({ where }) => where.kind === 'object')!.unit;
  const places = await attributor!.attribute(new Set([blob]));
  source.close();
  return places.get(blob) ?? [];
}

function cloneOf(repository: TestRepository, ...args: string[]): string {
  repository.git('config', 'uploadpack.allowFilter', 'true');
  const path = join(folder(), 'clone');
  repository.git('clone', '-q', ...args, `file://${repository.path}`, path);
  return path;
}

test('a shallow clone: the commit at which it is cut off counts as the first', async () => {
  const { repository, middle, last, blob } = history();
  expect(await placesOf(cloneOf(repository, '--depth=2'), blob)).toMatchObject([
    { commit: middle, last: { commit: middle }, reachable: true, head: false, path: 'folder/a.txt' },
  ]);
  expect(await placesOf(cloneOf(repository, '--depth=1'), blob)).toEqual([]);
  expect(repository.git('rev-parse', 'HEAD')).toBe(last);
});

test('a partial clone without blobs, and one without trees: commits are told as far as trees are there', async () => {
  const { repository, first, middle, blob } = history();
  const blobless = cloneOf(repository, '--filter=blob:none', '--no-checkout');
  expect(await placesOf(blobless, blob)).toMatchObject([{ commit: first, last: { commit: middle } }]);
  const treeless = cloneOf(repository, '--filter=tree:0', '--no-checkout');
  expect(await placesOf(treeless, blob)).toEqual([]);
});

test('replaced commits and grafts change nothing: what is told is what the commits themselves say', async () => {
  const { repository, before, first, middle, blob } = history();
  const expected = await placesOf(repository.path, blob);
  expect(expected).toMatchObject([{ commit: first, last: { commit: middle }, reachable: true }]);
  writeFileSync(join(repository.path, '.git/info/grafts'), `${middle} ${before}\n`);
  expect(await placesOf(repository.path, blob)).toEqual(expected);
  repository.git('replace', first, before);
  expect(await placesOf(repository.path, blob)).toEqual(expected);
});

test('a replacement is a place of its own, and its ref leads there', async () => {
  const { repository, first, blob } = history();
  repository.write('folder/replaced.txt', 'only in the replacement');
  repository.git('add', '-A');
  const other = repository.git('write-tree');
  const replacement = repository.git('commit-tree', other, '-m', 'replacement');
  repository.git('reset', '-q', '--hard');
  repository.git('replace', first, replacement);
  const inner = repository.git('rev-parse', `${other}:folder/replaced.txt`);
  expect(await placesOf(repository.path, inner)).toMatchObject([
    { commit: replacement, reachable: true, refs: { total: 1, names: [`refs/replace/${first}`] } },
  ]);
  expect(await placesOf(repository.path, blob)).toMatchObject([{ commit: first }]);
});

test('worktrees: what only the head of another one leads to is reachable; HEAD is that of the one that is asked', async () => {
  const { repository, first, blob } = history();
  const linked = join(repository.path, '../linked');
  repository.git('worktree', 'add', '-q', '--detach', linked, first);
  repository.git('checkout', '-q', '--detach');
  repository.write('main.txt', 'needle of the main worktree');
  const main = repository.commit('detached in the main worktree');
  const own = repository.git('rev-parse', 'HEAD:main.txt');
  expect(await placesOf(repository.path, blob)).toMatchObject([{ head: false }]);
  const inLinked = '.git/worktrees/linked';
  expect(await placesOf(repository.path, blob, inLinked)).toMatchObject([{ commit: first, head: true }]);
  expect(await placesOf(repository.path, own, inLinked)).toMatchObject([
    { commit: main, reachable: true, head: false, refs: { names: ['main-worktree/HEAD'] } },
  ]);
  repository.git('update-ref', '-d', 'refs/heads/main');
  expect(await placesOf(repository.path, blob)).toMatchObject([
    { reachable: true, refs: { names: ['HEAD', 'worktrees/linked/HEAD'] } },
  ]);
});
