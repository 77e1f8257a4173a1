import { afterEach, expect, test } from 'vitest';
import { Budget } from '../../../src/model/budget.js';
import { DiskTree } from '../../../src/sources/disk-tree.js';
import { bundleItems } from '../../../src/sources/git/bundle-items.js';
import { TestRepository } from '../../support/git-repository.js';
import { readAll } from '../../support/read-repository.js';

let repository: TestRepository;
afterEach(() => repository.remove());

function read(name: string) {
  const tree = new DiskTree(repository.path);
  return readAll(bundleItems({ file: tree.open(name)!, where: tree.whereOf(name), budget: new Budget() }));
}

for (const format of ['sha1', 'sha256']) {
  test(`reads a bundle's objects and refs, and says what it needs (${format})`, async () => {
    repository = new TestRepository({ args: [`--object-format=${format}`] });
    repository.write('a.txt', 'first\n'.repeat(100));
    repository.commit('first');
    repository.git('bundle', 'create', '-q', 'all.bundle', '--all');
    const all = await read('all.bundle');
    expect(all.diagnostics).toEqual([]);
    expect([...all.objects.keys()].map((key) => key.split(' ')[0]).sort()).toEqual([
      'blob',
      'commit',
      'tree',
    ]);
    expect(all.units[0]!.bytes.toString()).toContain('refs/heads/main');

    repository.write('a.txt', `${'first\n'.repeat(100)}second\n`);
    const second = repository.commit('second');
    repository.git('bundle', 'create', '-q', 'part.bundle', 'HEAD~1..main');
    const part = await read('part.bundle');
    expect(part.diagnostics.map(({ reason }) => reason)).toContain('missing_object');
    expect(part.objects.has(`commit ${second}`)).toBe(true);
  });
}

test('of a bundle whose header is cut short, the names are read', async () => {
  repository = new TestRepository();
  repository.write('cut.bundle', `# v2 git bundle\n${'0'.repeat(40)} refs/heads/needle\n`);
  const { units, diagnostics } = await read('cut.bundle');
  expect(units.map(({ bytes }) => `${bytes}`).join()).toContain('refs/heads/needle');
  expect(diagnostics.map(({ reason }) => reason)).toEqual(['corrupt']);
});

/** The objects of a bundle that a screen lets through which sees `suspect` and blobs that may hold others. */
function screened(name: string) {
  const tree = new DiskTree(repository.path);
  let passed = 0;
  const screen = {
    longest: 16,
    suspects: (bytes: Uint8Array) => {
      const at = Buffer.from(bytes).indexOf('suspect');
      return at < 0 ? [] : [at];
    },
    passed: (_: string, count: number) => {
      passed += count;
    },
    attributable: () => {},
    room: new Uint8Array(),
    suspectsInRoom: () => [],
  };
  const items = bundleItems({
    file: tree.open(name)!,
    where: tree.whereOf(name),
    budget: new Budget(),
    screening: { screen, marks: ['%PDF-'], opaque: true },
  });
  const seen = new Map<string, string>();
  for (const item of items) {
    if (item.type !== 'unit' || item.provenance.kind !== 'object') continue;
    expect(seen.has(item.provenance.object)).toBe(false);
    seen.set(item.provenance.object, Buffer.from(item.content as Uint8Array).toString());
  }
  return { seen: [...seen.values()], passed };
}

test('of a whole bundle, objects in which nothing is to be seen are passed over', () => {
  repository = new TestRepository();
  const text = 'first\n'.repeat(100);
  repository.write('text', text);
  repository.write('opaque', `${text}\0`);
  repository.commit('first');
  repository.write('text', `${text}suspect\n`);
  repository.write('opaque', `${text}\0more\n`);
  repository.write('paper', '%PDF-1.4\n');
  repository.write('plain', 'plain\n');
  repository.commit('second');
  repository.git('bundle', 'create', '-q', 'all.bundle', '--all');
  const all = screened('all.bundle');
  for (const object of [`${text}\0`, `${text}\0more\n`, `${text}suspect\n`, '%PDF-1.4\n']) {
    expect(all.seen).toContain(object);
  }
  expect(all.seen).not.toContain('plain\n');
  expect(all.seen.length + all.passed).toBe(2 + 2 + 6);

  // What builds on objects that are elsewhere is read object by object.
  repository.git('bundle', 'create', '-q', 'part.bundle', 'HEAD~1..main');
  const part = screened('part.bundle');
  expect(part.seen).toContain('plain\n');
  expect(part.passed).toBe(0);
});

test('a bundle that is cut short is said to be', async () => {
  repository = new TestRepository();
  repository.write('a.txt', 'first');
  repository.commit('first');
  repository.git('bundle', 'create', '-q', 'all.bundle', '--all');
  const whole = repository.gitBytes(['bundle', 'create', '-q', '-', '--all']);
  repository.write('cut.bundle', whole.subarray(0, whole.length - 60));
  expect((await read('cut.bundle')).diagnostics.map(({ reason }) => reason)).toContain('corrupt');
});

test('what is made once more is bounded by the same limits and the same deadline, and counts for itself', async () => {
  repository = new TestRepository();
  repository.write('a.txt', 'first\n'.repeat(100));
  repository.commit('first');
  repository.git('bundle', 'create', '-q', 'all.bundle', '--all');
  const tree = new DiskTree(repository.path);
  const screen = {
    longest: 16,
    suspects: () => [],
    room: new Uint8Array(),
    suspectsInRoom: () => [],
    passed: () => {},
    attributable: () => {},
  };
  const read = (budget: Budget) => {
    const screening = { screen, marks: [] };
    const where = tree.whereOf('all.bundle');
    return readAll(bundleItems({ file: tree.open('all.bundle')!, where, budget, screening }));
  };
  // Three objects are three entries, however often they are made.
  expect((await read(new Budget({ entries: 3 }))).diagnostics).toEqual([]);
  expect((await read(new Budget({ entries: 2 }))).diagnostics.map(({ reason }) => reason)).toEqual([
    'budget',
  ]);
  let now = 0;
  const late = new Budget({ milliseconds: 5 }, () => now++);
  expect((await read(late)).diagnostics.map(({ reason }) => reason)).toEqual(['budget']);
});
