import { afterEach, expect, test } from 'vitest';
import { Budget } from '../../../src/model/budget.js';
import { DiskTree } from '../../../src/sources/disk-tree.js';
import { RepositorySource } from '../../../src/sources/git/repository-source.js';
import { TestRepository } from '../../support/git-repository.js';

let repository: TestRepository;
afterEach(() => repository.remove());

test('beginnings of containers may be longer than what the kernel compares', () => {
  repository = new TestRepository();
  repository.write('container', 'a very long beginning of a container, and the rest');
  repository.write('plain', 'nothing like it');
  repository.commit('both');
  repository.git('repack', '-adq');
  const tree = new DiskTree(repository.path);
  const screen = { longest: 16, suspects: () => [], passed: () => {}, attributable: () => {} };
  const marks = ['a very long beginning of a container', 'PK'];
  const source = new RepositorySource({
    tree,
    gitDir: '.git',
    where: tree.whereOf('.git'),
    budget: new Budget(),
    screening: { screen, marks },
  });
  const seen = [...source.items()].flatMap((item) =>
    item.type === 'unit' && item.provenance.kind === 'object' && item.content instanceof Uint8Array
      ? [Buffer.from(item.content).toString()]
      : [],
  );
  expect(seen).toEqual(['a very long beginning of a container, and the rest']);
});
