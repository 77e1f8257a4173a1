import { afterEach, expect, test } from 'vitest';
import type { RandomAccess } from '../../../src/sources/file-tree.js';
import { DeltaForest } from '../../../src/sources/git/delta-forest.js';
import { tableInKernel } from '../../../src/sources/git/kernel-table.js';
import { SHA1, SHA256 } from '../../../src/sources/git/object-format.js';
import { PackFile } from '../../../src/sources/git/pack-file.js';
import { PackIndex } from '../../../src/sources/git/pack-index.js';
import { tableByIndex } from '../../../src/sources/git/pack-table.js';
import { ScreenKernel } from '../../../src/sources/git/screen-kernel.js';
import { MemoryAccess } from '../../../src/sources/random-access.js';
import { TestRepository } from '../../support/git-repository.js';
import { MemoryTree } from '../../support/memory-tree.js';
import { randomNumbers } from '../../support/random.js';

const WHERE = { kind: 'file', path: 'pack' } as const;

let repository: TestRepository;
afterEach(() => repository.remove());

/** A pack of many small deltas and its index. */
function packed(format = SHA1, ...config: string[]): { pack: Buffer; index: Buffer } {
  repository = new TestRepository({ args: [`--object-format=${format.name}`] });
  const text = 'one line like any other\n'.repeat(200);
  for (let commit = 0; commit < 40; commit++) {
    for (let file = 0; file < 4; file++) repository.write(`folder${file}/text`, `${text}${commit} ${file}\n`);
    repository.commit(`${commit}`);
  }
  repository.git(...config, 'repack', '-adfq', '--depth=20');
  const files = [...MemoryTree.read(`${repository.path}/.git/objects/pack`)];
  const file = (ending: string) => Buffer.from(files.find(([name]) => name.endsWith(ending))![1]);
  return { pack: file('.pack'), index: file('.idx') };
}

/** The columns as the kernel makes them, and as the plain reader does; whether the kernel did make them. */
function both(pack: Buffer | RandomAccess, index: Buffer, format: typeof SHA1) {
  const access = Buffer.isBuffer(pack) ? new MemoryAccess(pack) : pack;
  const file = new PackFile(access, format.bytes, WHERE);
  const named = new PackIndex(index, format, WHERE);
  const rules = { largest: 1024, ratio: 1, floor: 1, idBytes: format.bytes, marks: [] };
  const room = { entries: named.count, objects: 1 };
  const kernel = new ScreenKernel(file, room, rules);
  const plain = tableByIndex(file, named);
  const forest = new DeltaForest(plain);
  const links = { first: new Int32Array(named.count), next: new Int32Array(named.count) };
  forest.copyTo(links.first, links.next);
  const made = tableInKernel(file, named, kernel);
  expect(made.offset).toEqual(plain.offset);
  expect(made.type).toEqual(plain.type);
  expect(made.header).toEqual(plain.header);
  expect(made.size).toEqual(plain.size);
  expect(made.parent).toEqual(plain.parent);
  expect(kernel.first).toEqual(links.first);
  expect(kernel.next).toEqual(links.next);
  expect(kernel.offset[named.count]).toBe(file.end);
  for (let entry = 0; entry < named.count; entry++) expect(made.idOf(entry)).toBe(plain.idOf(entry));
  return new ScreenKernel(file, room, rules).fill(named);
}

for (const format of [SHA1, SHA256]) {
  test(`the kernel makes the same table as the plain reader (${format.name})`, () => {
    const { pack, index } = packed(format);
    expect(both(pack, index, format)).toBe(true);
  });
}

test('the same of damaged packs and indexes that lie, or leaves them to the plain reader', () => {
  const { pack, index } = packed();
  const random = randomNumbers(1);
  const count = index.readUInt32BE(8 + 4 * 255);
  const offsets = 8 + 1024 + count * 24;
  let made = 0;
  for (let round = 0; round < 80; round++) {
    const [otherPack, otherIndex] = [Buffer.from(pack), Buffer.from(index)];
    for (let change = 0; change < 3; change++) {
      const at = offsets + 4 * Math.floor(random() * count);
      const entry = index.readUInt32BE(at);
      // The first bytes of an entry are its header; offsets move a little, or anywhere.
      if (random() < 0.6) otherPack[entry + Math.floor(random() * 3)] = Math.floor(random() * 256);
      else if (random() < 0.5)
        otherIndex.writeUInt32BE(Math.max(0, entry + Math.floor(random() * 9) - 4), at);
      else if (random() < 0.9) otherIndex.writeUInt32BE(Math.floor(random() * pack.length * 1.1), at);
      else otherIndex.writeUInt32BE(Math.floor(random() * 2 ** 32), at);
    }
    if (both(otherPack, otherIndex, SHA1)) made += 1;
  }
  expect(made).toBeGreaterThan(10);
  expect(made).toBeLessThan(75);
});

test('deltas that name their base by its ID are left to the plain reader', () => {
  const { pack, index } = packed(SHA1, '-c', 'repack.useDeltaBaseOffset=false');
  expect(both(pack, index, SHA1)).toBe(false);
});

/** The same pack with nothing but zeros between its header and its first entry, up to `by` bytes of them. */
function movedUp(pack: Buffer, by: number): RandomAccess {
  const readAt = (position: number, into: Uint8Array): number => {
    if (position < 12) into.set(pack.subarray(position, Math.min(12, position + into.length)));
    else into.set(pack.subarray(position - by, position - by + into.length));
    return Math.min(into.length, position < 12 ? 12 - position : pack.length + by - position);
  };
  return { size: pack.length + by, readAt, close: () => {} };
}

/** Its index: what lies 2 GiB and more into a pack stands in the table of 64-bit offsets. */
function indexOfMoved(index: Buffer, by: number): Buffer {
  const count = index.readUInt32BE(8 + 4 * 255);
  const tables = 8 + 1024 + count * 24;
  const moved = Buffer.from(index);
  const longer = Buffer.alloc(8 * count);
  for (let row = 0; row < count; row++) {
    longer.writeBigUInt64BE(BigInt(index.readUInt32BE(tables + 4 * row) + by), 8 * row);
    moved.writeUInt32BE(0x80000000 + row, tables + 4 * row);
  }
  const end = tables + 4 * count;
  return Buffer.concat([moved.subarray(0, end), longer, moved.subarray(end)]);
}

test('of entries that lie gigabytes into the pack; farther away than fits beside their rows the plain reader makes it', () => {
  const { pack, index } = packed();
  const isMade = (gibibytes: number) => {
    const by = gibibytes * 1024 ** 3;
    return both(movedUp(pack, by), indexOfMoved(index, by), SHA1);
  };
  expect([3, 5, 200, 300].map(isMade)).toEqual([true, true, true, false]);
});
