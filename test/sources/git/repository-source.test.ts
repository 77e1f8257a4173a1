import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Budget } from '../../../src/model/budget.js';
import type { Diagnostic } from '../../../src/model/diagnostic.js';
import { DiskTree } from '../../../src/sources/disk-tree.js';
import { RepositorySource } from '../../../src/sources/git/repository-source.js';
import { type TestRepository, temporaryRepository } from '../../support/git-repository.js';
import { randomNumbers } from '../../support/random.js';
import { readRepository } from '../../support/read-repository.js';

/** What `git cat-file` says of every object, by `type id`. */
function catFile(repository: TestRepository): Map<string, Buffer> {
  const output = repository.gitBytes(['cat-file', '--batch-all-objects', '--batch', '--unordered']);
  const objects = new Map<string, Buffer>();
  for (let at = 0; at < output.length; ) {
    const line = output.indexOf('\n', at);
    const [id, type, size] = output.toString('latin1', at, line).split(' ');
    objects.set(`${type} ${id}`, Buffer.from(output.subarray(line + 1, line + 1 + Number(size))));
    at = line + 1 + Number(size) + 1;
  }
  return objects;
}

/** A history of small edits in large files, moves, merges and throw-away objects. */
function grow(repository: TestRepository, seed: number, commits = 25): void {
  const random = randomNumbers(seed);
  const pick = (below: number) => Math.floor(random() * below);
  const lines = Array.from({ length: 600 }, (_, line) => `line ${line} ${random().toString(36)}`);
  for (let round = 0; round < commits; round++) {
    for (let edit = pick(4); edit >= 0; edit--) lines[pick(lines.length)] = `edit ${round} ${random()}`;
    if (pick(3) === 0) lines.splice(pick(lines.length), pick(20), ...lines.slice(0, pick(30)));
    repository.write('large.txt', lines.join('\n'));
    repository.write(`folder ${pick(3)}/file${pick(6)}.txt`, `small ${random()}\n`.repeat(pick(50)));
    if (pick(4) === 0) repository.write('binary.bin', Buffer.from(lines.slice(0, 50).join('\0')));
    repository.commit(`round ${round}`);
    if (pick(5) === 0) repository.gitBytes(['hash-object', '-w', '--stdin'], `dangling ${random()}`);
    if (pick(6) === 0) repository.git('tag', '-a', `v${round}`, '-m', `tag ${round}`);
  }
}

describe('reads what git cat-file reads, object by object', () => {
  for (const seed of [1, 2, 3]) {
    test(`loose, and packed as hard as git can (seed ${seed})`, async () => {
      const repository = temporaryRepository();
      grow(repository, seed);
      const expected = catFile(repository);
      expect(await readRepository(repository.path)).toMatchObject({ objects: expected, diagnostics: [] });
      repository.git('repack', '-adfk', '--depth=4000', '--window=50');
      expect(await readRepository(repository.path)).toMatchObject({ objects: expected, diagnostics: [] });
    });
  }

  test('SHA-256', async () => {
    const repository = temporaryRepository({ args: ['--object-format=sha256'] });
    grow(repository, 4, 8);
    const expected = catFile(repository);
    expect((await readRepository(repository.path)).objects).toEqual(expected);
    for (const version of ['2', '1']) {
      repository.git('-c', `pack.indexVersion=${version}`, 'repack', '-adkf');
      expect(await readRepository(repository.path)).toMatchObject({ objects: expected, diagnostics: [] });
    }
  });

  test('several packs, bases by ID, 64-bit offsets, an index of version 1, a multi-pack-index', async () => {
    const repository = temporaryRepository();
    grow(repository, 5, 6);
    repository.git('-c', 'pack.indexVersion=1', 'repack', '-d');
    grow(repository, 6, 6);
    repository.git('-c', 'repack.useDeltaBaseOffset=false', 'repack', '-d');
    grow(repository, 7, 6);
    repository.git('repack', '-d');
    repository.git('multi-pack-index', 'write');
    expect(await readRepository(repository.path)).toMatchObject({
      objects: catFile(repository),
      diagnostics: [],
    });
  });

  test('a bare repository, and an empty one', async () => {
    const repository = temporaryRepository({ args: ['--bare'] });
    expect(await readRepository(repository.path, { gitDir: '' })).toMatchObject({ diagnostics: [] });
    repository.gitBytes(['hash-object', '-w', '--stdin'], 'only this');
    expect((await readRepository(repository.path, { gitDir: '' })).objects).toEqual(catFile(repository));
  });
});

describe('what git does while a repository is being read', () => {
  /** The contents that are told when something happens once the first object was read, and what could not be read. */
  function readDuring(repository: TestRepository, happens: () => void) {
    const tree = new DiskTree(repository.path);
    const options = { tree, gitDir: '.git', where: tree.whereOf('.git'), budget: new Budget({}) };
    const contents: string[] = [];
    const diagnostics: Diagnostic[] = [];
    let happened = false;
    for (const item of new RepositorySource(options).items()) {
      if (item.type !== 'unit') diagnostics.push(item);
      else if (item.aspect !== 'name' && item.content instanceof Uint8Array) {
        contents.push(Buffer.from(item.content).toString());
        if (!happened) happens();
        happened = true;
      }
    }
    return { contents, diagnostics };
  }

  function looseRepository(): TestRepository {
    const repository = temporaryRepository();
    for (let file = 0; file < 20; file++) {
      repository.write('file', `content ${file}`);
      repository.commit(`${file}`);
    }
    return repository;
  }

  test('what it packs meanwhile is read from the pack', () => {
    const repository = looseRepository();
    const { contents, diagnostics } = readDuring(repository, () => repository.git('gc', '-q', '--prune=now'));
    expect(diagnostics).toEqual([]);
    for (let file = 0; file < 20; file++) expect(contents).toContain(`content ${file}`);
  });

  test('what it removes meanwhile is listed', () => {
    const repository = looseRepository();
    const id = repository.git('hash-object', '-w', '--stdin').trim();
    const { diagnostics } = readDuring(repository, () =>
      rmSync(join(repository.path, '.git/objects', id.slice(0, 2), id.slice(2))),
    );
    expect(diagnostics).toMatchObject([{ reason: 'unreadable', detail: expect.stringMatching(/was gone/) }]);
  });
});
