import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDetector } from '../../../src/detection/detector.js';
import { Budget } from '../../../src/model/budget.js';
import type { ScanItem } from '../../../src/model/source.js';
import { RULES } from '../../../src/rules/builtin.generated.js';
import type { Screening } from '../../../src/sources/git/reader-options.js';
import { RepositorySource } from '../../../src/sources/git/repository-source.js';
import { BrokenState, ScanState } from '../../../src/sources/git/scan-state.js';
import { StagedSource } from '../../../src/sources/git/staged-source.js';
import { TestRepository } from '../../support/git-repository.js';
import { MemoryTree } from '../../support/memory-tree.js';
import { randomNumbers } from '../../support/random.js';
import { BLIND } from '../../support/screen.js';

/** How long each target runs; a longer campaign sets FUZZ_SECONDS. */
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 2);
/** Of a round, at most: nothing here has more than some kilobytes. */
const MILLISECONDS = 10_000;
const MEMORY = 8 * 1024 ** 2;

const { image } = createDetector(RULES);

let files: ReadonlyMap<string, Buffer>;
let made: TestRepository;

beforeAll(() => {
  made = new TestRepository();
  const { git } = { git: (...args: string[]) => made.git(...args) };
  for (let round = 0; round < 12; round++) {
    for (let file = 0; file < 30; file++)
      made.write(`folder/f${file}.txt`, `${file} of ${round % (file + 1)}\n`.repeat(40));
    made.write(`deep/er/${round}/x`, `${round}`);
    made.commit(`round ${round}`);
    if (round % 4 === 0) git('branch', `b/${round}`);
    if (round % 5 === 0) git('tag', '-a', '-m', 'tag', `v${round}`);
    if (round === 3) git('repack', '-adfq');
    if (round === 7) git('repack', '-dq');
  }
  made.write('folder/f1.txt', 'stashed');
  git('stash', 'push', '-q');
  git('reset', '-q', '--hard', 'HEAD~1');
  git('pack-refs', '--all');
  git('branch', 'loose');
  git('symbolic-ref', 'refs/heads/symbolic', 'refs/heads/loose');
  git('worktree', 'add', '-q', join(made.path, 'linked'), 'b/4');
  git('repack', '-adq', '--write-midx');
  made.commit('loose objects');
  files = MemoryTree.read(join(made.path, '.git'));
});
afterAll(() => made.remove());

/** Reads a repository to its end, and attributes some of what is in it. */
async function readAll(changed: ReadonlyMap<string, Buffer>, screening?: Screening): Promise<number> {
  const tree = new MemoryTree(changed);
  const budget = new Budget({ memory: MEMORY });
  const where = tree.whereOf('');
  const source = new RepositorySource({ tree, gitDir: '', where, budget, ...(screening && { screening }) });
  const { items, attributor, ids } = consume(source.items());
  await attributor?.attribute(ids);
  source.close();
  return items;
}

/** What nothing is to be seen of is passed over, here all but what begins like some of the texts. */
const readScreened = (changed: ReadonlyMap<string, Buffer>) =>
  readAll(changed, { screen: { ...BLIND, image }, marks: ['1'] });

/** The same where no index tells what is in the packs. */
function readNameless(changed: ReadonlyMap<string, Buffer>): Promise<number> {
  return readScreened(new Map([...changed].filter(([path]) => !/\.idx$|multi-pack-index$/.test(path))));
}

function readStaged(changed: ReadonlyMap<string, Buffer>, all: boolean): number {
  const tree = new MemoryTree(changed);
  const budget = new Budget({ memory: MEMORY });
  return consume(new StagedSource({ tree, gitDir: '', where: tree.whereOf(''), budget, all }).items()).items;
}

function consume(items: Iterable<ScanItem>) {
  const ids = new Set<string>();
  let count = 0;
  let attributor: Extract<ScanItem, { type: 'unit' }>['attributor'];
  for (const item of items) {
    count += 1;
    if (item.type === 'diagnostic') continue;
    attributor ??= item.attributor;
    if (item.provenance.kind === 'object' && count % 7 === 0) ids.add(item.provenance.object);
  }
  return { items: count, attributor, ids };
}

const TARGETS: Record<string, { pick: RegExp; run: (changed: ReadonlyMap<string, Buffer>) => unknown }> = {
  'pack index': { pick: /^objects\/pack\/.*\.idx$/, run: readAll },
  'multi-pack-index': { pick: /multi-pack-index$/, run: readAll },
  pack: { pick: /^objects\/pack\/.*\.pack$/, run: readAll },
  'pack that is screened': { pick: /^objects\/pack\/.*\.pack$/, run: readScreened },
  'pack without an index': { pick: /^objects\/pack\/.*\.pack$/, run: readNameless },
  'loose object': { pick: /^objects\/[0-9a-f]{2}\//, run: readAll },
  refs: { pick: /^(?:packed-refs|HEAD|ORIG_HEAD|refs\/.*|worktrees\/.*\/HEAD)$/, run: readAll },
  reflog: { pick: /(?:^|\/)logs\//, run: readAll },
  'layout files': { pick: /^(?:config|worktrees\/linked\/(?:commondir|gitdir))$/, run: readAll },
};

test.each(Object.entries(TARGETS))(
  'no damage to a %s makes the reader throw or hang',
  async (name, { pick, run }) => {
    const paths = [...files.keys()].filter((path) => pick.test(path)).sort();
    expect(paths.length).toBeGreaterThan(0);
    await rounds(name, async (random) => {
      const changed = new Map(files);
      for (let change = Math.floor(random() * 2); change >= 0; change--) {
        const path = paths[Math.floor(random() * paths.length)]!;
        changed.set(path, mutated(changed.get(path)!, random));
      }
      await run(changed);
    });
  },
  SECONDS * 1000 + 60_000,
);

test.each(['version 2', 'version 4', 'split', 'sparse'])(
  'no damage to an index (%s) makes the reader throw or hang',
  async (kind) => {
    const before = MemoryTree.read(join(made.path, '.git'));
    try {
      if (kind === 'version 4') made.git('update-index', '--index-version', '4');
      if (kind === 'split') {
        made.git('update-index', '--split-index');
        made.git('rm', '-q', '--cached', 'folder/f3.txt');
        made.write('folder/f5.txt', 'changed');
        made.git('add', 'folder/f5.txt');
      }
      if (kind === 'sparse') made.git('sparse-checkout', 'set', '--cone', '--sparse-index', 'folder');
      const indexed = MemoryTree.read(join(made.path, '.git'));
      const paths = [...indexed.keys()].filter((path) => /^(?:sharedindex\..*|index)$/.test(path));
      expect(readStaged(indexed, true)).toBeGreaterThan(30);
      await rounds(kind, (random) => {
        const changed = new Map(indexed);
        const path = paths[Math.floor(random() * paths.length)]!;
        changed.set(path, mutated(changed.get(path)!, random));
        readStaged(changed, random() < 0.5);
      });
    } finally {
      for (const [path, bytes] of before)
        if (/index/.test(path)) writeFileSync(join(made.path, '.git', path), bytes);
    }
  },
  SECONDS * 1000 + 60_000,
);

test(
  'no damage to a state file makes the reader throw anything but that it is broken',
  async () => {
    const where = { kind: 'file', path: '/memory/' } as const;
    const tree = new MemoryTree(files);
    const first = new ScanState('key');
    consume(new RepositorySource({ tree, gitDir: '', where, budget: new Budget(), state: first }).items());
    const written = Buffer.from(first.next({ held: new Map(), unscanned: [], isHarmless: () => true })!);
    const folder = mkdtempSync(join(tmpdir(), 'guardsweep-test-'));
    const file = join(folder, 'state');
    await rounds('state', (random) => {
      writeFileSync(file, mutated(written, random));
      try {
        const state = ScanState.open(file, 'key');
        consume(new RepositorySource({ tree, gitDir: '', where, budget: new Budget(), state }).items());
      } catch (error) {
        if (!(error instanceof BrokenState)) throw error;
      }
    });
    rmSync(folder, { recursive: true });
  },
  SECONDS * 1000 + 60_000,
);

async function rounds(name: string, round: (random: () => number) => unknown): Promise<void> {
  const end = Date.now() + SECONDS * 1000;
  for (let seed = name.length * 7919; Date.now() < end; seed++) {
    const started = Date.now();
    try {
      await round(randomNumbers(seed));
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.stack : String(error)}`);
    }
    expect(Date.now() - started, `seed ${seed}`).toBeLessThan(MILLISECONDS);
  }
}

/** Numbers that readers trip over. */
const EDGES = [
  0, 1, 2, 7, 0x7f, 0x80, 0xff, 0xfff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
];
const WORDS = [
  'ref: ',
  'ref: refs/heads/symbolic\n',
  '\0',
  '\n',
  '\r\n',
  '^',
  ' ',
  '/',
  '..',
  '[extensions]\n\tobjectformat = sha256\n',
  '[extensions]\n\trefstorage = reftable\n',
  '../'.repeat(50),
  'f'.repeat(40),
  '0'.repeat(64),
  `${'a'.repeat(40)} refs/heads/x\n`,
];

/** One to five changes: bytes, numbers at their limits, words, runs removed, doubled, moved, or exchanged. */
function mutated(original: Buffer, random: () => number): Buffer {
  const pick = (below: number) => Math.floor(random() * below);
  let bytes = Buffer.from(original);
  for (let change = pick(5); change >= 0; change--) {
    // Headers stand in front, checksums and tables behind: they are hit more often than their share.
    const near = [
      pick(bytes.length + 1),
      pick(Math.min(64, bytes.length + 1)),
      bytes.length - pick(Math.min(96, bytes.length + 1)),
    ];
    const at = near[pick(near.length)]!;
    const length = random() < 0.5 ? pick(8) : pick(300);
    switch (pick(8)) {
      case 0:
        if (at < bytes.length) bytes[at] = pick(256);
        break;
      case 1:
        if (at < bytes.length) bytes[at]! ^= 1 << pick(8);
        break;
      case 2: {
        const aligned = at & ~3;
        const value = [...EDGES, bytes.length, bytes.length >>> 2][pick(EDGES.length + 2)]!;
        if (aligned + 4 <= bytes.length) bytes.writeUInt32BE(value, aligned);
        break;
      }
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
        break;
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
        break;
      case 5:
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          Buffer.from(WORDS[pick(WORDS.length)]!, 'latin1'),
          bytes.subarray(at),
        ]);
        break;
      case 6:
        bytes = bytes.subarray(0, at);
        break;
      default:
        bytes.copy(bytes, pick(bytes.length + 1), at, at + length);
    }
  }
  return bytes;
}
