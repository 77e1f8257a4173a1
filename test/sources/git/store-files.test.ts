import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { DiskTree } from '../../../src/sources/disk-tree.js';
import { ownsPath, storeFiles } from '../../../src/sources/git/store-files.js';
import { folder } from '../../support/program.js';

const ID = 'c'.repeat(38);
/** Files of a git folder, and as what they are read; the others are searched by who reads all files. */
const FILES: Record<string, string | undefined> = {
  [`objects/ab/${ID}`]: 'loose',
  [`objects/ab/${'d'.repeat(62)}`]: 'loose',
  'objects/ab/tmp_obj_Ab12': 'loose',
  [`objects/ab/${ID}.temp`]: undefined,
  [`objects/AB/${ID.toUpperCase()}`]: undefined,
  [`objects/cd/${ID}/notes`]: undefined,
  'objects/cd/tmp_obj_d/notes': undefined,
  'objects/pack/pack-1.pack': 'pack',
  'objects/pack/pack-1.idx': 'named',
  'objects/pack/pack-1.rev': undefined,
  'objects/pack/tmp_pack_Ab12': 'pack',
  'objects/pack/alone.pack': 'pack',
  'objects/pack/alone.idx.old': undefined,
  'objects/pack/orphan.idx': 'index',
  'objects/pack/old.pack/notes': undefined,
  'objects/pack/tmp_pack_d/notes': undefined,
  'objects/pack/sub/pack-2.pack': undefined,
  'objects/info/packs': undefined,
  [`objects/tmp_objdir-incoming-x/ab/${ID}`]: 'loose',
  'objects/tmp_objdir-incoming-x/pack/pack-3.pack': 'pack',
  'objects/incoming-x/pack/tmp_pack_3': 'pack',
  [`objects/incoming-x/incoming-y/ab/${ID}`]: undefined,
  'objects/notes': undefined,
};

function made(): string {
  const root = folder();
  for (const path of Object.keys(FILES)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  }
  return root;
}

test('each file is either read as what it is, or left to who reads all files', () => {
  const root = made();
  const tree = new DiskTree(root);
  const read = new Map<string, string>();
  for (const file of storeFiles('objects', (path) => tree.list(path))) {
    read.set(file.path, file.kind);
    if (file.kind === 'pack' && file.index !== undefined) read.set(file.index, 'named');
  }
  for (const [path, kind] of Object.entries(FILES)) expect([path, read.get(path)]).toEqual([path, kind]);
  for (const path of Object.keys(FILES)) expect([path, ownsPath(path)]).toEqual([path, read.has(path)]);
  expect(
    readdirSync(root, { recursive: true, withFileTypes: true }).filter((each) => each.isFile()),
  ).toHaveLength(Object.keys(FILES).length);
});

test('links are told, and neither listed nor opened through', () => {
  const root = made();
  symlinkSync('../objects/ab', join(root, 'objects/ef'));
  symlinkSync('pack-1.pack', join(root, 'objects/pack/link.pack'));
  const tree = new DiskTree(root);
  const links = [...storeFiles('objects', (path) => tree.list(path))].filter(({ kind }) => kind === 'link');
  expect(links.map(({ path }) => path).sort()).toEqual(['objects/ef', 'objects/pack/link.pack']);
  expect(tree.list('objects/ef')).toEqual([]);
  expect(tree.open(`objects/ef/${ID}`)).toBeUndefined();
  const own = new DiskTree(root, { followsLinks: true });
  expect(own.list('objects/ef')).toHaveLength(4);
  expect([...storeFiles('objects', (path) => own.list(path))].some(({ kind }) => kind === 'link')).toBe(
    false,
  );
});
