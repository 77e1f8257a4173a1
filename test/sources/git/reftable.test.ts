import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { TableFault, type TableRecord, tableRecords } from '../../../src/sources/git/reftable.js';
import { TestRepository } from '../../support/git-repository.js';
import { randomNumbers } from '../../support/random.js';
import { type ReadResult, readRepository } from '../../support/read-repository.js';
import { reftableOf, type TableLog, type TableRef, type TableSpec } from '../../support/reftable.js';

const SECONDS = Number(process.env.FUZZ_SECONDS ?? 2);

let repository: TestRepository | undefined;
afterEach(() => repository?.remove());

function records(bytes: Buffer): (TableRecord | TableFault)[] {
  return [...tableRecords(bytes, () => {})];
}

const person = { person: 'Ada', mail: 'ada@example.com', seconds: 1_700_000_000, minutes: -210 };

function specOf(seed: number): TableSpec & { logs: TableLog[] } {
  const random = randomNumbers(seed);
  const pick = (below: number) => Math.floor(random() * below);
  const format = seed % 3 === 0 ? 'sha256' : 'sha1';
  const id = () => Array.from({ length: format === 'sha1' ? 40 : 64 }, () => pick(16).toString(16)).join('');
  const names = [
    ...new Set(
      Array.from({ length: 1 + pick(300) }, () => `refs/${['heads', 'tags'][pick(2)]}/${pick(5000)}/x`),
    ),
  ];
  const refs = names.map((name): TableRef => {
    const kind = pick(4);
    if (kind === 0) return { name, value: undefined };
    if (kind === 1) return { name, value: `ref: refs/heads/${pick(9)}` };
    return kind === 2 ? { name, value: id() } : { name, value: id(), peeled: id() };
  });
  const logs = names.slice(0, pick(100)).flatMap((name): TableLog[] => [
    {
      name,
      update: 1,
      data: { ...person, before: id(), after: id(), message: `first ${'x'.repeat(pick(300))}` },
    },
    {
      name,
      update: 2,
      data: random() < 0.2 ? undefined : { ...person, before: id(), after: id(), message: 'second' },
    },
  ]);
  return { refs, logs, format, blockSize: [0, 4096, 8192][pick(3)]!, perBlock: 1 + pick(40) };
}

test('refs and logs of tables of any layout', () => {
  for (let seed = 0; seed < 60; seed++) {
    const spec = specOf(seed);
    const all = records(reftableOf(spec));
    const refs = all.filter((record) => !(record instanceof TableFault) && record.kind === 'ref');
    const logs = all.filter((record) => !(record instanceof TableFault) && record.kind === 'log');
    expect(all).toHaveLength(refs.length + logs.length);
    const sorted = [...spec.refs].sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(refs).toEqual(sorted.map(({ name, value }) => ({ kind: 'ref', name, value })));
    const kept = spec.logs
      .filter(({ data }) => data !== undefined)
      .sort((a, b) => (a.name === b.name ? b.update - a.update : a.name < b.name ? -1 : 1));
    expect(logs).toEqual(
      kept.map(({ name, data }) => ({
        kind: 'log',
        name,
        before: data!.before,
        after: data!.after,
        person: 'Ada <ada@example.com> 1700000000 -0330',
        message: data!.message,
      })),
    );
  }
});

test(
  'no damage to a table makes the reader throw, hang, or make much of little',
  () => {
    const end = Date.now() + SECONDS * 1000;
    for (let seed = 0; Date.now() < end; seed++) {
      const random = randomNumbers(seed);
      const bytes = reftableOf(specOf(seed % 50));
      let damaged = bytes;
      for (let change = Math.floor(random() * 4); change >= 0; change--) {
        const at = Math.floor(random() * damaged.length);
        const kind = random();
        if (kind < 0.5) damaged[at]! ^= 1 << Math.floor(random() * 8);
        else if (kind < 0.7) damaged[at] = [0, 0x7f, 0x80, 0xff, 0x72, 0x67][Math.floor(random() * 6)]!;
        else if (kind < 0.85)
          damaged = Buffer.concat([
            damaged.subarray(0, at),
            damaged.subarray(at + 1 + Math.floor(random() * 40)),
          ]);
        else damaged = Buffer.concat([damaged.subarray(0, at), damaged.subarray(Math.floor(random() * at))]);
        if (damaged.length === 0) break;
      }
      const started = Date.now();
      let made = 0;
      const count = (out: number) => {
        made += out;
      };
      for (const record of tableRecords(damaged, count)) {
        if (!(record instanceof TableFault)) made += record.name.length;
      }
      expect(made, `seed ${seed}`).toBeLessThan(64 * 1024 ** 2);
      expect(Date.now() - started, `seed ${seed}`).toBeLessThan(5_000);
    }
  },
  SECONDS * 1000 + 30_000,
);

describe('a repository that keeps its refs in tables', () => {
  /** Moves all refs and reflogs into a stack of tables, as git does from version 2.45 on. */
  function moveIntoTables(made: TestRepository, gone: readonly TableRef[] = []): void {
    const gitDir = join(made.path, '.git');
    const format = made.git('rev-parse', '--show-object-format') as 'sha1' | 'sha256';
    const listed = made.git('for-each-ref', '--format=%(refname) %(objectname) %(*objectname)').split('\n');
    const refs = listed.map((line): TableRef => {
      const [name, value, peeled] = line.split(' ');
      return { name: name!, value, ...(peeled ? { peeled } : {}) };
    });
    const logs: TableLog[] = [];
    for (const name of ['HEAD', ...refs.map((ref) => ref.name)]) {
      const lines = made
        .git('log', '-g', '--format=%H%x00%gs', name, '--')
        .split('\n')
        .filter((line) => line !== '');
      lines.forEach((line, index) => {
        const [after, message] = line.split('\0');
        const before = lines[index + 1]?.split('\0')[0] ?? '0'.repeat(after!.length);
        logs.push({
          name,
          update: lines.length - index,
          data: { ...person, before, after: after!, message: message! },
        });
      });
    }
    for (const name of ['refs', 'logs', 'packed-refs', 'ORIG_HEAD'])
      rmSync(join(gitDir, name), { recursive: true, force: true });
    mkdirSync(join(gitDir, 'refs'));
    writeFileSync(join(gitDir, 'refs/heads'), 'this repository uses the reftable format\n');
    writeFileSync(join(gitDir, 'HEAD'), 'ref: refs/heads/.invalid\n');
    writeFileSync(
      join(gitDir, 'config'),
      `[core]\n\trepositoryformatversion = 1\n[extensions]\n\trefStorage = reftable\n\tobjectFormat = ${format}\n`,
    );
    const tables = join(gitDir, 'reftable');
    mkdirSync(tables);
    const half = Math.ceil(refs.length / 2);
    const stale = gone.map(({ name }) => ({ name, value: refs[0]!.value }));
    writeFileSync(
      join(tables, '1-1-a.ref'),
      reftableOf({
        refs: [...refs.slice(0, half), ...stale, { name: 'HEAD', value: 'ref: refs/heads/gone' }],
        format,
      }),
    );
    writeFileSync(
      join(tables, '2-2-b.ref'),
      reftableOf({
        refs: [...refs.slice(half), ...gone, { name: 'HEAD', value: 'ref: refs/heads/main' }],
        format,
        perBlock: 2,
      }),
    );
    writeFileSync(join(tables, '3-3-c.log'), reftableOf({ refs: [], logs, format, perBlock: 3 }));
    writeFileSync(join(tables, 'tables.list'), '1-1-a.ref\n2-2-b.ref\n3-3-c.log\n');
  }

  async function placesOf({ units, source }: ReadResult, text: string) {
    const hits = units.filter(({ bytes, where }) => where.kind === 'object' && bytes.includes(text));
    const ids = new Set(hits.map(({ where }) => (where.kind === 'object' ? where.object : '')));
    const places = await hits[0]!.unit.attributor!.attribute(ids);
    source.close();
    return [...places.values()]
      .flat()
      .map((place) => JSON.stringify(place))
      .sort();
  }

  test.each(['sha1', 'sha256'])(
    'says of every place what it said before, and shows names and messages (%s)',
    async (format) => {
      repository = new TestRepository({ args: [`--object-format=${format}`] });
      repository.write('a.txt', 'needle one');
      repository.commit('first');
      repository.git('branch', 'side');
      repository.git('tag', '-a', '-m', 'tag', 'v1');
      repository.write('a.txt', 'needle amended');
      repository.commit('oops');
      repository.write('a.txt', 'clean');
      repository.commit('fixed', '--amend');
      for (const age of ['older', 'newer']) {
        repository.write('a.txt', `needle ${age} stash`);
        repository.git('stash', 'push', '-q', '-m', `message of the ${age}`);
      }
      const before = await readRepository(repository.path);
      const expected = await placesOf(before, 'needle');
      expect(expected).toHaveLength(4);
      moveIntoTables(repository, [{ name: 'refs/heads/deleted-branch', value: undefined }]);
      const after = await readRepository(repository.path);
      expect(after.diagnostics).toEqual([]);
      expect(await placesOf(after, 'needle')).toEqual(expected);
      const named = after.units.flatMap(({ where, bytes, unit }) =>
        where.kind === 'ref' ? [`${unit.aspect ?? 'log'} ${where.name} ${bytes}`] : [],
      );
      expect(named).toContain('name refs/heads/deleted-branch refs/heads/deleted-branch');
      expect(named).toContain('name refs/heads/side refs/heads/side');
      const stash = named.find((name) => name.startsWith('log refs/stash '))!;
      expect(stash).toMatch(
        /Ada <ada@example.com> 1700000000 -0330\tOn main: message of the newer\n.*\tOn main: message of the older\n$/,
      );
    },
  );

  test('damage is listed, and the rest is read', async () => {
    repository = new TestRepository();
    repository.commit('first');
    repository.git('branch', 'side');
    moveIntoTables(repository);
    const tables = join(repository.path, '.git/reftable');
    writeFileSync(join(tables, '1-1-a.ref'), 'nothing');
    rmSync(join(tables, '3-3-c.log'));
    writeFileSync(
      join(tables, 'left-over.ref'),
      reftableOf({ refs: [{ name: 'refs/heads/left-over', value: 'a'.repeat(40) }] }),
    );
    expect(readdirSync(tables)).toHaveLength(4);
    const { units, diagnostics } = await readRepository(repository.path);
    expect(diagnostics.map(({ detail }) => detail).sort()).toEqual([
      'does not begin like a reftable',
      'is named in tables.list and not there',
    ]);
    const names = units.flatMap(({ where }) => (where.kind === 'ref' ? [where.name] : []));
    expect(names).toEqual(expect.arrayContaining(['HEAD', 'refs/heads/side', 'refs/heads/left-over']));
  });
});
