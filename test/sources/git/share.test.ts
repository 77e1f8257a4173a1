import { createHash } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { Budget } from '../../../src/model/budget.js';
import type { ScanItem } from '../../../src/model/source.js';
import { DiskTree } from '../../../src/sources/disk-tree.js';
import { RepositorySource } from '../../../src/sources/git/repository-source.js';
import { TestRepository } from '../../support/git-repository.js';

let repository: TestRepository;
afterEach(() => repository.remove());

function read(share?: { index: number; of: number }) {
  const tree = new DiskTree(repository.path);
  const part = share === undefined ? {} : { share };
  const options = { tree, gitDir: '.git', where: tree.whereOf('.git'), budget: new Budget(), ...part };
  return [...new RepositorySource(options).items()].map(nameOf).sort();
}

function nameOf(item: ScanItem): string {
  if (item.type === 'diagnostic') return `${item.reason} ${item.detail}`;
  const { provenance: where } = item;
  return where.kind === 'object' ? `${where.type} ${where.object}` : JSON.stringify(where);
}

test('shares together are the whole, and none reads what another does', () => {
  repository = new TestRepository();
  for (let round = 0; round < 30; round++) {
    repository.write(
      'growing.txt',
      Array.from({ length: 50 + round }, (_, line) => `${line} of ${round}`).join('\n'),
    );
    repository.write(`file${round}.txt`, `${round}`.repeat(300));
    repository.commit(`round ${round}`);
    if (round === 20) repository.git('repack', '-dq');
    if (round === 25) repository.git('repack', '-dq');
  }
  repository.git('tag', '-a', '-m', 'a tag', 'v1');
  const whole = read();
  for (const of of [1, 2, 3, 7]) {
    const parts = Array.from({ length: of }, (_, index) => read({ index, of }));
    expect(parts.flat().sort()).toEqual(whole);
    if (of > 1) expect(parts.filter((part) => part.length > 0).length).toBeGreaterThan(1);
  }
});

test('deltas that build on themselves are listed by one of them', () => {
  repository = new TestRepository();
  const ids = [Buffer.alloc(20, 1), Buffer.alloc(20, 2), Buffer.alloc(20, 3)];
  const delta = deflateSync(Buffer.from([5, 5, 0x90, 5]));
  const entries = [
    Buffer.concat([Buffer.from([0x74]), ids[1]!, delta]),
    Buffer.concat([Buffer.from([0x74]), ids[0]!, delta]),
    Buffer.concat([Buffer.from([0x35]), deflateSync('plain')]),
  ];
  const pack = Buffer.concat([Buffer.from('PACK\0\0\0\x02\0\0\0\x03', 'latin1'), ...entries]);
  const sum = createHash('sha1').update(pack).digest();
  const offsets = entries.map((_, at) => 12 + Buffer.concat(entries.slice(0, at)).length);
  const fanout = Buffer.alloc(1024);
  for (let first = 0; first < 256; first++) fanout.writeUInt32BE(Math.min(first, 3), first * 4);
  const table = Buffer.alloc(12);
  offsets.forEach((offset, row) => void table.writeUInt32BE(offset, row * 4));
  const index = [
    Buffer.from('\xfftOc\0\0\0\x02', 'latin1'),
    fanout,
    ...ids,
    Buffer.alloc(12),
    table,
    sum,
    sum,
  ];
  repository.write('.git/objects/pack/pack-1.pack', Buffer.concat([pack, sum]));
  writeFileSync(join(repository.path, '.git/objects/pack/pack-1.idx'), Buffer.concat(index));
  expect(readdirSync(join(repository.path, '.git/objects/pack'))).toHaveLength(2);
  const whole = read();
  expect(whole.some((name) => name.includes('on itself'))).toBe(true);
  expect([...read({ index: 0, of: 2 }), ...read({ index: 1, of: 2 })].sort()).toEqual(whole);
});
