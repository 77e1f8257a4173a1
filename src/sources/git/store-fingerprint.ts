import { createHash } from 'node:crypto';
import { SourceFault } from '../../model/source.js';
import { type FileTree, joinPath } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import { parseConfig } from './config.js';
import { commonFolderOf, objectFolders } from './layout.js';
import { readPlainText } from './plain-file.js';
import type { Holders } from './reflogs.js';
import type { Ref } from './refs.js';
import { storeFiles } from './store-files.js';

/** The checksums at the end of a pack and of its index are no longer. */
const TRAILER = 64;

/**
 * A digest of everything that tells which objects a repository has: names, lengths and checksums of packs and their
 * indexes, names of loose objects (which are checksums, too), and where they are looked for. Nothing else is read: it
 * costs a listing. Undefined where anything can't be read, or isn't read by this program.
 */
export function storeFingerprint(tree: FileTree, gitDir: string): string | undefined {
  try {
    const commonDir = commonFolderOf(tree, gitDir);
    if (commonDir === undefined) return undefined;
    const hash = createHash('sha256');
    const config = parseConfig(readPlainText(tree, joinPath(commonDir, 'config')) ?? '');
    const add = (...parts: (string | number | undefined)[]) => hash.update(`${JSON.stringify(parts)}\n`);
    add(config.get('extensions.objectformat'), config.get('extensions.refstorage'));
    for (const folder of objectFolders(tree, commonDir)) {
      if (typeof folder !== 'string') return undefined;
      add('folder', folder);
      for (const file of storeFiles(folder, (path) => tree.list(path))) {
        // What has no name, or can't be read by it, is read in every run.
        if (file.kind === 'link') return undefined;
        if (file.kind === 'loose' && file.id === undefined) return undefined;
        if (file.kind === 'pack' && file.index === undefined) return undefined;
        add(file.path);
        if (file.kind !== 'loose') add(...summary(tree, file.path));
        if (file.kind === 'pack') add(...summary(tree, file.index!));
      }
    }
    return hash.digest('hex');
  } catch (error) {
    if (error instanceof SourceFault) return undefined;
    throw error;
  }
}

/** A digest of which refs there are and where they lead. */
export function refsFingerprint(refs: readonly Ref[]): string {
  const hash = createHash('sha256');
  for (const { name, target = '' } of refs) hash.update(`${name}\0${target}\0`);
  return hash.digest('hex');
}

/** A digest of what says where objects lie and what keeps them. */
export function placesFingerprint(store: string, refs: readonly Ref[], holders: Holders): string {
  const hash = createHash('sha256').update(store).update(refsFingerprint(refs));
  for (const ids of [holders.stash, holders.reflog, [...holders.index]]) {
    hash.update(`${ids.length}\n`);
    for (const id of ids) hash.update(id);
  }
  return hash.digest('hex');
}

function summary(tree: FileTree, path: string): (string | number)[] {
  const file = tree.open(path);
  if (file === undefined) return [];
  try {
    return [file.size, bytesAt(file, Math.max(0, file.size - TRAILER), TRAILER).toString('hex')];
  } finally {
    file.close();
  }
}
