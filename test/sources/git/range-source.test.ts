import { mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Budget } from '../../../src/model/budget.js';
import { DiskTree } from '../../../src/sources/disk-tree.js';
import { type Range, RangeSource } from '../../../src/sources/git/range-source.js';
import { linkedRepository } from '../../../src/sources/linked-repository.js';
import { Spool } from '../../../src/sources/spool.js';
import { type TestRepository, temporaryRepository } from '../../support/git-repository.js';
import { readAll } from '../../support/read-repository.js';

function repositoryOf(): TestRepository {
  const repository = temporaryRepository();
  repository.write('README.md', 'nothing\n');
  repository.commit('Begin');
  return repository;
}

/** The texts of all blobs that a range brings in, and what could not be read. */
async function broughtIn(folder: string, range: Range) {
  const tree = new DiskTree('/', { followsLinks: true });
  const gitDir = join(folder, '.git').slice(1);
  const source = new RangeSource({ tree, gitDir, where: tree.whereOf(gitDir), budget: new Budget() }, range);
  const { objects, diagnostics } = await readAll(source.units());
  source.close();
  const blobs = [...objects].filter(([name]) => name.startsWith('blob ')).map(([, bytes]) => `${bytes}`);
  return { blobs: blobs.sort(), faults: diagnostics.map(({ reason }) => reason) };
}

describe('trees as nobody but others than git write them', () => {
  /** Commits a tree of lines, each a mode, a name and an ID. */
  function commitTree(repository: TestRepository, lines: readonly (readonly [string, string])[]): void {
    const tree = repository.gitBytes(
      ['hash-object', '-t', 'tree', '-w', '--stdin', '--literally'],
      treeOf(lines),
    );
    const commit = repository.git('commit-tree', tree.toString().trim(), '-p', 'HEAD', '-m', 'Odd');
    repository.git('update-ref', 'refs/heads/main', commit);
  }

  function treeOf(lines: readonly (readonly [string, string])[]): Buffer {
    return Buffer.concat(lines.flatMap(([line, id]) => [Buffer.from(`${line}\0`), Buffer.from(id, 'hex')]));
  }

  function write(repository: TestRepository, type: string, content: string | Buffer): string {
    const args = ['hash-object', '-t', type, '-w', '--stdin', '--literally'];
    return repository.gitBytes(args, content).toString().trim();
  }

  test('are read to their end: other permissions, more zeros, one name twice', async () => {
    const repository = repositoryOf();
    const blob = (content: string) => write(repository, 'blob', content);
    const inner = write(repository, 'tree', treeOf([['100644 in', blob('in a folder')]]));
    commitTree(repository, [
      ['0000000000100644 a', blob('behind zeros')],
      ['100644 b', blob('the first of a name')],
      ['100644 b', blob('the second of a name')],
      ['40755 folder', inner],
    ]);
    expect(await broughtIn(repository.path, { from: 'HEAD~1' })).toEqual({
      blobs: ['behind zeros', 'in a folder', 'the first of a name', 'the second of a name'],
      faults: [],
    });
  });

  test('are listed where they are not lines throughout', async () => {
    const repository = repositoryOf();
    const blob = write(repository, 'blob', 'x');
    commitTree(repository, [
      ['100644 a', blob],
      ['', blob],
      ['100644 b', blob],
    ]);
    expect((await broughtIn(repository.path, { from: 'HEAD~1' })).faults).toEqual(['corrupt']);
  });
});

test('what a folder brings in depends on what it is held against', async () => {
  const repository = repositoryOf();
  repository.write('folder/old.txt', 'old\n');
  repository.write('folder/other.txt', 'other\n');
  repository.commit('Before the range');
  repository.git('rm', '-q', 'folder/other.txt');
  const first = repository.commit('In it: the folder as it will be again');
  repository.git('rm', '-q', 'folder/old.txt');
  repository.commit('Without');
  repository.git('checkout', '-q', first, '--', 'folder');
  repository.commit('Again');
  expect((await broughtIn(repository.path, { from: 'HEAD~3' })).blobs).toEqual(['old\n']);
});

test('a range that goes on where a shallow clone is cut off is not whole', async () => {
  const repository = repositoryOf();
  repository.git('checkout', '-q', '-b', 'topic');
  for (const step of ['1', '2', '3']) {
    repository.write('x.txt', `${step}\n`);
    repository.commit(step);
  }
  const clone = join(repository.path, '../clone');
  const url = `file://${repository.path}`;
  repository.git('clone', '-q', '--depth=2', '--branch=topic', url, clone);
  repository.git('-C', clone, 'fetch', '-q', '--depth=1', 'origin', 'main:base');
  expect((await broughtIn(clone, { from: 'base' })).faults).toEqual(['missing_object']);
  expect((await broughtIn(clone, { from: 'HEAD~1' })).faults).toEqual([]);
  repository.git('-C', clone, 'fetch', '-q', '--unshallow');
  expect(await broughtIn(clone, { from: 'base' })).toEqual({ blobs: ['1\n', '2\n', '3\n'], faults: [] });
});

test('a git folder of links is followed where it is the user’s own; what lies behind one is listed where it is scanned', async () => {
  const repository = repositoryOf();
  repository.write('x.txt', 'x\n');
  repository.commit('More');
  repository.git('pack-refs', '--all');
  const folder = join(repository.path, '../linked');
  mkdirSync(join(folder, '.git'), { recursive: true });
  for (const name of readdirSync(join(repository.path, '.git'))) {
    symlinkSync(join(repository.path, '.git', name), join(folder, '.git', name));
  }
  expect(await broughtIn(folder, { from: 'HEAD~1' })).toEqual({ blobs: ['x\n'], faults: [] });
  const elsewhere = join(repository.path, '../elsewhere');
  mkdirSync(elsewhere);
  symlinkSync(join(folder, '.git'), join(elsewhere, '.git'));
  const options = { budget: new Budget(), history: true, spool: new Spool(2 ** 20) };
  const { diagnostics } = await readAll(linkedRepository(elsewhere, options));
  expect(diagnostics.map(({ reason }) => reason)).toEqual(['unsupported']);
  rmSync(join(folder, '.git/objects'));
  expect((await readAll(linkedRepository(elsewhere, options))).diagnostics).toEqual([]);
});
