import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { type Diagnostic, diagnostic } from '../model/diagnostic.js';
import type { DiskTree } from './disk-tree.js';
import { joinPath, type TreeEntry } from './file-tree.js';
import { refusedLink } from './git/outside.js';
import { commonFolderOf, gitFolderOf } from './git-folder.js';

/**
 * What a folder that is met on the way says of a repository outside of what is scanned. It could lead anywhere, so it is
 * not followed; what lies in the folder itself is read.
 */
export function elsewhere(tree: DiskTree, folder: string, entries: readonly TreeEntry[]): Diagnostic[] {
  const found: (Diagnostic | undefined)[] = [];
  for (const { name, kind } of entries) {
    // Whom the user names is followed.
    if (name === '.git' && kind !== 'folder' && folder !== '') found.push(pointer(tree, folder));
    if (name === 'objects' && kind === 'symlink' && entries.some((entry) => entry.name === 'HEAD')) {
      found.push(refusedLink(tree, joinPath(folder, name)));
    }
  }
  return found.filter((each) => each !== undefined);
}

/** A worktree or a submodule keeps its history in a folder elsewhere; one that has lost it has none. */
function pointer(tree: DiskTree, folder: string): Diagnostic | undefined {
  const gitFolder = gitFolderOf(String(tree.pathOf(folder)));
  if (gitFolder === undefined || !existsSync(join(gitFolder, 'HEAD'))) return undefined;
  const root = String(tree.pathOf(''));
  const own = gitFolderOf(root);
  const read = own === undefined ? [root] : [root, commonFolderOf(own)];
  const real = `${realpathSync(gitFolder)}/`;
  if (read.some((place) => real.startsWith(join(realpathSync(place), '/')))) return undefined;
  const detail =
    'names a repository outside of what is scanned: its history was not read, scan this folder by its own name, too';
  return diagnostic(tree.whereOf(`${folder}/.git`), 'unsupported', detail);
}
