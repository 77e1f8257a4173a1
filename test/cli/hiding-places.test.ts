import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Planted } from '../../fixtures/git/hiding-places.js';
import type { Report } from '../../src/model/report.js';
import { type TestRepository, temporaryRepository } from '../support/git-repository.js';
import { plantedRepository } from '../support/planted-repository.js';
import { folder, guardsweep } from '../support/program.js';
import { fingerprintOf, reportOf } from '../support/report.js';
import { orgToken } from '../support/tokens.js';

/** A kind of repository made of the planted one: what to scan, and which places it can't hold. */
type Kind = (repository: TestRepository) => { target: string; without?: RegExp };

const WORK_TREE = /^the work tree alone$|^an ignored file$/;
/** What stays in the folder that something is cloned or bundled from. */
const LOCAL =
  /stash|reflog|amended|reset away|dangling|nothing names|index|work tree|ignored|\.git\/|hook|git-lfs/;

const KINDS: Record<string, Kind> = {
  'a work tree': ({ path }) => ({ target: path }),
  'a bare repository': ({ path }) => {
    const target = join(folder(), 'app.git');
    cpSync(join(path, '.git'), target, { recursive: true });
    return { target, without: WORK_TREE };
  },
  'a linked worktree': (repository) => {
    const target = join(folder(), 'linked');
    repository.git('worktree', 'add', '-q', target, 'main~1');
    return { target, without: WORK_TREE };
  },
  'alternates inside what is scanned': (repository) => {
    const target = folder();
    const objects = join(target, 'shared.git/objects');
    cpSync(join(repository.path, '.git/objects'), objects, { recursive: true });
    cpSync(join(repository.path, '.git'), join(target, 'app/.git'), {
      recursive: true,
      filter: (path) => !/\.git\/objects\/./.test(path),
    });
    mkdirSync(join(target, 'app/.git/objects/info'), { recursive: true });
    writeFileSync(join(target, 'app/.git/objects/info/alternates'), '../../../shared.git/objects\n');
    return { target: join(target), without: WORK_TREE };
  },
  'the .git of a submodule': ({ path }) => {
    const target = folder();
    cpSync(join(path, '.git'), join(target, '.git/modules/app'), { recursive: true });
    mkdirSync(join(target, 'app'));
    writeFileSync(join(target, 'app/.git'), 'gitdir: ../.git/modules/app\n');
    return { target, without: WORK_TREE };
  },
  'packs with 64-bit offsets': (repository) => {
    repository.git('repack', '-adkq');
    const packs = join(repository.path, '.git/objects/pack');
    const pack = readdirSync(packs).find((name) => /^pack-.*\.pack$/.test(name));
    const path = join(packs, pack!);
    rmSync(path.replace(/pack$/, 'idx'), { force: true });
    repository.git('index-pack', '--index-version=2,0x40', path);
    return { target: repository.path };
  },
  'several packs with a multi-pack-index': (repository) => {
    repository.git('repack', '-dq');
    repository.git('multi-pack-index', 'write');
    return { target: repository.path };
  },
  'a bundle': (repository) => {
    const target = join(folder(), 'app.bundle');
    repository.git('bundle', 'create', '-q', target, '--all');
    return { target, without: LOCAL };
  },
};

function overlooked(report: Report, planted: readonly Planted[]): string[] {
  const found = new Set(report.findings.map(({ fingerprint }) => fingerprint));
  return planted.filter(({ token }) => !found.has(fingerprintOf(token))).map(({ place }) => place);
}

test.each(Object.keys(KINDS))('every hiding place is found in %s', async (name) => {
  const { repository, planted } = plantedRepository();
  const { target, without } = KINDS[name]!(repository);
  const report = reportOf(await guardsweep(['scan', '--format', 'json', target]));
  expect(report.coverage.unscanned).toEqual([]);
  expect(overlooked(report, planted).filter((place) => without?.test(place) !== true)).toEqual([]);
});

test('compressed streams and containers in the blobs of a bundle are looked into', async () => {
  const repository = temporaryRepository();
  const tokens = ['stream', 'behind', 'pdf', 'gzip'].map((seed) => orgToken(seed));
  const packed = tokens.map((token) => deflateSync(`${'an ordinary line\n'.repeat(20)}${token}\n`));
  const noise = Buffer.from(Array.from({ length: 300 }, (_, index) => (index * 37) & 0xff));
  repository.write('program', noise);
  repository.write('other', Buffer.concat([noise, Buffer.from('one more')]));
  repository.commit('before');
  repository.write('program', Buffer.concat([noise, packed[0]!]));
  // The NUL stands in what the delta copies from the base alone.
  repository.write('other', Buffer.concat([noise, Buffer.from('one more'), packed[1]!]));
  const head = Buffer.from(
    `%PDF-1.4\n1 0 obj\n<< /Length ${packed[2]!.length} /Filter /FlateDecode >>\nstream\n`,
  );
  repository.write('paper', Buffer.concat([head, packed[2]!, Buffer.from('\nendstream\nendobj\n')]));
  repository.write('log.gz', gzipSync(`${'an ordinary line\n'.repeat(20)}${tokens[3]}\n`));
  repository.commit('after');
  const target = join(folder(), 'app.bundle');
  repository.git('bundle', 'create', '-q', target, '--all');
  const report = reportOf(await guardsweep(['scan', '--format', 'json', target]));
  expect(report.coverage.unscanned).toEqual([]);
  const found = report.findings.map(({ fingerprint }) => fingerprint);
  for (const token of tokens) expect(found).toContain(fingerprintOf(token));
});

test('every hiding place is found in a repository that names objects by SHA-256', async () => {
  const { repository, planted } = plantedRepository('--object-format=sha256');
  const report = reportOf(await guardsweep(['scan', '--format', 'json', repository.path]));
  expect(report.coverage.unscanned).toEqual([]);
  expect(overlooked(report, planted)).toEqual([]);
});

test('a shallow clone is complete as far as it goes; a partial one lists what it lacks', async () => {
  const { repository, planted } = plantedRepository();
  repository.git('config', 'uploadpack.allowFilter', 'true');
  const url = `file://${repository.path}`;
  const shallow = join(folder(), 'shallow.git');
  repository.git('clone', '-q', '--bare', '--depth=1', url, shallow);
  const cutOff = await guardsweep(['scan', '--format', 'json', shallow]);
  expect(cutOff.stderr).toContain('is a shallow clone');
  const first = reportOf(cutOff);
  expect(first.coverage.unscanned).toEqual([]);
  expect(overlooked(first, planted)).not.toContain('a blob at HEAD');

  const partial = join(folder(), 'partial.git');
  repository.git('clone', '-q', '--bare', '--filter=blob:none', url, partial);
  const ended = await guardsweep(['scan', '--format', 'json', partial]);
  expect(ended.stderr).not.toContain('shallow');
  const second = reportOf(ended);
  expect(ended.code).toBe(2);
  expect(new Set(second.coverage.unscanned.map(({ reason }) => reason))).toEqual(new Set(['missing_object']));
  expect(overlooked(second, planted)).not.toContain('the message of a commit');
  expect(overlooked(second, planted)).toContain('a blob at HEAD');
});
