import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { filesIn } from '../../fixtures/archives/folder.js';
import { buildZip } from '../../fixtures/archives/zip-builder.js';
import type { Provenance } from '../../src/model/provenance.js';
import { commit, git, repository, write } from '../support/git.js';
import { folder, guardsweep } from '../support/program.js';
import { findingOf, reportOf } from '../support/report.js';
import { body, orgToken } from '../support/tokens.js';

/** A repository with one token in each of the usual places, and which place each is in. */
function leaky(): { path: string; tokens: Record<string, string>; first: string } {
  const tokens = Object.fromEntries(
    [
      'npmrc',
      'deleted',
      'amended',
      'stashed',
      'message',
      'tag',
      'branch',
      'ignored',
      'utf16',
      'base64',
      'packed',
    ].map((place) => [place, orgToken(place)]),
  );
  const path = repository();
  const first = commit(path, {
    '.npmrc': `//npm.flatt.tech/:_authToken=${tokens.npmrc}\n`,
    'old.env': `T=${tokens.deleted}\n`,
  });
  git(path, 'rm', '-q', 'old.env');
  commit(path, { 'amend.txt': `${tokens.amended}\n` });
  write(path, { 'amend.txt': 'nothing\n' });
  git(path, 'add', '-A');
  git(path, 'commit', '-q', '--amend', '-m', 'cleaned');
  commit(path, { 'a.txt': 'a' }, `Log in with ${tokens.message}`);
  git(path, 'tag', '-a', 'v1', '-m', `key ${tokens.tag}`);
  git(path, 'branch', `try-${tokens.branch}`);
  commit(path, {
    '.gitignore': 'secret.env\n',
    'utf16.txt': Buffer.from(`token: ${tokens.utf16}\r\n`, 'utf16le'),
    'secret.yaml': `data:\n  token: ${Buffer.from(`user:${tokens.base64}`).toString('base64')}\n`,
    'data.bin.gz': gzipSync(`{"t":"${tokens.packed}"}`),
  });
  write(path, { 'secret.env': `TOKEN=${tokens.ignored}\n`, 'a.txt': `stash ${tokens.stashed}` });
  git(path, 'stash', '-q');
  write(path, { 'secret.env': `TOKEN=${tokens.ignored}\n` });
  git(path, 'gc', '-q', '--prune=never');
  return { path, tokens: tokens as Record<string, string>, first };
}

describe('one repository, in every way it can be handed over', () => {
  test('as a folder: each token, with its place', async () => {
    const { path, tokens, first } = leaky();
    const ended = await guardsweep(['scan', '--format', 'json', path]);
    const report = reportOf(ended);
    expect(missing(report, tokens)).toEqual([]);
    expect(ended.code).toBe(1);
    expect(report.coverage).toMatchObject({ complete: true, unscanned: [] });

    const deleted = findingOf(report, tokens.deleted!)!.sightings.map(({ where }) => where);
    expect(deleted).toContainEqual(
      expect.objectContaining({ kind: 'commit', commit: first, path: 'old.env', reachable: true }),
    );
    const npmrc = findingOf(report, tokens.npmrc!)!.sightings.map(({ where }) => where);
    expect(npmrc).toContainEqual({ kind: 'file', path: join(path, '.npmrc') });
    expect(npmrc).toContainEqual(
      expect.objectContaining({ kind: 'commit', author: 'Ada <ada@example.com>' }),
    );
    expect(kinds(findingOf(report, tokens.branch!)!.sightings)).toContain('ref');
    const amended = findingOf(report, tokens.amended!)!.sightings.map(({ where }) => where);
    expect(amended).toContainEqual(expect.objectContaining({ reachable: false }));
  });

  test('as a bare repository', async () => {
    const { path, tokens } = leaky();
    const bare = join(folder(), 'repo.git');
    execFileSync('git', ['clone', '-q', '--mirror', path, bare]);
    const { stashed: _, amended: __, ignored: ___, ...cloned } = tokens;
    expect(missing(reportOf(await guardsweep(['scan', '--format', 'json', bare])), cloned)).toEqual([]);
  });

  test('as a zip with its .git', async () => {
    const { path, tokens } = leaky();
    const zip = join(folder(), 'leak.zip');
    writeFileSync(zip, buildZip(filesIn(path)));
    const report = reportOf(await guardsweep(['scan', '--format', 'json', zip]));
    expect(missing(report, tokens)).toEqual([]);
    const deleted = findingOf(report, tokens.deleted!)!.sightings[0]!.where as Provenance & {
      repository: Provenance;
    };
    expect(deleted).toMatchObject({ kind: 'commit', path: 'old.env' });
    expect(deleted.repository).toMatchObject({ kind: 'member', container: { kind: 'file', path: zip } });
  });

  test('as a tar.gz in a zip, on standard input', async () => {
    const { path, tokens } = leaky();
    const dir = folder();
    execFileSync('tar', ['-czf', join(dir, 'backup.tar.gz'), '-C', path, '.']);
    const zip = buildZip(filesIn(dir));
    expect(
      missing(reportOf(await guardsweep(['scan', '--format', 'json', '-'], { stdin: zip })), tokens),
    ).toEqual([]);
  });

  test('its log through a pipe', async () => {
    const { path, tokens } = leaky();
    const log = git(path, 'log', '-p', '--all');
    const report = reportOf(await guardsweep(['scan', '--format', 'json', '-'], { stdin: log }));
    expect(
      missing(report, { npmrc: tokens.npmrc!, deleted: tokens.deleted!, message: tokens.message! }),
    ).toEqual([]);
    expect(report.coverage.units.streams).toBe(1);
  });

  test('its index: the staged blob, not the file that was changed since', async () => {
    const staged = orgToken('staged');
    const committed = orgToken('committed');
    const path = repository();
    commit(path, { 'old.txt': committed });
    write(path, { 'new.txt': `x ${staged}\n` });
    git(path, 'add', 'new.txt');
    write(path, { 'new.txt': 'clean\n' });
    const report = reportOf(await guardsweep(['scan', '--staged', '--format', 'json'], { cwd: path }));
    expect(findingOf(report, staged)!.sightings[0]).toMatchObject({
      where: { kind: 'staged', path: 'new.txt' },
      line: 1,
      column: 3,
      offset: 2,
    });
    expect(findingOf(report, committed)!.sightings[0]!.where).toMatchObject({
      kind: 'staged',
      path: 'old.txt',
    });
  });
});

test('lines, columns and offsets count as the contract says', async () => {
  const token = orgToken('position');
  const file = join(folder(), 'a.txt');
  writeFileSync(file, `é\nab ${token}\n`);
  const report = reportOf(await guardsweep(['scan', '--format', 'json', file]));
  expect(findingOf(report, token)!.sightings).toEqual([
    { where: { kind: 'file', path: file }, line: 2, column: 4, offset: 6, via: [] },
  ]);
});

test('the other families are reported with what a person should do', async () => {
  const anon = `tg_anon_${body('anon')}`;
  const key = `shisho_apikey_${body('key', 43)}`;
  const report = reportOf(
    await guardsweep(['scan', '--format', 'json', '-'], {
      stdin: `a=${anon}\nb=${key}:BT01${body('id', 24)}\n`,
    }),
  );
  expect(findingOf(report, anon)).toMatchObject({
    rule: 'tg_anon',
    confidence: 'high',
    advice: expect.stringMatching(/regenerate/i),
  });
  expect(findingOf(report, key)).toMatchObject({
    rule: 'shisho_apikey',
    confidence: 'high',
    advice: expect.stringMatching(/Settings/),
  });
});

test('identifiers and placeholders stop nothing', async () => {
  const ended = await guardsweep(['scan', '--format', 'json', '-'], {
    stdin: [
      'tg_org_members_updated_at',
      'tg_org_xxxxxxxxxxxxxxxxxxxx',
      'stg_org_monolith_accounting',
      'tg_org_$\u007bTOKEN}',
      'TG_ORG_ID',
    ].join('\n'),
  });
  expect(ended.code).toBe(0);
  expect(reportOf(ended).findings.filter(({ confidence }) => confidence === 'high')).toEqual([]);
});

test('a nested folder that is a repository is read as one', async () => {
  const token = orgToken('nested');
  const inner = repository();
  commit(inner, { 'a.txt': token });
  git(inner, 'rm', '-q', 'a.txt');
  commit(inner, { 'b.txt': 'b' });
  const outer = folder();
  execFileSync('cp', ['-r', inner, join(outer, 'inner')]);
  const report = reportOf(await guardsweep(['scan', '--format', 'json', outer]));
  expect(findingOf(report, token)!.sightings[0]!.where).toMatchObject({ kind: 'commit', path: 'a.txt' });
});

test('nothing is left in the folder that was scanned, nor in the one it ran in', async () => {
  const { path } = leaky();
  const cwd = folder();
  const before = readdirSync(path, { recursive: true });
  copyFileSync(join(path, '.npmrc'), join(cwd, 'x'));
  await guardsweep(['scan', path], { cwd });
  expect(readdirSync(path, { recursive: true })).toEqual(before);
  expect(readdirSync(cwd)).toEqual(['x']);
});

function missing(report: Parameters<typeof findingOf>[0], tokens: Record<string, string>): string[] {
  return Object.entries(tokens)
    .filter(([, token]) => findingOf(report, token) === undefined)
    .map(([place]) => place);
}

function kinds(sightings: readonly { where: Provenance }[]): string[] {
  return sightings.map(({ where }) => where.kind);
}

test('without SIMD the same is found', async () => {
  const token = orgToken('scalar');
  const stdin = `${'x'.repeat(100_000)} ${token} ${Buffer.from(token).toString('base64')}\n`;
  const [fast, plain] = await Promise.all(
    [{}, { GUARDSWEEP_NO_SIMD: '1' }].map(async (env) =>
      reportOf(await guardsweep(['scan', '--format', 'json', '-'], { stdin, env })),
    ),
  );
  expect(plain!.findings).toEqual(fast!.findings);
  expect(findingOf(plain!, token)!.sightings).toHaveLength(2);
});
