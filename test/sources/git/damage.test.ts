import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { DiskTree } from '../../../src/sources/disk-tree.js';
import { openDatabase } from '../../../src/sources/git/open-database.js';
import { type TestRepository, temporaryRepository } from '../../support/git-repository.js';
import { distance, header, varint } from '../../support/packs.js';
import { randomNumbers } from '../../support/random.js';
import { readRepository } from '../../support/read-repository.js';

/** A packed repository of files that share most of their lines, so that they become deltas. */
function packed(files = 12): { repository: TestRepository; pack: string; index: string } {
  const repository = temporaryRepository();
  const random = randomNumbers(files);
  const lines = Array.from({ length: 200 }, () => random().toString(36));
  for (let file = 0; file < files; file++) {
    lines[file * 7] = `changed ${file}`;
    repository.write(`file${file}.txt`, lines.join('\n'));
    repository.commit(`commit ${file}`);
  }
  repository.git('repack', '-adfq', '--depth=50');
  const folder = join(repository.path, '.git/objects/pack');
  const path = (end: string) => join(folder, readdirSync(folder).find((name) => name.endsWith(end))!);
  for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o644);
  return { repository, pack: path('.pack'), index: path('.idx') };
}

async function keysOf(repository: TestRepository): Promise<string[]> {
  return [...(await readRepository(repository.path)).objects.keys()].sort();
}

const reasons = (result: { diagnostics: readonly { reason: string }[] }) =>
  result.diagnostics.map(({ reason }) => reason);

test('a damaged byte costs the objects it lies in and what builds on them, and is listed', async () => {
  const { repository, pack } = packed();
  const whole = await readRepository(repository.path);
  const bytes = readFileSync(pack);
  const random = randomNumbers(7);
  for (let round = 0; round < 25; round++) {
    const damaged = Buffer.from(bytes);
    const at = 12 + Math.floor(random() * (bytes.length - 32));
    damaged[at]! ^= 1 << Math.floor(random() * 8);
    writeFileSync(pack, damaged);
    const read = await readRepository(repository.path);
    const contents = new Set(read.units.map((unit) => unit.bytes.toString('latin1')));
    const lost = [...whole.objects.values()].filter((content) => !contents.has(content.toString('latin1')));
    expect(lost.length).toBeLessThan(whole.objects.size);
    if (lost.length > 0) expect(reasons(read)).not.toEqual([]);
  }
});

test('what is built on a damaged base is read where another pack or a loose file holds the base whole', async () => {
  const { repository, pack, index } = packed();
  const whole = await readRepository(repository.path);
  const entries = repository.git('verify-pack', '-v', index).split('\n');
  const chained = entries.map((line) => line.split(/\s+/)).filter(({ length }) => length === 7);
  const depthOf = (line: readonly string[]) => Number(line[5]);
  const middle = chained.find((line) => depthOf(line) === 2)!;
  const root = entries
    .map((line) => line.split(/\s+/))
    .find(
      (line) =>
        line.length === 5 && chained.some(([, , , , , depth, base]) => depth === '1' && base === line[0]),
    )!;
  const bytes = readFileSync(pack);
  for (const [id, , , length, offset] of [root, middle]) {
    const content = whole.objects.get(`blob ${id}`)!;
    const damaged = Buffer.from(bytes);
    damaged.fill(0, Number(offset) + Number(length) - 8, Number(offset) + Number(length));
    writeFileSync(pack, damaged);
    const lost = await readRepository(repository.path);
    expect(lost.objects.size).toBeLessThan(whole.objects.size);
    const head = Buffer.from(`blob ${content.length}\0`);
    const loose = `.git/objects/${id!.slice(0, 2)}/${id!.slice(2)}`;
    repository.write(loose, deflateSync(Buffer.concat([head, content])));
    const read = await readRepository(repository.path);
    expect(read.objects).toEqual(whole.objects);
    expect(reasons(read)).toEqual(['corrupt']);
    const { database } = openDatabase(new DiskTree(repository.path), '.git', 2 ** 28);
    for (const key of whole.objects.keys()) {
      const named = key.split(' ')[1]!;
      expect(Buffer.compare(database.read(named)!.bytes, whole.objects.get(key)!)).toBe(0);
    }
    database.close();
    rmSync(join(repository.path, loose));
  }
});

test('a truncated pack: what is before the cut is read', async () => {
  const { repository, pack } = packed();
  const count = (await keysOf(repository)).length;
  const bytes = readFileSync(pack);
  writeFileSync(pack, bytes.subarray(0, Math.floor(bytes.length / 2)));
  const read = await readRepository(repository.path);
  expect(reasons(read)).toContain('corrupt');
  expect(read.objects.size).toBeGreaterThan(1);
  expect(read.objects.size).toBeLessThan(count);
});

test.each(['2', '4'])(
  'of an index of version %s that was cut short, the names that are lost are told',
  async (version) => {
    const { repository } = packed();
    repository.git('update-index', '--index-version', version);
    const path = join(repository.path, '.git/index');
    const bytes = readFileSync(path);
    for (const length of [0, 8, 40, bytes.length - 100, bytes.length]) {
      writeFileSync(path, bytes.subarray(0, length));
      expect(reasons(await readRepository(repository.path)), `${length} bytes`).toEqual(
        length === bytes.length ? [] : ['corrupt'],
      );
    }
    // As `index.skipHash` has it.
    writeFileSync(path, Buffer.concat([bytes.subarray(0, -20), Buffer.alloc(20)]));
    expect(reasons(await readRepository(repository.path))).toEqual([]);
  },
);

describe('an index that lies', () => {
  test('about an offset', async () => {
    const { repository, index } = packed();
    const keys = await keysOf(repository);
    const bytes = readFileSync(index);
    const count = bytes.readUInt32BE(8 + 255 * 4);
    const offsets = 8 + 1024 + count * 24;
    bytes.writeUInt32BE(bytes.readUInt32BE(offsets + 4) + 3, offsets + 4);
    writeFileSync(index, bytes);
    const read = await readRepository(repository.path);
    expect([...read.objects.keys()]).toEqual(expect.arrayContaining(keys));
    expect(read.diagnostics).toMatchObject([{ reason: 'corrupt', detail: expect.stringMatching(/index/) }]);
  });

  test('by leaving an object out', async () => {
    const { repository, index } = packed();
    const keys = await keysOf(repository);
    const bytes = readFileSync(index);
    const count = bytes.readUInt32BE(8 + 255 * 4);
    const without = Buffer.concat([
      bytes.subarray(0, 8 + 1024 + (count - 1) * 20),
      bytes.subarray(8 + 1024 + count * 20, 8 + 1024 + count * 20 + (count - 1) * 4),
      bytes.subarray(8 + 1024 + count * 24, 8 + 1024 + count * 24 + (count - 1) * 4),
      bytes.subarray(-40),
    ]);
    for (let first = 0; first < 256; first++) {
      const at = 8 + first * 4;
      without.writeUInt32BE(Math.min(count - 1, bytes.readUInt32BE(at)), at);
    }
    writeFileSync(index, without);
    const read = await readRepository(repository.path);
    expect([...read.objects.keys()]).toEqual(expect.arrayContaining(keys));
    expect(reasons(read)).toContain('corrupt');
  });

  test('by being noise, or gone', async () => {
    const { repository, index } = packed();
    const keys = await keysOf(repository);
    writeFileSync(index, Buffer.from('noise'.repeat(1000)));
    const noise = await readRepository(repository.path);
    expect([...noise.objects.keys()].sort()).toEqual(keys);
    expect(reasons(noise)).toEqual(['corrupt']);
    rmSync(index);
    expect(await readRepository(repository.path)).toMatchObject({ diagnostics: [] });
    expect(await keysOf(repository)).toEqual(keys);
  });
});

describe('damage in a pack without an index', () => {
  test('the next sound entry is found again', async () => {
    const { repository, pack, index } = packed();
    rmSync(index);
    const keys = await keysOf(repository);
    const bytes = readFileSync(pack);
    bytes.fill(0xff, 200, 240);
    writeFileSync(pack, bytes);
    const read = await readRepository(repository.path);
    expect(reasons(read)).toContain('corrupt');
    expect(read.objects.size).toBeGreaterThan(keys.length / 2);
  });

  test('what is no entry is read as it stands, and what was cut short as far as it goes', async () => {
    const repository = temporaryRepository();
    const content = Buffer.from(`what came first\n${'0123456789abcdef'.repeat(200)}${randomText(20_000)}`);
    const head = Buffer.from([
      0xb0 | (content.length & 15),
      ((content.length >> 4) & 127) | 128,
      content.length >> 11,
    ]);
    const whole = packOf([Buffer.concat([head, deflateSync(content)])]);
    repository.write('.git/objects/pack/tmp_pack_1', whole.subarray(0, whole.length / 2));
    repository.write(
      '.git/objects/pack/tmp_pack_2',
      Buffer.concat([whole.subarray(0, -20), Buffer.from('what stands between'), whole.subarray(-20)]),
    );
    repository.write(
      '.git/objects/pack/tmp_pack_3',
      Buffer.concat([whole, Buffer.from('what stands behind')]),
    );
    const read = await readRepository(repository.path);
    const texts = read.units.map(({ bytes }) => bytes.toString('latin1'));
    expect(texts.filter((text) => text.includes('what came first'))).toHaveLength(3);
    expect(texts).toContainEqual(expect.stringMatching(/^what stands between/));
    expect(texts).toContainEqual(expect.stringMatching(/^.{20}what stands behind$/s));
    expect(new Set(reasons(read))).toEqual(new Set(['corrupt']));
  });
});

test('of what is built on something that is not there, what is new is read all the same', async () => {
  const { repository } = packed();
  repository.write('file0.txt', `${repository.git('show', 'HEAD:file0.txt')}\nwhat is new\n`);
  const [now, before] = [repository.commit('new'), repository.git('rev-parse', 'HEAD~1')];
  const args = ['pack-objects', '--revs', '--thin', '--stdout', '-q'];
  const thin = repository.gitBytes(args, `${now}\n^${before}\n`);
  for (const indexed of [false, true]) {
    const other = temporaryRepository();
    other.write('.git/objects/pack/pack-1.pack', thin);
    // An index that names nothing makes no difference.
    if (indexed) other.write('.git/objects/pack/pack-1.idx', Buffer.alloc(1072));
    const read = await readRepository(other.path);
    expect(reasons(read)).toContain('missing_object');
    expect(read.units.some(({ bytes }) => bytes.includes('what is new'))).toBe(true);
  }
});

test('so is what is built on something too large to be held', async () => {
  const repository = temporaryRepository();
  const large = Array.from({ length: 90_000 }, (_, line) => `${line * 7919}`).join('\n');
  for (const text of ['what was there once', 'what is there now']) {
    repository.write('dump.sql', `${text}\n${large}\n${text}\n`);
    repository.commit(text);
  }
  repository.git('repack', '-adfq');
  const read = await readRepository(repository.path, { limits: { memory: 256 * 1024 } });
  expect(reasons(read)).toEqual(['too_large']);
  for (const text of ['what was there once', 'what is there now']) {
    expect(read.units.some(({ bytes }) => bytes.includes(`\n${text}`) || bytes.includes(`${text}\n`))).toBe(
      true,
    );
  }
});

function randomText(length: number): string {
  const random = randomNumbers(length);
  return Array.from({ length }, () => String.fromCharCode(97 + Math.floor(random() * 26))).join('');
}

/** A pack of hand-made entries: `[type, content, base distance in entries]`. */
function packOf(entries: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(12);
  head.write('PACK');
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(entries.length, 8);
  const body = Buffer.concat([head, ...entries]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

function entry(type: number, content: Buffer, base: Buffer = Buffer.alloc(0), size = content.length): Buffer {
  return Buffer.concat([header(type, size), base, deflateSync(content)]);
}

async function readPack(entries: readonly Buffer[], limits = {}) {
  const repository = temporaryRepository();
  repository.write('.git/objects/pack/pack-1.pack', packOf(entries));
  return readRepository(repository.path, { limits });
}

describe('hostile packs', () => {
  const base = Buffer.from('base content, base content');
  const id = createHash('sha1').update(`blob ${base.length}\0`).update(base).digest();

  test('a delta that claims 4 GiB is refused before anything is allocated', async () => {
    const delta = Buffer.from([...varint(base.length), ...varint(2 ** 32), 0x90, 10]);
    const before = process.memoryUsage().rss;
    const read = await readPack([entry(3, base), entry(7, delta, id), entry(3, Buffer.from('after'))]);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 ** 2);
    expect(reasons(read)).toEqual(['too_large']);
    expect([...read.objects.values()].map(String)).toEqual([base.toString(), 'after']);
  });

  test('an entry that claims more than it can become', async () => {
    const read = await readPack([
      entry(3, Buffer.alloc(0), undefined, 2 ** 33),
      entry(3, Buffer.from('after')),
    ]);
    expect(reasons(read).length).toBeGreaterThan(0);
    expect([...read.objects.values()].map(String)).toContain('after');
  });

  test('deltas on each other and deltas on nothing', async () => {
    const delta = Buffer.from([...varint(5), ...varint(5), 0x90, 5]);
    const read = await readPack([
      entry(7, delta, Buffer.alloc(20, 1)),
      entry(6, delta, distance(5)),
      entry(3, Buffer.from('after')),
    ]);
    expect([...reasons(read)].sort()).toEqual(['corrupt', 'missing_object']);
    expect([...read.objects.values()].map(String)).toEqual(['after']);
  });

  test('a chain 4,000 deep', async () => {
    const entries = [entry(3, base)];
    for (let depth = 1; depth <= 4000; depth++) {
      const text = Buffer.from(`${depth}`.padStart(8, '.'));
      const from = depth === 1 ? base.length : base.length + 8;
      const delta = [...varint(from), ...varint(base.length + 8), 0x90, base.length, 8, ...text];
      entries.push(entry(6, Buffer.from(delta), distance(entries[depth - 1]!.length)));
    }
    const read = await readPack(entries);
    expect(read.diagnostics).toEqual([]);
    expect(read.units.some(({ bytes }) => bytes.toString() === `${base}....4000`)).toBe(true);
  });

  test('many large results of one small base stop at the ratio, and the rest is read', async () => {
    const large = Buffer.alloc(60_000, 'x');
    const copies = Buffer.concat(Array.from({ length: 200 }, () => Buffer.from([0xb0, 0x60, 0xea])));
    const delta = Buffer.concat([Buffer.from([...varint(60_000), ...varint(12_000_000)]), copies]);
    const largeId = createHash('sha1').update(`blob ${large.length}\0`).update(large).digest();
    const deltas = Array.from({ length: 20 }, () => entry(7, delta, largeId));
    const read = await readPack([entry(3, large), ...deltas, entry(3, Buffer.from('after'))], {
      ratio: 100,
      ratioFloor: 1024 ** 2,
    });
    expect(reasons(read)).toContain('budget');
    expect(read.units.map(({ bytes }) => bytes.toString())).toContain('after');
  });

  test('an object larger than may be held is streamed; what is built on it is listed', async () => {
    const large = Buffer.from('0123456789'.repeat(20_000));
    const delta = Buffer.from([...varint(large.length), ...varint(5), 0x90, 5]);
    const largeId = createHash('sha1').update(`blob ${large.length}\0`).update(large).digest();
    const repository = temporaryRepository();
    const entries = [entry(3, large), entry(3, Buffer.from('after')), entry(7, delta, largeId)];
    repository.write('.git/objects/pack/pack-1.pack', packOf(entries));
    repository.git('index-pack', '.git/objects/pack/pack-1.pack');
    const read = await readRepository(repository.path, { limits: { memory: 100_000 } });
    expect(read.units.map(({ bytes }) => bytes.toString())).toEqual(
      expect.arrayContaining([large.toString(), 'after']),
    );
    expect(reasons(read)).toEqual(['too_large']);
  });
});

describe('loose objects', () => {
  test('truncated, damaged, lying about their size, or no objects at all: listed, and searched as far as they go', async () => {
    const repository = temporaryRepository();
    const text = 'a loose object '.repeat(200);
    const random = Array.from({ length: 400 }, randomNumbers(1)).join('');
    const whole = deflateSync(`blob ${random.length}\0${random}`);
    const folder = '.git/objects/ab/';
    repository.write(`${folder}${'1'.repeat(38)}`, whole.subarray(0, whole.length / 2));
    repository.write(`${folder}${'2'.repeat(38)}`, deflateSync(`blob 5\0${text}`));
    repository.write(`${folder}${'3'.repeat(38)}`, 'just text');
    repository.write(`${folder}${'4'.repeat(38)}`, deflateSync(`blob 999999999999\0${text}`));
    repository.write(`${folder}tmp_obj_1`, deflateSync(`blob ${text.length}\0${text}`));
    const read = await readRepository(repository.path);
    expect(reasons(read)).toHaveLength(4);
    const texts = read.units.map(({ bytes }) => bytes.toString());
    expect(texts.some((unit) => unit.includes(random.slice(0, 1000)))).toBe(true);
    expect(texts.filter((unit) => unit.includes(text))).toHaveLength(3);
    expect(texts).toContain('just text');
  });
});

describe('missing objects are listed, never fatal, never fetched', () => {
  test('in a partial clone whose promisor would run a program', async () => {
    const { repository } = packed();
    const folder = join(repository.path, '../partial');
    repository.git('config', 'uploadpack.allowFilter', 'true');
    repository.git('clone', '-q', '--bare', '--filter=blob:none', `file://${repository.path}`, folder);
    const mark = join(repository.path, '../mark');
    const config = `\n[remote "origin"]\n\turl = ext::sh -c "touch% ${mark}"\n\tuploadpack = touch ${mark}\n`;
    writeFileSync(join(folder, 'config'), readFileSync(join(folder, 'config'), 'utf8') + config);
    const read = await readRepository(folder, { gitDir: '' });
    expect(new Set(reasons(read))).toEqual(new Set(['missing_object']));
    expect(read.diagnostics).toHaveLength(12);
    expect([...read.objects.keys()].filter((key) => key.startsWith('commit'))).toHaveLength(12);
    expect(existsSync(mark)).toBe(false);
  });

  test('a shallow clone lacks nothing', async () => {
    const { repository } = packed();
    const folder = join(repository.path, '../shallow');
    repository.git('clone', '-q', '--bare', '--depth=2', `file://${repository.path}`, folder);
    expect((await readRepository(folder, { gitDir: '' })).diagnostics).toEqual([]);
  });

  test('a tree whose blob was deleted', async () => {
    const repository = temporaryRepository();
    repository.write('a.txt', 'gone');
    repository.commit('first');
    const blob = repository.git('rev-parse', 'HEAD:a.txt');
    rmSync(join(repository.path, '.git/objects', blob.slice(0, 2), blob.slice(2)));
    expect((await readRepository(repository.path)).diagnostics).toMatchObject([
      { reason: 'missing_object', where: { kind: 'object', object: blob, type: 'blob' } },
    ]);
  });
});
