import { afterEach, expect, test } from 'vitest';
import { Budget } from '../../../src/model/budget.js';
import { DiskTree } from '../../../src/sources/disk-tree.js';
import { RepositorySource } from '../../../src/sources/git/repository-source.js';
import { TestRepository } from '../../support/git-repository.js';
import { BLIND } from '../../support/screen.js';

let repository: TestRepository;
afterEach(() => repository.remove());

test('beginnings of containers may be longer than what the kernel compares', () => {
  repository = new TestRepository();
  repository.write('container', 'a very long beginning of a container, and the rest');
  repository.write('plain', 'nothing like it');
  repository.commit('both');
  repository.git('repack', '-adq');
  const tree = new DiskTree(repository.path);
  const marks = ['a very long beginning of a container', 'PK'];
  const source = new RepositorySource({
    tree,
    gitDir: '.git',
    where: tree.whereOf('.git'),
    budget: new Budget(),
    screening: { screen: BLIND, marks },
  });
  const seen = [...source.items()].flatMap((item) =>
    item.type === 'unit' && item.provenance.kind === 'object' && item.content instanceof Uint8Array
      ? [Buffer.from(item.content).toString()]
      : [],
  );
  expect(seen).toEqual(['a very long beginning of a container, and the rest']);
});

test('tags in which nothing is to be seen are passed over, and what they name is looked up', () => {
  repository = new TestRepository();
  repository.write('a', 'text');
  repository.commit('first');
  repository.git('tag', '-a', '-m', 'plain', 'plain');
  const lost = 'ab'.repeat(20);
  const text = repository.git('cat-file', 'tag', 'plain').replace(/^object .*/, `object ${lost}`);
  const write = ['hash-object', '-t', 'tag', '-w', '--literally', '--stdin'];
  repository.gitBytes(
    ['pack-objects', '-q', '.git/objects/pack/pack'],
    repository.gitBytes(write, `${text}\n`),
  );
  repository.git('repack', '-dq');
  const tree = new DiskTree(repository.path);
  const passed = new Map<string, number>();
  const screen = {
    ...BLIND,
    passed: (type: string, count: number) => void passed.set(type, (passed.get(type) ?? 0) + count),
  };
  const source = new RepositorySource({
    tree,
    gitDir: '.git',
    where: tree.whereOf('.git'),
    budget: new Budget(),
    screening: { screen, marks: ['PK'] },
  });
  const seen: string[] = [];
  const missing: string[] = [];
  for (const item of source.items()) {
    if (item.type === 'diagnostic') missing.push(JSON.stringify(item.where));
    else if (item.provenance.kind === 'object') seen.push(item.provenance.type);
  }
  expect(seen).not.toContain('tag');
  expect(passed.get('tag')).toBe(2);
  expect(missing).toEqual([expect.stringContaining(lost)]);
});
