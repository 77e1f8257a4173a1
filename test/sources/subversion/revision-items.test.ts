import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Budget } from '../../../src/model/budget.js';
import { DiskTree } from '../../../src/sources/disk-tree.js';
import { revisionItems } from '../../../src/sources/subversion/revision-items.js';
import { MemoryTree } from '../../support/memory-tree.js';
import { randomNumbers } from '../../support/random.js';
import { readAll } from '../../support/read-repository.js';
import { type Instruction, revisionStore } from '../../support/revision-store.js';
import { lacking } from '../../support/tools.js';

const SECONDS = Number(process.env.FUZZ_SECONDS ?? 1);
const MEMORY = 512 * 1024;

function read(files: ReadonlyMap<string, Buffer>) {
  return readAll(revisionItems(new MemoryTree(files), 'db', new Budget({ memory: MEMORY })));
}

const WHOLE = `${'='.repeat(60)} token=tg_org_first end`;
const ROTATED: readonly Instruction[] = [
  { from: 0, length: WHOLE.indexOf('first') },
  { add: 'second, which is longer' },
  { from: WHOLE.indexOf(' end'), length: 4 },
];

for (const version of [0, 1, 2] as const) {
  for (const logical of [false, true]) {
    const item = logical ? 5 : 0;
    test(`what a delta adds stands beside what it copies (svndiff ${version}, ${logical ? 'by number' : 'by place'})`, async () => {
      const files = revisionStore(
        [
          { instructions: [{ add: WHOLE }] },
          { base: { revision: 0, item }, instructions: ROTATED },
          { base: { revision: 1, item }, instructions: [{ from: 60, length: 14 }, { add: 'third' }] },
        ],
        { version, logical },
      );
      const { units, diagnostics } = await read(files);
      const texts = units.filter(({ where }) => where.kind === 'member').map(({ bytes }) => bytes.toString());
      expect(texts).toEqual([
        WHOLE,
        WHOLE.replace('first', 'second, which is longer'),
        ' token=tg_org_third',
      ]);
      expect(diagnostics).toEqual([]);
      const between = units
        .filter(({ where }) => where.kind === 'file')
        .map(({ bytes }) => bytes.toString('latin1'));
      expect(between).toHaveLength(3);
      for (const text of between) expect(text).toMatch(/^[\0\n]+id: 0\.0\.r\d\/0\n/);
    });
  }
}

test('where the base is not there, builds on itself or is damaged, what is added is read, and that is said', async () => {
  const rotated = { instructions: ROTATED };
  const files = revisionStore([
    { base: { revision: 7, item: 0 }, ...rotated },
    { base: { revision: 1, item: 0 }, ...rotated },
    { instructions: [{ add: 'short' }] },
    { base: { revision: 2, item: 0 }, ...rotated },
  ]);
  const { units, diagnostics } = await read(files);
  const texts = units.filter(({ where }) => where.kind === 'member').map(({ bytes }) => bytes.toString());
  expect(texts).toEqual([
    'second, which is longer',
    'second, which is longer',
    'short',
    'second, which is longer',
  ]);
  expect(diagnostics.map(({ reason, detail }) => `${reason}: ${detail}`)).toEqual([
    expect.stringMatching(/^corrupt: what it builds on, of revision 7, is not there: only what it adds/),
    expect.stringMatching(/^corrupt: it builds on itself: only/),
    expect.stringMatching(/^corrupt: it copies what its base does not have: only/),
  ]);
});

test('what is larger than may be held is said to be, and costs no more', async () => {
  const copies = Array.from({ length: 8 }, () => ({ from: 0, length: 100_000 }));
  const files = revisionStore([
    { instructions: [{ add: 'x'.repeat(100_000) }] },
    { base: { revision: 0, item: 0 }, instructions: copies },
  ]);
  const { diagnostics } = await read(files);
  expect(diagnostics).toMatchObject([{ reason: 'too_large' }]);
});

test('what looks like a text everywhere is given up, and searched as it stands', async () => {
  const files = revisionStore([{ instructions: [{ add: WHOLE }] }]);
  files.set('db/revs/0/1', Buffer.concat([Buffer.from('DELTA\nSVN\x01'.repeat(20_000)), Buffer.from(WHOLE)]));
  const { units, diagnostics } = await read(files);
  expect(diagnostics).toMatchObject([
    { reason: 'corrupt', detail: expect.stringMatching(/^too much in it/) },
  ]);
  expect(units.at(-1)!.bytes.toString()).toContain(WHOLE);
});

test('no damage throws or takes long', async () => {
  const files = revisionStore(
    [
      { instructions: [{ add: WHOLE }] },
      { base: { revision: 0, item: 5 }, instructions: ROTATED },
      { base: { revision: 1, item: 5 }, instructions: ROTATED },
    ],
    { version: 1, logical: true },
  );
  const random = randomNumbers(7);
  const pick = (below: number) => Math.floor(random() * below);
  const until = Date.now() + SECONDS * 1000;
  let rounds = 0;
  for (; Date.now() < until; rounds++) {
    const changed = new Map(files);
    const path = `db/revs/0/${pick(3)}`;
    const bytes = Buffer.from(files.get(path)!);
    for (let change = 0; change <= pick(4); change++) bytes[pick(bytes.length)] = pick(256);
    changed.set(path, pick(5) === 0 ? bytes.subarray(0, pick(bytes.length)) : bytes);
    const started = Date.now();
    await read(changed);
    expect(Date.now() - started).toBeLessThan(5_000);
  }
  expect(rounds).toBeGreaterThan(10);
});

const without = lacking('svn', 'svnadmin');
for (const [name, args, config] of [
  ['of 1.8', ['--compatible-version', '1.8'], ''],
  ['packed', [], 'sharded 2'],
] as const) {
  test.skipIf(without !== '')(`reads what svn cat reads, in repositories ${name}${without}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'guardsweep-test-'));
    const run = (program: string, ...words: string[]) => execFileSync(program, words, { cwd: folder });
    run('svnadmin', 'create', ...args, 'repository');
    const format = join(folder, 'repository/db/format');
    if (config !== '') {
      const text = run('cat', format)
        .toString()
        .replace(/sharded \d+/, config);
      writeFileSync(format, text);
    }
    const url = `file://${folder}/repository`;
    run('svn', 'checkout', '-q', url, 'work');
    const random = randomNumbers(11);
    const pick = (below: number) => Math.floor(random() * below);
    const lines = Array.from({ length: 300 }, (_, line) => `line ${line} ${pick(1e9)} ${pick(1e9)}`);
    const expected: string[] = [];
    for (let round = 0; round < 4; round++) {
      lines[pick(lines.length)] = `token of round ${round}: tg_org_${pick(1e9)}`;
      writeFileSync(join(folder, 'work/a.txt'), lines.join(round % 2 === 0 ? '\n' : ' '));
      if (round === 0) run('svn', 'add', '-q', 'work/a.txt');
      run('svn', 'commit', '-q', '-m', `round ${round}`, 'work');
      expected.push(run('svn', 'cat', `${url}/a.txt@${round + 1}`).toString());
    }
    if (config !== '') run('svnadmin', 'pack', '-q', 'repository');
    const items = revisionItems(new DiskTree(folder), 'repository/db', new Budget());
    const { units, diagnostics } = await readAll(items);
    expect(diagnostics).toEqual([]);
    const texts = units.map(({ bytes }) => bytes.toString());
    for (const text of expected) expect(texts).toContain(text);
    rmSync(folder, { recursive: true });
  });
}
