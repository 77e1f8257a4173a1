import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { sevenZip } from '../../fixtures/archives/seven-zip.js';
import { buildZip } from '../../fixtures/archives/zip-builder.js';
import type { Report } from '../../src/model/report.js';
import { commit, git, repository } from '../support/git.js';
import { folder, guardsweep } from '../support/program.js';
import { reportOf } from '../support/report.js';
import { body, botKey, orgToken } from '../support/tokens.js';

/** A repository with a history in a pack and a token in its past; and a way to scan it with one state file. */
function nightly() {
  const path = repository();
  for (let round = 0; round < 30; round++) {
    commit(path, { 'large.txt': Array.from({ length: 50 }, (_, at) => body(`${round}/${at}`)).join('\n') });
  }
  commit(path, { 'leak.txt': `${orgToken('leak')}\n` });
  commit(path, { 'leak.txt': 'clean\n' });
  git(path, 'repack', '-adq');
  const state = join(folder(), 'state');
  const scan = async (...more: string[]) => {
    const ended = await guardsweep(['scan', '--format', 'json', '--state', state, ...more, path]);
    return { report: reportOf(ended), stderr: ended.stderr };
  };
  return { path, state, scan };
}

const objects = ({ coverage: { units } }: Report) => units.blobs + units.commits;
const found = ({ findings }: Report) => findings.map(({ fingerprint }) => fingerprint);

test('a second run reads only what something was found in, and finds the same', async () => {
  const { scan, state } = nightly();
  const first = await scan();
  expect(objects(first.report)).toBeGreaterThan(60);
  expect(found(first.report)).toHaveLength(1);
  const content = readFileSync(state);
  expect(content.includes('tg_org_')).toBe(false);
  const second = await scan();
  expect(objects(second.report)).toBe(1);
  expect(second.report.findings).toEqual(first.report.findings);
  expect(readFileSync(state).equals(content)).toBe(true);
});

test('new commits, rewritten history and gc: only what is new is read, and nothing is lost', async () => {
  const { scan, path } = nightly();
  await scan();
  commit(path, { 'new.txt': orgToken('new') });
  const second = await scan();
  expect(found(second.report)).toHaveLength(2);
  expect(objects(second.report)).toBe(3);
  git(path, 'reset', '-q', '--hard', 'HEAD~3');
  commit(path, { 'other.txt': orgToken('other') });
  git(path, 'gc', '-q', '--prune=never');
  const third = await scan();
  expect(found(third.report)).toHaveLength(3);
  expect(objects(third.report)).toBe(4);
  git(path, 'reflog', 'expire', '--expire=now', '--all');
  git(path, 'gc', '-q', '--prune=now');
  expect(found((await scan()).report)).toHaveLength(1);
});

test('what has no name to be remembered by is read in every run', async () => {
  const { scan, path } = nightly();
  const packs = join(path, '.git/objects/pack');
  const pack = readdirSync(packs).find((name) => name.endsWith('.pack'))!;
  rmSync(join(packs, pack.replace(/pack$/, 'idx')));
  renameSync(join(packs, pack), join(packs, 'tmp_pack_Ab12'));
  const content = `blob 48\0${orgToken('unfinished')}\n`;
  mkdirSync(join(path, '.git/objects/ab'), { recursive: true });
  writeFileSync(join(path, '.git/objects/ab/tmp_obj_Ab12'), deflateSync(content));
  for (let night = 0; night < 3; night++) {
    const { report } = await scan();
    expect(found(report)).toHaveLength(2);
    expect(report.coverage.unscanned).toEqual([]);
  }
});

test.each(['loose', 'packed'])(
  'what is too large to be held is read in every run, and of a range: %s',
  async (kind) => {
    const { scan, path } = nightly();
    await scan('--max-memory', '1MiB');
    const lines = Array.from({ length: 60_000 }, (_, at) => `line ${at} ${body(String(at % 900), 20)}\n`);
    commit(path, { 'dump.sql': `${lines.join('')}${orgToken('in a dump')}\n` });
    rmSync(join(path, 'dump.sql'));
    if (kind === 'packed') git(path, 'repack', '-adq');
    for (let night = 0; night < 2; night++) {
      const { report } = await scan('--max-memory', '1MiB');
      expect(found(report)).toHaveLength(2);
      expect(report.coverage.unscanned).toEqual([]);
    }
    const since = ['scan', '--format', 'json', '--max-memory', '1MiB', '--since', 'HEAD~1', path];
    expect(found(reportOf(await guardsweep(since)))).toHaveLength(1);
  },
);

test('what something was found in and is gone is missed, as long as a tree names it', async () => {
  const { scan, path } = nightly();
  commit(path, { 'other.txt': orgToken('other') });
  const id = git(path, 'rev-parse', 'HEAD:other.txt').trim();
  expect(found((await scan()).report)).toHaveLength(2);
  rmSync(join(path, 'other.txt'));
  rmSync(join(path, '.git/objects', id.slice(0, 2), id.slice(2)));
  for (let night = 0; night < 2; night++) {
    const { report } = await scan();
    expect(found(report)).toHaveLength(1);
    expect(report.coverage.unscanned).toMatchObject([{ reason: 'missing_object', where: { object: id } }]);
  }
});

test('what counts for other options is scanned anew', async () => {
  const { scan } = nightly();
  const first = await scan();
  expect(objects((await scan('--deep')).report)).toBe(objects(first.report));
});

test('a file that cannot be written is said to be, and costs nothing of the report', async () => {
  const { scan, state } = nightly();
  const first = await scan();
  rmSync(state);
  mkdirSync(join(state, 'in the way'), { recursive: true });
  const { report, stderr } = await scan();
  expect(stderr).toContain('could not be written');
  expect(found(report)).toEqual(found(first.report));
});

test('a broken file is said to be broken, all is scanned, and it is replaced unless it may be evidence', async () => {
  const { scan, state } = nightly();
  const first = await scan();
  const content = readFileSync(state);
  const noise = Buffer.concat([Buffer.from([0xe5, 0, 1, 2]), content.subarray(4)]);
  const key = Buffer.from(`${botKey('state')}\n`);
  const others = [Buffer.from('a log of\nan incident\n'), gzipSync(content), key];
  const cut = [content.subarray(0, -1), content.subarray(1), Buffer.alloc(0)];
  for (const broken of [...cut, noise, Buffer.from('{}'), Buffer.from('garbage\n'), ...others]) {
    writeFileSync(state, broken);
    const again = await scan();
    expect(again.stderr).toContain('is broken');
    expect(objects(again.report)).toBe(objects(first.report));
    const left = others.includes(broken);
    expect(readFileSync(state).equals(left ? broken : content)).toBe(true);
    expect(again.stderr.includes('was left as it is')).toBe(left);
  }
});

test('IDs that were tampered with are not believed', async () => {
  const { scan, state, path } = nightly();
  await scan();
  const content = readFileSync(state);
  content[content.length - 1]! ^= 1;
  writeFileSync(state, content);
  commit(path, { 'new.txt': orgToken('new') });
  expect(found((await scan()).report)).toHaveLength(2);
});

test('what could not be read is not remembered as scanned', async () => {
  const { scan, path, state } = nightly();
  mkdirSync(join(path, '.git/objects/ff'), { recursive: true });
  writeFileSync(join(path, '.git/objects/ff', 'f'.repeat(38)), 'no object');
  const first = await scan();
  expect(first.report.coverage.complete).toBe(false);
  expect(existsSync(state)).toBe(false);
  expect((await scan()).report.coverage.unscanned).toEqual(first.report.coverage.unscanned);
});

test('refs that move, reflogs that expire: where things lie is told anew, without reading them all', async () => {
  const { scan, path } = nightly();
  const where = async () => {
    const { report } = await scan();
    return { read: objects(report), place: report.findings[0]!.sightings[0]!.where };
  };
  expect(await where()).toMatchObject({ place: { reachable: true, refs: { total: 2 } } });
  git(path, 'branch', 'other');
  expect(await where()).toMatchObject({ read: 1, place: { reachable: true, refs: { total: 3 } } });
  git(path, 'branch', '-D', 'other');
  git(path, 'reset', '-q', '--hard', 'HEAD~2');
  expect(await where()).toMatchObject({ read: 1, place: { reachable: false, held: 'reflog' } });
  git(path, 'reflog', 'expire', '--expire=now', '--all');
  expect(await where()).toMatchObject({ read: 1, place: { reachable: false, held: 'nothing' } });
});

test('a branch that was pushed by force: what was there stays found, and only what is new is read', async () => {
  const { scan, path } = nightly();
  const upstream = folder();
  git(upstream, 'clone', '-q', '--bare', path, 'up.git');
  git(path, 'remote', 'add', 'origin', join(upstream, 'up.git'));
  git(path, 'fetch', '-q', 'origin');
  await scan();
  const elsewhere = join(upstream, 'elsewhere');
  git(upstream, 'clone', '-q', 'up.git', 'elsewhere');
  git(elsewhere, 'reset', '-q', '--hard', 'HEAD~5');
  commit(elsewhere, { 'forced.txt': orgToken('forced') });
  git(elsewhere, 'push', '-q', '--force', 'origin', 'main');
  git(path, 'fetch', '-q', 'origin');
  git(path, 'reset', '-q', '--hard', 'origin/main');
  const { report } = await scan();
  expect(found(report)).toHaveLength(2);
  expect(objects(report)).toBe(3);
});

test('what could not be read inside an object is said again, as long as it is there', async () => {
  const { scan, path, state } = nightly();
  const broken = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]);
  commit(path, { 'broken.gz': broken });
  commit(path, { 'broken.gz': 'mended' });
  const first = await scan();
  const { unscanned } = first.report.coverage;
  expect(unscanned).toMatchObject([{ reason: 'corrupt' }]);
  const content = readFileSync(state);
  const second = await scan();
  expect(second.report.coverage.unscanned).toEqual(unscanned);
  expect(objects(second.report)).toBe(1);
  expect(readFileSync(state).equals(content)).toBe(true);
  commit(path, { 'new.txt': 'new' });
  const third = await scan();
  expect(third.report.coverage.unscanned).toEqual(unscanned);
  expect(objects(third.report)).toBe(3);
  git(path, 'reset', '-q', '--hard', 'HEAD~3');
  git(path, 'reflog', 'expire', '--expire=now', '--all');
  git(path, 'gc', '-q', '--prune=now');
  expect((await scan()).report.coverage.unscanned).toEqual([]);
});

test('what is encrypted is tried again: a password may have come', async () => {
  const { scan, path } = nightly();
  const zip = { type: 'zip', args: ['-ppass', '-mem=ZipCrypto'] };
  commit(path, { 'locked.zip': await sevenZip({ 'a.txt': orgToken('locked') }, zip) });
  commit(path, { 'locked.zip': 'gone' });
  expect((await scan()).report.coverage.unscanned).toMatchObject([{ reason: 'encrypted' }]);
  const passwords = join(folder(), 'passwords');
  writeFileSync(passwords, 'pass\n');
  const { report } = await scan('--password-file', passwords);
  expect(report.coverage.unscanned).toEqual([]);
  expect(found(report)).toHaveLength(2);
});

test('a partial clone: what is missing stays listed, new commits alone are read, what arrives is read', async () => {
  const { path: full } = nightly();
  git(full, 'config', 'uploadpack.allowFilter', 'true');
  git(full, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
  const place = folder();
  git(place, 'clone', '-q', '--filter=blob:none', `file://${full}`, 'partial');
  const path = join(place, 'partial');
  const state = join(place, 'state');
  const scan = async () =>
    reportOf(await guardsweep(['scan', '--format', 'json', '--state', state, join(path, '.git')]));
  const first = await scan();
  const ids = ({ coverage: { unscanned } }: Report) =>
    unscanned.map(({ where, reason }) => ('object' in where ? `${reason} ${where.object}` : '')).sort();
  const missing = ids(first).length;
  expect(missing).toBeGreaterThan(10);
  expect(ids(await scan())).toEqual(ids(first));
  commit(path, { 'new.txt': orgToken('new') });
  const second = await scan();
  expect(objects(second)).toBe(2);
  expect(found(second)).toHaveLength(1);
  expect(second.coverage.unscanned).toHaveLength(missing);
  git(path, 'cat-file', '-p', 'HEAD~2:leak.txt');
  const third = await scan();
  expect(found(third)).toHaveLength(2);
  expect(third.coverage.unscanned).toHaveLength(missing - 1);
});

test('no name that holds a token is kept in the file', async () => {
  const { scan, path, state } = nightly();
  git(path, 'branch', `keep/${orgToken('branch')}`);
  const name = `${orgToken('folder')}/${orgToken('file')}.txt`;
  commit(path, { [name]: orgToken('leak'), 'a.zip': buildZip([{ name, data: 'x', method: 99 }]) });
  commit(path, { [name]: 'gone', 'a.zip': 'gone' });
  const first = await scan();
  expect(first.report.coverage.unscanned.length).toBeGreaterThan(0);
  expect(readFileSync(state).includes('tg_org_')).toBe(false);
  const { report } = await scan();
  expect(report.findings).toEqual(first.report.findings);
  expect(report.coverage.unscanned).toEqual(first.report.coverage.unscanned);
});
