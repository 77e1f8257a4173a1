import { afterEach, expect, test } from 'vitest';
import { Budget } from '../../../src/model/budget.js';
import { DiskTree } from '../../../src/sources/disk-tree.js';
import { BundleSource, isBundle } from '../../../src/sources/git/bundle-source.js';
import { TestRepository } from '../../support/git-repository.js';
import { readAll } from '../../support/read-repository.js';

let repository: TestRepository;
afterEach(() => repository.remove());

function read(name: string) {
  const tree = new DiskTree(repository.path);
  const file = tree.open(name)!;
  const beginning = Buffer.alloc(16);
  file.readAt(0, beginning);
  expect(isBundle(beginning)).toBe(true);
  const source = new BundleSource({ file, where: tree.whereOf(name), budget: new Budget() });
  return readAll(source.units());
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

test('a bundle that is cut short is said to be', async () => {
  repository = new TestRepository();
  repository.write('a.txt', 'first');
  repository.commit('first');
  repository.git('bundle', 'create', '-q', 'all.bundle', '--all');
  const whole = repository.gitBytes(['bundle', 'create', '-q', '-', '--all']);
  repository.write('cut.bundle', whole.subarray(0, whole.length - 60));
  expect((await read('cut.bundle')).diagnostics.map(({ reason }) => reason)).toContain('corrupt');
});
