import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { DiskTree } from '../../../src/sources/disk-tree.js';
import { walkHistory } from '../../../src/sources/git/history-walk.js';
import { idOf, SHA1 } from '../../../src/sources/git/object-format.js';
import { openDatabase } from '../../../src/sources/git/open-database.js';
import { TooManyLines, type TreeLines } from '../../../src/sources/git/tree-lines.js';
import { isFolder, isSubmodule, treeLines } from '../../../src/sources/git/tree-object.js';
import { TreePlaces } from '../../../src/sources/git/tree-places.js';
import { TestRepository } from '../../support/git-repository.js';
import { applied, type Entry, type Instruction, packOf } from '../../support/packs.js';
import { randomNumbers } from '../../support/random.js';

const SECONDS = Number(process.env.GUARDSWEEP_PROPERTY_SECONDS ?? 4);

let repository: TestRepository | undefined;
afterEach(() => repository?.remove());

/** A repository with one pack, which git has made an index for. */
function historyOf(entries: readonly Entry[], wanted: readonly string[] = []) {
  repository = new TestRepository();
  const folder = join(repository.path, '.git/objects/pack');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'pack-made.pack');
  writeFileSync(file, packOf(entries));
  repository.git('index-pack', file);
  const { database } = openDatabase(new DiskTree(repository.path), '.git', 64 * 1024 ** 2);
  return walkHistory(database, new Set(wanted));
}

/** The lines of every tree, put together from what each has more and less than its base. */
function linesOf(trees: TreeLines, wanted: ReadonlySet<string>): Map<string, string[]> {
  const lines = new Map<number, string[]>();
  for (let row = 0; row < trees.told.length; row++) {
    const tree = trees.told.values[row]!;
    const mine = [...(lines.get(trees.baseOf(tree)) ?? [])];
    const end = trees.endOf(row);
    for (let at = trees.begins.values[row]!; at < end; at++) {
      const child = trees.children.values[at]!;
      const label = trees.labels.values[at]!;
      const id = hex(trees, child < 0 ? ~child : child);
      // Of others that begin like it, the kernel tells too.
      if ((label & 1) === 0 && !wanted.has(id)) continue;
      const line = `${label & 1} ${id} ${trees.nameOf(label)}`;
      if (child >= 0) mine.push(line);
      else {
        expect(mine).toContain(line);
        mine.splice(mine.indexOf(line), 1);
      }
    }
    lines.set(tree, mine);
  }
  return new Map([...lines].map(([tree, mine]) => [hex(trees, tree), mine.sort()]));
}

function hex(trees: TreeLines, number: number): string {
  return Buffer.from(trees.ids.bytesOf(number)).toString('hex');
}

function expected(content: Buffer, wanted: ReadonlySet<string>): string[] {
  const lines: string[] = [];
  for (const { mode, name, idAt } of treeLines(content, 20)) {
    const id = content.toString('hex', idAt, idAt + 20);
    if (isSubmodule(mode) || !(isFolder(mode) || wanted.has(id))) continue;
    lines.push(`${isFolder(mode) ? 1 : 0} ${id} ${Buffer.from(name).toString()}`);
  }
  return lines.sort();
}

test(
  'lines are those of the trees, whatever pieces deltas copy',
  () => {
    const end = Date.now() + SECONDS * 1000;
    for (let seed = 0; seed < 3 || Date.now() < end; seed++) {
      const random = randomNumbers(seed);
      const pick = (below: number) => Math.floor(random() * below);
      // Few distinct IDs and names, so that pieces from elsewhere often fit.
      const ids = Array.from({ length: 6 }, () => Buffer.from(Array.from({ length: 20 }, () => pick(3))));
      const wanted = new Set(ids.slice(0, 2).map((id) => id.toString('hex')));
      const line = () =>
        Buffer.concat([
          Buffer.from(`${['40000', '40755', '000100644', '160000', '120000'][pick(5)]} n${pick(9)}\0`),
          ids[pick(6)]!,
        ]);
      const contents: Buffer[] = [];
      const entries: Entry[] = [];
      while (contents.length < 60) {
        const on = contents.length < 3 ? -1 : pick(contents.length + 1) - 1;
        if (on < 0) {
          const content = Buffer.concat(Array.from({ length: pick(30) }, line));
          contents.push(random() < 0.2 ? content.subarray(0, pick(content.length + 1)) : content);
          entries.push({ type: 'tree', content: contents.at(-1)! });
          continue;
        }
        const base = contents[on]!;
        const delta: Instruction[] = [];
        for (let count = 1 + pick(5); count > 0; count--) {
          const from = pick(base.length);
          const length = Math.min(base.length - from, 1 + pick(base.length));
          if (length > 0 && random() < 0.7) {
            // Where lines begin, mostly.
            const starts = [0, ...[...treeLines(base, 20)].map(({ idAt }) => idAt + 20)];
            const aligned = random() < 0.6 ? starts[pick(starts.length)]! : from;
            if (aligned < base.length) {
              delta.push({ from: aligned, length: Math.min(length, base.length - aligned) });
            }
          } else {
            delta.push(random() < 0.8 ? line() : Buffer.from(line().subarray(0, 1 + pick(20))));
          }
        }
        const content = applied(base, delta);
        if (content.length === 0 || content.length > 20_000) continue;
        contents.push(content);
        entries.push({ on, baseSize: base.length, size: content.length, delta });
      }
      const { trees } = historyOf(entries, [...wanted]);
      const found = linesOf(trees, wanted);
      for (const content of contents) {
        const id = idOf(SHA1, 'tree', content);
        expect(found.get(id), `seed ${seed}, tree ${id}`).toEqual(expected(content, wanted));
      }
      repository?.remove();
    }
  },
  SECONDS * 1000 + 60_000,
);

test('commits as git would not write them are read one by one', () => {
  const tree = 'a'.repeat(40);
  const signed = 'author A <a@b.c> 1700000000 +0100\ncommitter C <c@b.c> 1700000001 +0000\n\nx';
  const commits = [
    `tree ${tree}\n${signed}`,
    `tree ${tree}\nencoding x\n${signed}`,
    `tree ${tree}\nparent ${'b'.repeat(40)}\nparent ${'B'.repeat(40)}\n${signed}`,
    `tree ${tree}\nauthor\n\n`,
    `tree ${tree}\nauthor A <a> 1 +0000\ncommitter C <c> -12 +0000`,
    '',
    'tree ',
  ].map((text) => Buffer.from(text));
  const { commits: table } = historyOf(commits.map((content) => ({ type: 'commit', content })));
  const rows = commits.map((content) => table.rowOf(idOf(SHA1, 'commit', content)));
  expect([...rows].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(rows.map((row) => table.secondsOf(row))).toEqual([1700000001, 1700000001, 1700000001, 0, -12, 0, 0]);
});

test('what is named by the other hash is left alone', () => {
  const other = new TestRepository({ args: ['--object-format=sha256'] });
  other.write('a/b.txt', 'b');
  other.commit('one');
  repository = new TestRepository();
  repository.write('a/b.txt', 'b');
  repository.commit('one');
  repository.git('repack', '-adq');
  cpSync(join(other.path, '.git/objects'), join(repository.path, '.git/objects'), { recursive: true });
  other.git('repack', '-adq');
  cpSync(join(other.path, '.git/objects'), join(repository.path, '.git/objects'), { recursive: true });
  other.remove();
  const { database } = openDatabase(new DiskTree(repository.path), '.git', 64 * 1024 ** 2);
  expect(new Set(database.packs.map(({ format }) => format.name))).toEqual(new Set(['sha1', 'sha256']));
  expect(walkHistory(database, new Set()).commits.count).toBe(1);
});

test('folders in folders in folders, each twice: paths are counted up to a limit', () => {
  const blob = 'b'.repeat(40);
  let child = { mode: '100644', id: blob };
  const entries: Entry[] = [];
  for (let depth = 0; depth < 40; depth++) {
    const lines = ['a', 'b'].map((name) =>
      Buffer.concat([Buffer.from(`${child.mode} ${name}\0`), Buffer.from(child.id, 'hex')]),
    );
    const content = Buffer.concat(lines);
    entries.push({ type: 'tree', content });
    child = { mode: '40000', id: idOf(SHA1, 'tree', content) };
  }
  const { trees, wanted } = historyOf(entries, [blob]);
  const places = new TreePlaces(trees, wanted.keys());
  const root = trees.told.values[trees.told.length - 1]!;
  expect(hex(trees, root)).toBe(child.id);
  const held = places.placesIn(places.groupOf(root));
  expect(held).toHaveLength(1000);
  expect(new Set(held.map((place) => places.pathAt(place))).size).toBe(1000);
  expect(places.pathAt(held[0]!)).toBe(Array.from({ length: 40 }, () => 'a').join('/'));
});

test('a pack that makes more lines than there could honestly be is given up', () => {
  const lines = 60_000;
  const content = Buffer.concat(
    Array.from({ length: lines }, (_, at) =>
      Buffer.concat([Buffer.from(`40000 ${at}\0`), Buffer.alloc(20, at & 255)]),
    ),
  );
  const half = content.length >> 1;
  const entries: Entry[] = [{ type: 'tree', content }];
  for (let round = 0; round < 60; round++) {
    const delta = [{ from: half, length: half - round }, ...pieces(half)];
    const size = delta.reduce((sum, { length }) => sum + length, 0);
    entries.push({ on: 0, baseSize: content.length, size, delta });
  }
  expect(() => historyOf(entries)).toThrow(TooManyLines);

  function pieces(length: number): { from: number; length: number }[] {
    return Array.from({ length: Math.ceil(length / 60_000) }, (_, at) => ({
      from: at * 60_000,
      length: Math.min(60_000, length - at * 60_000),
    }));
  }
});
