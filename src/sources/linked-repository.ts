import { lstatSync, realpathSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Share } from '../model/share.js';
import type { ScanItem } from '../model/source.js';
import type { ExpansionOptions } from './archive/expansion-options.js';
import { DiskTree } from './disk-tree.js';
import { isGitDirectory } from './git/layout.js';
import { commonFolderOf, gitFolderOf } from './git-folder.js';
import { WorktreeSource } from './worktree.js';

/**
 * The git folder of a linked worktree or a submodule that the user named, with all that lies in it: its `.git` is a file
 * or a link that leads elsewhere. Only the named folder's own is followed; one met on the way could lead anywhere.
 */
export async function* linkedRepository(
  target: string,
  options: ExpansionOptions,
  share?: Share,
): AsyncGenerator<ScanItem> {
  const pointer = lstatSync(join(target, '.git'), { throwIfNoEntry: false });
  const gitDir = pointer === undefined || pointer.isDirectory() ? undefined : gitFolderOf(target);
  if (gitDir === undefined) return;
  const common = commonFolderOf(gitDir);
  // Where its objects lie behind a link (as `repo` lays out Android), the walk lists that.
  if (!isGitDirectory(new DiskTree(common, { followsLinks: true }), '')) return;
  if (!relative(realpathSync(target), realpathSync(common)).startsWith('..')) return;
  // Of a worktree, its own HEAD counts; what it is a worktree of gives the name.
  const inside = relative(common, gitDir);
  const own = inside.startsWith('..') ? '' : Buffer.from(inside).toString('latin1');
  yield* new WorktreeSource(common, options, { gitDir: own }, share).units();
}
