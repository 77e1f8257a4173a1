import { afterEach, expect, test } from 'vitest';
import { Budget } from '../../../src/model/budget.js';
import { orderOfIds } from '../../../src/sources/git/id-order.js';
import { indexOf } from '../../../src/sources/git/index-pack.js';
import { ObjectDatabase } from '../../../src/sources/git/object-database.js';
import { type ObjectFormat, SHA1, SHA256 } from '../../../src/sources/git/object-format.js';
import { PackIndex } from '../../../src/sources/git/pack-index.js';
import { PackKernel } from '../../../src/sources/git/pack-kernel.js';
import type { ReaderOptions } from '../../../src/sources/git/reader-options.js';
import { TestRepository } from '../../support/git-repository.js';
import { MemoryTree } from '../../support/memory-tree.js';
import { randomNumbers } from '../../support/random.js';
import { body } from '../../support/tokens.js';

const WHERE = { kind: 'file', path: 'pack' } as const;

let repository: TestRepository | undefined;
afterEach(() => {
  repository?.remove();
  repository = undefined;
});

for (const [name, format, ...config] of [
  ['SHA-1', SHA1],
  ['SHA-256', SHA256],
  ['bases by name', SHA1, '-c', 'repack.useDeltaBaseOffset=false'],
] as [string, ObjectFormat, ...string[]][]) {
  test(`the index of a pack that has none is git's: ${name}`, () => {
    const { pack, index } = packed(format, config);
    const made = indexed(pack, format);
    expect(made?.count).toBe(index.count);
    for (let row = 0; row < index.count; row++) {
      expect(made!.idAt(row)).toBe(index.idAt(row));
      expect(made!.offsetAt(row)).toBe(index.offsetAt(row));
    }
  });
}

test('a pack with a damaged object gets none', () => {
  const { pack, index } = packed(SHA1, []);
  const random = randomNumbers(7);
  for (let round = 0; round < 20; round++) {
    const other = Buffer.from(pack);
    const at = index.offsetAt(Math.floor(random() * index.count)) + 2 + Math.floor(random() * 12);
    other[at]! ^= 1 << Math.floor(random() * 8);
    const made = indexed(other, SHA1);
    if (made === undefined) continue;
    // What is left of it names no object otherwise than git does: a header may say less, and be as true.
    expect(Array.from({ length: made.count }, (_, row) => made.offsetAt(row)).sort()).toEqual(
      Array.from({ length: index.count }, (_, row) => index.offsetAt(row)).sort(),
    );
  }
});

test('what making objects costs is bounded', () => {
  const { pack } = packed(SHA1, []);
  expect(() => indexed(pack, SHA1, new Budget({ bytes: 100_000 }))).toThrow('--max-bytes');
});

test('IDs are put in order by all of their bytes', () => {
  const random = randomNumbers(3);
  for (const count of [0, 1, 2, 3, 200]) {
    // Few values a byte, so that many begin alike.
    const ids = Buffer.from(
      Array.from({ length: 20 * count }, (_, at) => (at % 20 < 8 ? 255 : random() * 4)),
    );
    const all = Array.from({ length: count }, (_, number) =>
      ids.toString('hex', 20 * number, 20 * (number + 1)),
    );
    expect(Array.from(orderOfIds(ids, count, 20), (number) => all[number])).toEqual([...all].sort());
  }
});

/** Deltas, and objects that are too large for one look, for the kernel and for its memory. */
function packed(format: ObjectFormat, config: readonly string[]): { pack: Buffer; index: PackIndex } {
  repository = new TestRepository({ args: [`--object-format=${format.name}`] });
  const text = 'one line like any other\n'.repeat(300);
  for (let commit = 0; commit < 12; commit++) {
    for (let file = 0; file < 4; file++) repository.write(`folder${file}/text`, `${text}${commit} ${file}\n`);
    if (commit === 3) repository.write('long', Buffer.alloc(14 * 1024 ** 2, 'long '));
    if (commit === 5) repository.write('long', `${'long '.repeat(2_900_000)}and longer\n`);
    if (commit === 7) repository.write('dense', body('dense', 900_000));
    if (commit === 9) repository.git('tag', '-a', '-m', 'a tag', 'tag');
    repository.commit(`${commit}`);
  }
  repository.git(...config, 'repack', '-adfq', '--depth=20');
  const files = [...MemoryTree.read(`${repository.path}/.git/objects/pack`)];
  const file = (ending: string) => Buffer.from(files.find(([name]) => name.endsWith(ending))![1]);
  return { pack: file('.pack'), index: new PackIndex(file('.idx'), format, WHERE) };
}

function indexed(pack: Buffer, format: ObjectFormat, budget = new Budget()): PackIndex | undefined {
  const tree = new MemoryTree(new Map([['pack/lone.pack', pack]]));
  const database = new ObjectDatabase(tree, [''], format, budget.limits.memory);
  const options = { database, kernel: new PackKernel(), budget, where: WHERE, attributor: undefined };
  return indexOf(database.packs[0]!, options as unknown as ReaderOptions);
}
