import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cloneBare, GitFault, hooksFolder, OwnRepository } from '../../../src/sources/git/porcelain.js';
import { readRepository } from '../../support/read-repository.js';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'guardsweep-porcelain-')));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const environment = () => ({ PATH: process.env.PATH, HOME: folder, GIT_DIR: '/nowhere' });

test('makes, commits, tags, stashes, in spite of what the user configured', async () => {
  writeFileSync(join(folder, '.gitconfig'), '[commit]\n\tgpgSign = true\n[core]\n\thooksPath = /nowhere\n');
  const path = join(folder, 'own');
  const repository = await OwnRepository.init(path, environment());
  writeFileSync(join(path, 'a.txt'), 'first');
  const first = await repository.commit('One');
  writeFileSync(join(path, 'a.txt'), 'second');
  const second = await repository.amend('Two');
  await repository.tag('v1', 'A tag');
  writeFileSync(join(path, 'new.txt'), 'stashed');
  await repository.stash('aside');
  const { objects } = await readRepository(path);
  expect([...objects.keys()]).toEqual(expect.arrayContaining([`commit ${first}`, `commit ${second}`]));
  expect([...objects.values()].map(String)).toEqual(expect.arrayContaining(['first', 'second', 'stashed']));
});

test('finds the hooks, by the configuration too, and says what is no repository', async () => {
  const path = join(folder, 'own');
  await OwnRepository.init(path, environment());
  expect(await hooksFolder(path, environment())).toBe(join(path, '.git/hooks'));
  mkdirSync(join(path, 'inner'));
  expect(await hooksFolder(join(path, 'inner'), environment())).toBe(join(path, '.git/hooks'));
  writeFileSync(join(folder, '.gitconfig'), `[core]\n\thooksPath = ${folder}/shared\n`);
  expect(await hooksFolder(path, environment())).toBe(join(folder, 'shared'));
  await expect(hooksFolder(folder, environment())).rejects.toThrow(GitFault);
});

test('clones into a fresh bare folder; a program named as a URL is not run', async () => {
  const path = join(folder, 'own');
  const repository = await OwnRepository.init(path, environment());
  writeFileSync(join(path, 'a.txt'), 'content');
  const id = await repository.commit('One');
  await cloneBare(`file://${path}`, join(folder, 'clone'), environment());
  const { objects } = await readRepository(join(folder, 'clone'), { gitDir: '' });
  expect([...objects.keys()]).toContain(`commit ${id}`);
  expect(existsSync(join(folder, 'clone/hooks'))).toBe(false);
  const mark = join(folder, 'mark');
  for (const url of [`ext::sh -c touch% ${mark}`, `--upload-pack=touch ${mark}`]) {
    await expect(cloneBare(url, join(folder, 'evil'), environment())).rejects.toThrow();
  }
  expect(existsSync(mark)).toBe(false);
});
