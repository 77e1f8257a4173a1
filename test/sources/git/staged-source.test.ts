import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Budget } from '../../../src/model/budget.js';
import { DiskTree } from '../../../src/sources/disk-tree.js';
import { StagedSource } from '../../../src/sources/git/staged-source.js';
import { type TestRepository, temporaryRepository } from '../../support/git-repository.js';
import { readAll } from '../../support/read-repository.js';

async function staged(repository: TestRepository, more: { all?: boolean; limit?: number } = {}) {
  const tree = new DiskTree(repository.path);
  const budget = new Budget(more.limit === undefined ? {} : { memory: more.limit });
  const options = { tree, gitDir: '.git', where: tree.whereOf('.git'), budget, all: more.all === true };
  const { units, diagnostics } = await readAll(new StagedSource(options).units());
  const files: Record<string, string> = {};
  for (const { unit, where, bytes } of units) {
    if (unit.aspect !== 'name' && where.kind === 'staged') files[where.path] = bytes.toString();
  }
  return { files, diagnostics };
}

test('before the first commit everything is new', async () => {
  const repository = temporaryRepository();
  repository.write('a.txt', 'a');
  repository.git('add', '-A');
  expect(await staged(repository)).toEqual({ files: { 'a.txt': 'a' }, diagnostics: [] });
});

describe('what differs from the last commit, as staged and not as it lies in the work tree', () => {
  for (const [name, prepare] of Object.entries<(repository: TestRepository) => void>({
    'version 2': () => {},
    'version 4': (repository) => repository.git('update-index', '--index-version', '4'),
    'version 3 (a flag that needs it)': (repository) => {
      repository.write('intended.txt', 'not staged');
      repository.git('add', '-N', 'intended.txt');
    },
    'a split index': (repository) => repository.git('update-index', '--split-index'),
    'a packed repository': (repository) => repository.git('repack', '-adq'),
    'a detached head': (repository) => repository.git('checkout', '-q', '--detach'),
    'packed refs': (repository) => repository.git('pack-refs', '--all'),
  })) {
    test(name, async () => {
      const repository = temporaryRepository();
      for (let file = 0; file < 40; file++) repository.write(`folder ${file % 4}/file${file}.txt`, `${file}`);
      repository.commit('first');
      prepare(repository);
      repository.write('folder 1/file5.txt', 'changed');
      repository.write('folder 9/new ünï.txt', 'new');
      repository.git('add', 'folder 1', 'folder 9');
      repository.git('rm', '-q', 'folder 2/file6.txt');
      repository.write('folder 1/file5.txt', 'changed again, not staged');
      const { files, diagnostics } = await staged(repository);
      expect(diagnostics).toEqual([]);
      expect(files).toMatchObject({ 'folder 1/file5.txt': 'changed', 'folder 9/new ünï.txt': 'new' });
      expect(Object.keys(files).filter((path) => path !== 'intended.txt')).toHaveLength(2);
      const all = await staged(repository, { all: true });
      expect(Object.keys(all.files).filter((path) => path !== 'intended.txt')).toHaveLength(40);
    });
  }

  test('SHA-256', async () => {
    const repository = temporaryRepository({ args: ['--object-format=sha256'] });
    repository.write('a.txt', 'a');
    repository.commit('first');
    repository.write('b.txt', 'b');
    repository.git('add', '-A');
    expect(await staged(repository)).toEqual({ files: { 'b.txt': 'b' }, diagnostics: [] });
  });

  test('a sparse index: folders that were left out are in no commit of this one', async () => {
    const repository = temporaryRepository();
    for (let file = 0; file < 12; file++) repository.write(`folder${file % 4}/file${file}.txt`, `${file}`);
    repository.commit('first');
    repository.git('sparse-checkout', 'set', '--cone', '--sparse-index', 'folder1');
    repository.write('folder1/file1.txt', 'changed');
    repository.git('add', 'folder1');
    expect(await staged(repository)).toEqual({ files: { 'folder1/file1.txt': 'changed' }, diagnostics: [] });
    expect(Object.keys((await staged(repository, { all: true })).files)).toHaveLength(12);
  });

  test('both sides of a conflict', async () => {
    const repository = temporaryRepository();
    repository.write('a.txt', 'base');
    repository.commit('base');
    repository.git('checkout', '-q', '-b', 'side');
    repository.write('a.txt', 'side');
    repository.commit('side');
    repository.git('checkout', '-q', 'main');
    repository.write('a.txt', 'main');
    repository.commit('main');
    expect(() => repository.git('merge', 'side')).toThrow();
    const tree = new DiskTree(repository.path);
    const options = { tree, gitDir: '.git', where: tree.whereOf('.git'), budget: new Budget() };
    const { units } = await readAll(new StagedSource(options).units());
    expect(units.map((unit) => unit.bytes.toString())).toEqual(expect.arrayContaining(['base', 'side']));
  });
});

test('a blob larger than may be held is streamed', async () => {
  const repository = temporaryRepository();
  const large = `${'x'.repeat(1_000_000)}the end`;
  repository.write('large.txt', large);
  repository.git('add', '-A');
  expect(await staged(repository, { limit: 100_000 })).toEqual({
    files: { 'large.txt': large },
    diagnostics: [],
  });
});

test('a missing blob and a damaged index are listed, the rest is read', async () => {
  const repository = temporaryRepository();
  repository.write('a.txt', 'a');
  repository.git('add', '-A');
  repository.git('update-index', '--add', '--cacheinfo', `100644,${'1'.repeat(40)},gone.txt`);
  expect(await staged(repository)).toMatchObject({
    files: { 'a.txt': 'a' },
    diagnostics: [{ reason: 'missing_object', where: { kind: 'staged', path: 'gone.txt' } }],
  });
  writeFileSync(join(repository.path, '.git/index'), 'DIRC damaged');
  expect(await staged(repository)).toMatchObject({ files: {}, diagnostics: [{ reason: 'corrupt' }] });
});

test('what git packs while the index is being read is found in the pack', () => {
  const repository = temporaryRepository();
  for (let file = 0; file < 5; file++) repository.write(`file${file}`, `${file}`);
  repository.git('add', '-A');
  const tree = new DiskTree(repository.path);
  const options = { tree, gitDir: '.git', where: tree.whereOf('.git'), budget: new Budget({}) };
  const contents: string[] = [];
  for (const item of new StagedSource(options).items()) {
    if (item.type === 'unit' && item.aspect === 'name') continue;
    contents.push(item.type === 'unit' ? String(Buffer.from(item.content as Uint8Array)) : item.detail);
    if (contents.length === 1) {
      repository.commit('meanwhile');
      repository.git('gc', '-q', '--prune=now');
    }
  }
  expect(contents).toEqual(['0', '1', '2', '3', '4']);
});
