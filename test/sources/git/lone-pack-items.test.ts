import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Budget } from '../../../src/model/budget.js';
import { DiskTree } from '../../../src/sources/disk-tree.js';
import { lonePackItems } from '../../../src/sources/git/lone-pack-items.js';
import type { Screening } from '../../../src/sources/git/reader-options.js';
import { TestRepository } from '../../support/git-repository.js';
import { packOf } from '../../support/packs.js';
import { readAll } from '../../support/read-repository.js';
import { BLIND } from '../../support/screen.js';

let repository: TestRepository;
afterEach(() => repository.remove());

function packed(...args: string[]): Buffer {
  repository = new TestRepository({ args });
  const lines = Array.from({ length: 100 }, (_, line) => `line ${line}`);
  for (let round = 0; round < 4; round++) {
    lines[round * 9] = `changed ${round}`;
    repository.write('a.txt', lines.join('\n'));
    repository.commit(`commit ${round}`);
  }
  repository.git('repack', '-adfq');
  const folder = join(repository.path, '.git/objects/pack');
  return readFileSync(join(folder, readdirSync(folder).find((name) => name.endsWith('.pack'))!));
}

function read(pack: Uint8Array, screening?: Screening) {
  repository.write('aside', pack);
  const tree = new DiskTree(repository.path);
  const where = tree.whereOf('aside');
  return readAll(lonePackItems({ file: tree.open('aside')!, where, budget: new Budget(), screening }));
}

test.each(['sha1', 'sha256'])('reads every object of a pack that lies by itself (%s)', async (format) => {
  const { objects, diagnostics } = await read(packed(`--object-format=${format}`));
  expect(diagnostics).toEqual([]);
  const named = repository.git(
    'cat-file',
    '--batch-all-objects',
    '--batch-check=%(objecttype) %(objectname)',
  );
  expect([...objects.keys()].sort()).toEqual(named.split('\n').sort());
});

test('what its objects name elsewhere is nothing of it; what they are built on is missed', async () => {
  packed();
  const revisions = `${repository.git('rev-parse', 'HEAD')}\n^${repository.git('rev-parse', 'HEAD~1')}\n`;
  const pack = (...args: string[]) =>
    repository.gitBytes(['pack-objects', '--revs', '--stdout', '-q', ...args], revisions);
  expect((await read(pack())).diagnostics).toEqual([]);
  const thin = await read(pack('--thin'));
  expect(thin.diagnostics).toMatchObject([{ reason: 'missing_object' }]);
});

test.each([
  ['nothing', 0],
  ['changed 2', 1],
])(
  'objects in which nothing is to be seen are passed over, and the others named (%s)',
  async (suspect, seen) => {
    const pack = packed();
    const all = await read(pack);
    let passed = 0;
    const suspects = (bytes: Uint8Array) => {
      const at = Buffer.from(bytes).indexOf(suspect);
      return at < 0 ? [] : [at];
    };
    const screen = { ...BLIND, suspects, passed: (_: string, count: number) => (passed += count) };
    const some = await read(pack, { screen, marks: [], opaque: true });
    expect(some.diagnostics).toEqual([]);
    expect(passed + some.objects.size).toBe(all.objects.size);
    expect(some.objects.size > 0 ? 1 : 0).toBe(seen);
    for (const [name, bytes] of some.objects) expect(bytes).toEqual(all.objects.get(name));
  },
);

test('one that is cut short is said to be', async () => {
  const pack = packed();
  const { diagnostics } = await read(pack.subarray(0, pack.length - 60));
  expect(diagnostics.map(({ reason }) => reason)).toContain('corrupt');
});

test('cut anywhere, also where an entry ends, it is not taken for whole', async () => {
  repository = new TestRepository();
  const whole = packOf(
    ['a', 'bc', 'def'].map((text) => ({ type: 'blob', content: Buffer.from(text.repeat(9)) })),
  );
  expect((await read(whole)).diagnostics).toEqual([]);
  for (let length = 12; length < whole.length; length++) {
    for (const screening of [undefined, { screen: BLIND, marks: [] }]) {
      const { diagnostics } = await read(whole.subarray(0, length), screening);
      expect(diagnostics, `${length} bytes`).toContainEqual(expect.objectContaining({ reason: 'corrupt' }));
    }
  }
});
