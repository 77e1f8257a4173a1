import { cpSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Planted } from '../../../fixtures/git/hiding-places.js';
import { DiskTree } from '../../../src/sources/disk-tree.js';
import { openDatabase } from '../../../src/sources/git/open-database.js';
import { ownsPath } from '../../../src/sources/git/store-files.js';
import { plantedRepository } from '../../support/planted-repository.js';
import { type ReadResult, readRepository } from '../../support/read-repository.js';
import { orgToken } from '../../support/tokens.js';

/** Places that no object and no ref name holds: the plain files of the git folder, and of the work tree. */
const PLAIN = [
  'the message of a reflog entry',
  '.git/config',
  'a hook',
  '.git/info/exclude',
  '.git/description',
  '.git/COMMIT_EDITMSG',
  '.git/objects/pack/old.pack/a file in a folder that is named like a pack',
  'an object of git-lfs',
  'the work tree alone',
  'an ignored file',
  'a name in the index',
  'the reflog of a deleted branch',
];

function placesNotIn(planted: readonly Planted[], texts: readonly Buffer[]): string[] {
  return planted.filter(({ token }) => !texts.some((text) => text.includes(token))).map(({ place }) => place);
}

function bytesOf({ units }: Pick<ReadResult, 'units'>): Buffer[] {
  return units.map(({ bytes }) => bytes);
}

describe('every hiding place that is an object or a ref is read', () => {
  for (const format of ['sha1', 'sha256']) {
    test(`in a work tree (${format})`, async () => {
      const { repository, planted } = plantedRepository(`--object-format=${format}`);
      const read = await readRepository(repository.path);
      expect(read.diagnostics).toEqual([]);
      expect(placesNotIn(planted, bytesOf(read)).sort()).toEqual([...PLAIN].sort());
      expect(new Set(planted.map(({ token }) => token)).size).toBe(planted.length);
    });
  }

  test('and the rest is in files that the caller searches itself', async () => {
    const { repository, planted } = plantedRepository();
    const read = await readRepository(repository.path);
    const gitDir = join(repository.path, '.git');
    const plain = readdirSync(repository.path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !path.startsWith(gitDir) || !ownsPath(path.slice(gitDir.length + 1)))
      .map((path) => readFileSync(path));
    expect(placesNotIn(planted, [...bytesOf(read), ...plain])).toEqual([]);
  });

  test('in an index of version 4, which does not repeat what a name has in common with the one before it', async () => {
    const { repository } = plantedRepository();
    const tokens = ['one', 'two'].map((name) => orgToken(name));
    for (const token of tokens) repository.write(`staged/${token}`, 'x');
    repository.git('add', '-A');
    repository.git('update-index', '--index-version', '4');
    rmSync(join(repository.path, 'staged'), { recursive: true });
    const { units } = await readRepository(repository.path);
    expect(units.map(({ bytes }) => `${bytes}`)).toEqual(
      expect.arrayContaining(tokens.map((token) => `staged/${token}`)),
    );
  });

  test('in a linked worktree, named by its git folder', async () => {
    const { repository, planted } = plantedRepository();
    repository.git('worktree', 'add', '-q', join(repository.path, 'linked'), 'main~1');
    const read = await readRepository(repository.path, { gitDir: '.git/worktrees/linked' });
    expect(read.diagnostics).toEqual([]);
    expect(placesNotIn(planted, bytesOf(read)).filter((place) => !PLAIN.includes(place))).toEqual([]);
  });

  test('behind alternates inside of what is scanned; one outside is refused and listed', async () => {
    const { repository, planted } = plantedRepository();
    const folder = realpathSync(join(repository.path, '..'));
    repository.git('clone', '-q', '--shared', repository.path, join(folder, 'borrower'));
    const read = await readRepository(folder, { gitDir: 'borrower/.git' });
    expect(read.diagnostics).toEqual([]);
    const names = /branch|tag|stash: message/;
    const without = (place: string) => PLAIN.includes(place) || names.test(place);
    expect(placesNotIn(planted, bytesOf(read)).filter((place) => !without(place))).toEqual([]);
    const refused = await readRepository(join(folder, 'borrower'));
    expect(refused.diagnostics.map(({ reason }) => reason)).toContain('unsupported');
  });

  test('behind an alternate whose path git would quote, or that is absolute where the root of the disk is scanned', async () => {
    const { repository } = plantedRepository();
    const folder = realpathSync(join(repository.path, '..'));
    const odd = join(folder, 'say "hällo"\t\\');
    cpSync(join(repository.path, '.git'), odd, { recursive: true });
    const borrower = join(folder, 'other');
    repository.git('init', '-q', borrower);
    const list = join(borrower, '.git/objects/info/alternates');
    for (const line of [String.raw`"../../../say \"h\303\244llo\"\t\\/objects"`, `${odd}/objects`]) {
      writeFileSync(list, `# where else\n${line}\n`);
      for (const root of [folder, '/']) {
        const inRoot = Buffer.from(relative(root, borrower)).toString('latin1');
        const { database, faults } = openDatabase(new DiskTree(root), `${inRoot}/.git`, 2 ** 20);
        expect(faults).toEqual([]);
        expect(database.packs.length + database.loose.length).toBeGreaterThan(0);
        database.close();
      }
    }
  });

  test('in a copy whose indexes, HEAD and configuration are gone', async () => {
    const { repository, planted } = plantedRepository();
    const copy = join(repository.path, '../copy');
    cpSync(join(repository.path, '.git'), copy, {
      recursive: true,
      filter: (path) => !/\.(idx|rev|bitmap)$|\/HEAD$|\/config$/.test(path),
    });
    const read = await readRepository(copy, { gitDir: '' });
    expect(read.diagnostics).toEqual([]);
    expect(placesNotIn(planted, bytesOf(read)).filter((place) => !PLAIN.includes(place))).toEqual([]);
  });
});
