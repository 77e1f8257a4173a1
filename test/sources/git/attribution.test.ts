import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Provenance } from '../../../src/model/provenance.js';
import { type TestRepository, temporaryRepository } from '../../support/git-repository.js';
import { readRepository } from '../../support/read-repository.js';

/** Where the objects that contain a text are, by what the attributor says of all of them at once. */
async function placesOf(repository: TestRepository, text: string): Promise<Provenance[]> {
  const { units, source } = await readRepository(repository.path);
  const hits = units.filter(({ bytes, where }) => where.kind === 'object' && bytes.includes(text));
  const ids = new Set(hits.map(({ where }) => (where.kind === 'object' ? where.object : '')));
  const places = await hits[0]!.unit.attributor!.attribute(ids);
  source.close();
  return [...places.values()].flat();
}

const REPOSITORY = { repository: expect.objectContaining({ kind: 'file' }) };

for (const [name, pack] of Object.entries<(repository: TestRepository) => void>({
  loose: () => {},
  packed: (repository) => repository.git('repack', '-adfkq', '--depth=50'),
  'packed, without an index': (repository) => {
    repository.git('repack', '-adkq');
    for (const name of readdirSync(join(repository.path, '.git/objects/pack'))) {
      if (!name.endsWith('.pack')) rmSync(join(repository.path, '.git/objects/pack', name));
    }
  },
})) {
  describe(name, () => {
    test('the first commit that brought a blob in, at each of its paths', async () => {
      const repository = temporaryRepository();
      repository.write('deep/er/a.txt', 'needle');
      const first = repository.commit('first');
      const blob = repository.git('rev-parse', 'HEAD:deep/er/a.txt');
      repository.write('b.txt', 'needle');
      const second = repository.commit('second');
      repository.git('rm', '-rq', 'deep');
      repository.commit('third');
      pack(repository);
      expect(await placesOf(repository, 'needle')).toEqual([
        {
          kind: 'commit',
          commit: first,
          path: 'deep/er/a.txt',
          blob,
          author: 'Ada Author <ada@example.com>',
          date: expect.stringMatching(/^2023-11-15T\d\d:\d\d:\d\d\+09:00$/),
          reachable: true,
          last: { commit: second, author: 'Ada Author <ada@example.com>', date: expect.any(String) },
          head: false,
          refs: { total: 2, names: ['refs/heads/main', 'HEAD'] },
          ...REPOSITORY,
        },
        expect.objectContaining({ commit: second, path: 'b.txt', blob, reachable: true, head: true }),
      ]);
    });

    test('what only a merge commit holds', async () => {
      const repository = temporaryRepository();
      repository.commit('base');
      repository.git('checkout', '-q', '-b', 'side');
      repository.commit('side');
      repository.git('checkout', '-q', 'main');
      repository.commit('main');
      repository.git('merge', '-q', '--no-ff', '--no-commit', 'side');
      repository.write('merged.txt', 'needle');
      const merge = repository.commit('merge');
      repository.write('merged.txt', 'gone');
      repository.commit('after');
      pack(repository);
      expect(await placesOf(repository, 'needle')).toMatchObject([{ commit: merge, path: 'merged.txt' }]);
    });

    test('an amended commit is not reachable; a blob that nothing names stays an object', async () => {
      const repository = temporaryRepository();
      repository.commit('base');
      repository.write('a.txt', 'needle amended');
      const amended = repository.commit('oops');
      repository.write('a.txt', 'clean');
      repository.commit('fixed', '--amend');
      const blob = repository.gitBytes(['hash-object', '-w', '--stdin'], 'needle dangling').toString().trim();
      pack(repository);
      const places = await placesOf(repository, 'needle');
      expect(places).toHaveLength(2);
      expect(places).toContainEqual(
        expect.objectContaining({ commit: amended, reachable: false, held: 'reflog' }),
      );
      expect(places).toContainEqual({
        kind: 'object',
        object: blob,
        type: 'blob',
        reachable: false,
        held: 'nothing',
        ...REPOSITORY,
      });
    });

    test('messages: reachable or not; a blob that only a tag names is reachable', async () => {
      const repository = temporaryRepository();
      const kept = repository.commit('needle kept');
      const lost = repository.commit('needle lost');
      repository.git('reset', '-q', '--hard', 'HEAD~1');
      const blob = repository.gitBytes(['hash-object', '-w', '--stdin'], 'needle blob').toString().trim();
      repository.git('tag', '-a', '-m', 'needle tag', 'v1', blob);
      const tag = repository.git('rev-parse', 'refs/tags/v1');
      pack(repository);
      const places = await placesOf(repository, 'needle');
      const reachable = Object.fromEntries(
        places.map((place) => (place.kind === 'object' ? [place.object, place.reachable] : [])),
      );
      expect(reachable).toEqual({ [kept]: true, [lost]: false, [blob]: true, [tag]: true });
    });
  });
}

test('what only a tree holds that a tag or a ref names is reachable', async () => {
  const repository = temporaryRepository();
  repository.write('in/a.txt', 'needle');
  const commit = repository.commit('base');
  repository.git('tag', '-a', '-m', 'x', 'v1', 'HEAD^{tree}');
  repository.git('update-ref', 'refs/custom/tree', 'HEAD^{tree}');
  repository.write('in/a.txt', 'clean');
  repository.commit('clean', '--amend');
  const places = await placesOf(repository, 'needle');
  expect(places).toHaveLength(2);
  expect(places).toContainEqual(expect.objectContaining({ commit, reachable: false, held: 'reflog' }));
  expect(places).toContainEqual(
    expect.objectContaining({
      kind: 'object',
      reachable: true,
      refs: { total: 2, names: ['refs/custom/tree', 'refs/tags/v1'] },
    }),
  );
});

test('which refs lead there: not those on whose side it never was', async () => {
  const repository = temporaryRepository();
  repository.commit('base');
  repository.git('branch', 'before');
  repository.git('checkout', '-q', '-b', 'side');
  repository.write('a.txt', 'needle');
  const first = repository.commit('in');
  repository.git('tag', '-a', '-m', 'x', 'v1');
  repository.write('a.txt', 'gone');
  repository.commit('out');
  repository.git('checkout', '-q', 'main');
  expect(await placesOf(repository, 'needle')).toMatchObject([
    {
      commit: first,
      last: { commit: first },
      head: false,
      refs: { names: ['refs/heads/side', 'refs/tags/v1'] },
    },
  ]);
});

test('how what no ref leads to is still held: by a stash, by a reflog, by the index, by nothing', async () => {
  const repository = temporaryRepository();
  repository.write('a.txt', 'clean');
  repository.commit('base');
  for (const age of ['older', 'newer']) {
    repository.write('a.txt', `needle ${age} stash`);
    repository.git('stash', 'push', '-q');
  }
  repository.write('a.txt', 'needle reset');
  repository.commit('oops');
  repository.git('reset', '-q', '--hard', 'HEAD~1');
  repository.write('staged.txt', 'needle staged');
  repository.git('add', '-A');
  repository.git('update-index', '--split-index');
  const linked = join(repository.path, '../linked');
  repository.git('worktree', 'add', '-q', '--detach', linked);
  writeFileSync(join(linked, 'b.txt'), 'needle staged in another worktree');
  repository.git('-C', linked, 'add', 'b.txt');
  const nothing = repository.gitBytes(['hash-object', '-w', '--stdin'], 'needle alone').toString().trim();
  const places = await placesOf(repository, 'needle ');
  const held = places.map((place) => [
    'blob' in place ? place.path : 'object' in place && place.object === nothing ? 'alone' : 'staged',
    'held' in place ? place.held : 'refs' in place ? place.refs?.names.join() : undefined,
  ]);
  expect(held.sort()).toEqual([
    ['a.txt', 'reflog'],
    ['a.txt', 'refs/stash'],
    ['a.txt', 'stash'],
    ['alone', 'nothing'],
    ['staged', 'index'],
    ['staged', 'index'],
  ]);
});

test('a name in a tree: reachable when a commit of a ref holds the tree', async () => {
  const repository = temporaryRepository();
  repository.write('folder/needle.txt', 'x');
  repository.commit('first');
  const tree = repository.git('rev-parse', 'HEAD:folder');
  expect(await placesOf(repository, 'needle.txt')).toMatchObject([
    { kind: 'object', object: tree, type: 'tree', reachable: true },
  ]);
});
