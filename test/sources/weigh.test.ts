import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { weigh } from '../../src/sources/weigh.js';

const ENOUGH = { files: 10, packed: 1000 };

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'guardsweep-test-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, bytes: number): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), Buffer.alloc(bytes));
}

test('of several repositories the one with the most index counts', () => {
  write('a/.git/objects/pack/pack-1.idx', 70);
  write('b.git/objects/pack/pack-1.idx', 50);
  write('b.git/objects/pack/pack-2.idx', 40);
  write('b.git/objects/pack/pack-2.pack', 500);
  expect(weigh(root, ENOUGH, false)).toMatchObject({ files: 4, packed: 500, indexed: 90 });
});

test('the index of the repository itself is seen, however many files lie before it', () => {
  for (let file = 0; file < 20; file++) write(`many/${file}`, 1);
  for (let file = 0; file < 20; file++) write(`${file}`, 1);
  write('.git/objects/pack/pack-1.idx', 70);
  expect(weigh(root, ENOUGH, false)).toMatchObject({ indexed: 70 });
});

test('so is that beside a pack that is enough by itself', () => {
  write('deep/down/x.git/objects/pack/pack-1.pack', 5000);
  write('deep/down/x.git/objects/pack/pack-1.idx', 70);
  expect(weigh(root, ENOUGH, false)).toMatchObject({ packed: 5000, indexed: 70 });
});

test('what is not there weighs nothing', () => {
  expect(weigh(join(root, 'gone'), ENOUGH, false)).toEqual({
    files: 0,
    packed: 0,
    indexed: 0,
    long: new Map(),
  });
});
