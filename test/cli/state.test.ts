import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Report } from '../../src/model/report.js';
import { commit, git, repository } from '../support/git.js';
import { folder, guardsweep } from '../support/program.js';
import { reportOf } from '../support/report.js';
import { body, orgToken } from '../support/tokens.js';

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

test('what counts for other options is scanned anew', async () => {
  const { scan } = nightly();
  const first = await scan();
  expect(objects((await scan('--deep')).report)).toBe(objects(first.report));
});

test('a broken file is said to be broken, and all is scanned', async () => {
  const { scan, state } = nightly();
  const first = await scan();
  const content = readFileSync(state);
  for (const broken of [content.subarray(0, -1), content.subarray(1), Buffer.from('{}'), Buffer.alloc(0)]) {
    writeFileSync(state, broken);
    const again = await scan();
    expect(again.stderr).toContain('is broken');
    expect(objects(again.report)).toBe(objects(first.report));
    expect(readFileSync(state).equals(content)).toBe(true);
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
