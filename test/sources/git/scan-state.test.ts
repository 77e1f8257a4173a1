import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type Diagnostic, diagnostic } from '../../../src/model/diagnostic.js';
import type { Provenance } from '../../../src/model/provenance.js';
import { DiskTree } from '../../../src/sources/disk-tree.js';
import { openDatabase } from '../../../src/sources/git/open-database.js';
import { RememberedAttributor } from '../../../src/sources/git/remembered-attributor.js';
import { ScanState } from '../../../src/sources/git/scan-state.js';
import { readState } from '../../../src/sources/git/state-file.js';
import { TestRepository } from '../../support/git-repository.js';

let repository: TestRepository;
afterEach(() => repository.remove());

const quiet = { held: new Map(), isHarmless: () => true };

test.each(['/a/b/.git', '/a/b', '/', '/a/b/.git/objects/pack/x.pack', '.'])(
  'a repository is not remembered when %s was not read to its end',
  (path) => {
    repository = new TestRepository();
    repository.commit('one');
    const { database } = openDatabase(new DiskTree(repository.path), '.git', 1024 ** 2);
    const where: Provenance = { kind: 'file', path: '/a/b/.git' };
    const next = (unscanned: readonly Diagnostic[]) => {
      const state = new ScanState('key');
      state.saw(where, database, { store: 's', refs: 'r' });
      return state.next({ ...quiet, unscanned });
    };
    expect(next([])).toBeInstanceOf(Uint8Array);
    expect(next([diagnostic({ kind: 'file', path: '/a/bc' }, 'unreadable', 'x')])).toBeInstanceOf(Uint8Array);
    expect(next([diagnostic({ kind: 'file', path }, 'budget', 'the time is over')])).toBeUndefined();
  },
);

test('what is written is read again, and any damage is noticed before it is believed', () => {
  repository = new TestRepository();
  repository.commit('one');
  const { database } = openDatabase(new DiskTree(repository.path), '.git', 1024 ** 2);
  const where: Provenance = { kind: 'file', path: '/a/.git' };
  const setting = { store: 's', refs: 'r' };
  const first = new ScanState('key');
  first.saw(where, database, setting);
  const written = Buffer.from(first.next({ ...quiet, unscanned: [] })!);
  const folder = mkdtempSync(join(tmpdir(), 'guardsweep-test-'));
  const file = join(folder, 'state');
  expect(ScanState.open(file, 'key').isEmpty).toBe(true);
  writeFileSync(file, written);
  expect(ScanState.open(file, 'key').unchanged(where, setting)).toBeDefined();
  expect(ScanState.open(file, 'key').unchanged(where, { ...setting, refs: 'other' })).toBeUndefined();
  expect(ScanState.open(file, 'other').isEmpty).toBe(true);
  let believed = 0;
  for (let at = 0; at < written.length; at++) {
    const damaged = Buffer.from(written);
    damaged[at]! ^= 1 << (at % 8);
    writeFileSync(file, damaged);
    try {
      const state = ScanState.open(file, 'key');
      const memory = state.recall(where, database);
      expect(memory, `byte ${at}`).toBeUndefined();
      expect(state.damaged).toBe(true);
      believed += 1;
    } catch (error) {
      expect((error as Error).name, `byte ${at}`).toBe('BrokenState');
    }
  }
  // Damage to the IDs is noticed only when they are asked for.
  const lists = readState(file) === undefined ? [] : readState(file)!.repositories[0]!.lists;
  expect(believed).toBe(lists.reduce((sum, { count }) => sum + 20 * count, 0));
  rmSync(join(file, '..'), { recursive: true });
});

test('where objects lie is told anew once there are others, or it cannot be told which there are', async () => {
  repository = new TestRepository();
  const { database } = openDatabase(new DiskTree(repository.path), '.git', 1024 ** 2);
  const where: Provenance = { kind: 'file', path: '/a/.git' };
  const file = join(repository.path, 'state');
  let asked = 0;
  const own = {
    attribute: async (ids: ReadonlySet<string>) => {
      asked += 1;
      return new Map([...ids].map((id) => [id, [where]]));
    },
  };
  const beside = { refs: () => [], holders: () => ({ stash: [], reflog: [], index: new Set<string>() }) };
  const timesAsked = async (store: string | undefined) => {
    const before = asked;
    const state = ScanState.open(file, 'key');
    await new RememberedAttributor(own, beside, where, state, store).attribute(new Set(['a']));
    state.saw(where, database, { store, refs: 'r' });
    const next = state.next({ ...quiet, unscanned: [] });
    if (next !== undefined) writeFileSync(file, next);
    return asked - before;
  };
  expect(await timesAsked('some')).toBe(1);
  expect(await timesAsked('some')).toBe(0);
  expect(await timesAsked('more')).toBe(1);
  expect(await timesAsked(undefined)).toBe(1);
  expect(await timesAsked(undefined)).toBe(1);
});
