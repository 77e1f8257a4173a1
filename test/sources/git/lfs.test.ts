import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Budget } from '../../../src/model/budget.js';
import type { Source } from '../../../src/model/source.js';
import { DiskTree } from '../../../src/sources/disk-tree.js';
import { RangeSource } from '../../../src/sources/git/range-source.js';
import { RepositorySource } from '../../../src/sources/git/repository-source.js';
import { ScanState } from '../../../src/sources/git/scan-state.js';
import { StagedSource } from '../../../src/sources/git/staged-source.js';
import { TestRepository } from '../../support/git-repository.js';
import { readAll } from '../../support/read-repository.js';
import { BLIND } from '../../support/screen.js';

const NOWHERE = '';

let repository: TestRepository;
beforeEach(() => {
  repository = new TestRepository();
  repository.commit('Begin');
});
afterEach(() => repository.remove());

/** Writes a pointer into the work tree, and, unless it is to be missing, what Git LFS keeps for it. */
function track(name: string, content: string, store = '.git/lfs'): void {
  const id = createHash('sha256').update(content).digest('hex');
  if (store !== NOWHERE)
    repository.write(`${store}/objects/${id.slice(0, 2)}/${id.slice(2, 4)}/${id}`, content);
  const version = 'version https://git-lfs.github.com/spec/v1';
  repository.write(name, `${version}\next-0-case sha256:${id}\noid sha256:${id}\nsize ${content.length}\n`);
}

function options() {
  const tree = new DiskTree('/', { followsLinks: true });
  const gitDir = join(repository.path, '.git').slice(1);
  return { tree, gitDir, where: tree.whereOf(gitDir), budget: new Budget() };
}

/** What is kept of which file, by the last part of what the file is in, and what is said to be missing. */
async function keptIn(source: Source) {
  const { units, diagnostics } = await readAll(source.units());
  const kept = units.flatMap(({ where, bytes }) =>
    where.kind === 'member' && where.formats?.[0] === 'lfs' ? [[where.container.kind, `${bytes}`]] : [],
  );
  return { kept, missing: diagnostics.map(({ where, reason }) => [where.kind, reason]) };
}

test('what Git LFS keeps of a staged file, or of one that a range brings in, is read, and listed where it is missing', async () => {
  track('large.bin', 'a large file');
  track('gone.bin', 'nobody fetched this', NOWHERE);
  repository.git('add', '-A');
  expect(await keptIn(new StagedSource(options()))).toEqual({
    kept: [['staged', 'a large file']],
    missing: [['staged', 'missing_object']],
  });
  repository.commit('Track');
  expect(await keptIn(new RangeSource(options(), { from: 'HEAD~1' }))).toEqual({
    kept: [['object', 'a large file']],
    missing: [['object', 'missing_object']],
  });
});

test('it is looked for where the configuration says, and where objects are borrowed from', async () => {
  track('named.bin', 'kept elsewhere', '.git/elsewhere');
  track('borrowed.bin', 'kept by another', 'other.git/lfs');
  repository.write('.git/objects/info/alternates', '../../other.git/objects\n');
  repository.write('other.git/objects/info/x', '');
  repository.git('add', 'named.bin', 'borrowed.bin');
  const both = ['kept by another', 'kept elsewhere'].map((content) => ['staged', content]);
  for (const storage of ['elsewhere', join(repository.path, '.git/elsewhere')]) {
    repository.git('config', 'lfs.storage', storage);
    expect(await keptIn(new StagedSource(options()))).toEqual({ kept: both, missing: [] });
  }
});

test('of a whole repository, what is missing is listed, in each run, until it comes', async () => {
  track('large.bin', 'a large file');
  track('gone.bin', 'nobody fetched this', NOWHERE);
  repository.commit('Track');
  const file = join(repository.path, '../state');
  const missing = async () => {
    const state = ScanState.open(file, 'key');
    const source = new RepositorySource({ ...options(), state, screening: { screen: BLIND, marks: ['PK'] } });
    const { diagnostics } = await readAll(source.units());
    const next = state.next({ held: new Map(), unscanned: diagnostics, isHarmless: () => true });
    if (next !== undefined) writeFileSync(file, next);
    return diagnostics.map(({ where, reason }) => [where.kind === 'member' && where.container.kind, reason]);
  };
  const told = [['object', 'missing_object']];
  for (let run = 0; run < 2; run++) expect(await missing()).toEqual(told);
  repository.git('repack', '-adq');
  for (let run = 0; run < 2; run++) expect(await missing()).toEqual(told);
  rmSync(file);
  expect(await missing()).toEqual(told);
  track('gone.bin', 'nobody fetched this');
  for (let run = 0; run < 2; run++) expect(await missing()).toEqual([]);
});

test('where Git LFS keeps nothing, a pointer is a file like others, as it is in test data', async () => {
  track('fixture.bin', 'kept nowhere', NOWHERE);
  repository.git('add', '-A');
  expect(await keptIn(new StagedSource(options()))).toEqual({ kept: [], missing: [] });
  repository.commit('Add test data');
  expect(await keptIn(new RangeSource(options(), { from: 'HEAD~1' }))).toEqual({ kept: [], missing: [] });
  expect(await keptIn(new RepositorySource(options()))).toEqual({ kept: [], missing: [] });
});
