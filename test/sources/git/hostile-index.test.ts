import { afterEach, expect, test } from 'vitest';
import { Budget } from '../../../src/model/budget.js';
import { readEwah } from '../../../src/sources/git/ewah.js';
import { parseIndex } from '../../../src/sources/git/index-file.js';
import { SHA1 } from '../../../src/sources/git/object-format.js';
import { StagedSource } from '../../../src/sources/git/staged-source.js';
import { TestRepository } from '../../support/git-repository.js';
import { MemoryTree } from '../../support/memory-tree.js';

let repository: TestRepository | undefined;
afterEach(() => repository?.remove());

/** An index of any version, its entries as `name` writes them. */
function indexOf(version: number, count: number, name: (at: number) => Buffer): Buffer {
  const head = Buffer.from('DIRC\0\0\0\0\0\0\0\0', 'latin1');
  head.writeUInt32BE(version, 4);
  head.writeUInt32BE(count, 8);
  const parts = [head];
  for (let at = 0; at < count; at++) {
    const fixed = Buffer.alloc(62);
    fixed.writeUInt32BE(0o100644, 24);
    fixed.writeUInt16BE(Math.min(name(at).length, 0xfff), 60);
    const entry = Buffer.concat([fixed, name(at)]);
    parts.push(version === 4 ? entry : Buffer.concat([entry, Buffer.alloc(8 - (entry.length % 8))]));
  }
  return Buffer.concat([...parts, Buffer.alloc(20)]);
}

test('names that each repeat the one before do not grow for ever', () => {
  const count = 40_000;
  const started = Date.now();
  const { entries, damage } = parseIndex(
    indexOf(4, count, () => Buffer.from('\0x\0', 'latin1')),
    SHA1,
  );
  expect(damage).toMatch(/longer names/);
  expect(entries.length).toBeLessThan(20_000);
  expect(Date.now() - started).toBeLessThan(20_000);
});

test('a bitmap of few bytes does not become more bits than an index has entries', () => {
  const bytes = Buffer.alloc(8 + 8 + 4);
  bytes.writeUInt32BE(0xffffffff, 0);
  bytes.writeUInt32BE(1, 4);
  bytes.writeBigUInt64BE((0xffffffffn << 1n) | 1n, 8);
  expect(readEwah(bytes, 0)!.bits).toHaveLength(4 * 1024 ** 2);
});

test('as many files as a large repository has, and folders as deep as anybody could make them', () => {
  repository = new TestRepository();
  repository.write('a.txt', 'a');
  repository.commit('one');
  const files = MemoryTree.read(`${repository.path}/.git`);
  const many = indexOf(2, 200_000, (at) => Buffer.from(`f${at}`));
  const deep = indexOf(2, 50, (at) => Buffer.from(`${'a/'.repeat(8_000)}${at}`));
  for (const [bytes, count] of [
    [many, 200_000],
    [deep, 50],
  ] as const) {
    const tree = new MemoryTree(new Map([...files, ['index', bytes]]));
    const source = new StagedSource({ tree, gitDir: '', where: tree.whereOf(''), budget: new Budget() });
    const missing = [...source.items()].filter((item) => item.type === 'diagnostic');
    expect(missing).toHaveLength(count);
  }
});
