import { expect, test } from 'vitest';
import { DiskTree } from '../../../src/sources/disk-tree.js';
import { BranchPast } from '../../../src/sources/git/branch-past.js';
import { openDatabase } from '../../../src/sources/git/open-database.js';
import { Refs } from '../../../src/sources/git/refs.js';
import { resolveRevision, UnknownRevision } from '../../../src/sources/git/revision.js';
import { type TestRepository, temporaryRepository } from '../../support/git-repository.js';

/** A clone with branches, tags of tags, a merge, and reflogs. */
function cloned(): TestRepository {
  const origin = temporaryRepository();
  for (const message of ['one', 'two']) origin.commit(message);
  const clone = temporaryRepository({ path: `${origin.path}-clone` });
  clone.git('remote', 'add', 'origin', origin.path);
  clone.git('fetch', '-q', 'origin');
  clone.git('reset', '-q', '--hard', 'origin/main');
  clone.git('branch', '-q', '--set-upstream-to=origin/main');
  clone.git('checkout', '-q', '-b', 'side', 'main~1');
  clone.commit('side');
  clone.git('branch', '-q', '--set-upstream-to=main');
  clone.git('checkout', '-q', 'main');
  clone.commit('three');
  clone.git('merge', '-q', '--no-ff', '-m', 'merge', 'side');
  clone.git('tag', '-a', '-m', 'tag', 'v1', 'HEAD~1');
  clone.git('tag', '-a', '-m', 'tag of a tag', 'v2', 'v1');
  clone.git('reset', '-q', '--hard', 'HEAD~1');
  return clone;
}

function resolved(repository: TestRepository, revision: string): string {
  const tree = new DiskTree(repository.path);
  const { database } = openDatabase(tree, '.git', 1024 ** 2);
  const refs = new Refs(tree, '.git');
  return resolveRevision(database, refs, new BranchPast(tree, '.git', '.git', refs), revision);
}

test('a revision names the commit that git says', () => {
  const repository = cloned();
  const id = repository.git('rev-parse', 'main');
  const revisions = [
    ...[
      'HEAD',
      '@',
      '@~1',
      'HEAD^',
      'main~2',
      'main^0',
      'v1',
      'v2^{}',
      'v2^{commit}~1',
      'ORIG_HEAD',
      'ORIG_HEAD^2',
    ],
    ...['refs/heads/side', 'heads/side', 'origin/main', 'tags/v1', id, id.toUpperCase(), id.slice(0, 8)],
    ...['@{u}', '@{upstream}', 'main@{U}~1', 'side@{u}', 'HEAD@{u}'],
    ...['@{0}', '@{1}', 'main@{2}', 'HEAD@{3}', 'HEAD@{2}^', 'side@{0}'],
  ];
  for (const revision of revisions) {
    const asked = repository.git('rev-parse', '--verify', '--end-of-options', `${revision}^{commit}`);
    expect([revision, resolved(repository, revision)]).toEqual([revision, asked]);
  }
});

test.each([
  ...[
    '',
    'gone',
    'main~99',
    'main^3',
    'main@{99}',
    'origin/main@{u}',
    'gone@{1}',
    'main@{yesterday}',
    ':/one',
  ],
  ...['HEAD:a', 'main^{tree}', 'a..b', '--output=x', '0000', 'v1@{1}'],
])('what is no commit here is unknown: %s', (revision) => {
  const repository = cloned();
  expect(() => resolved(repository, revision)).toThrow(UnknownRevision);
});
