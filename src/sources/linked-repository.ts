import { readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Share } from '../model/share.js';
import type { ScanItem } from '../model/source.js';
import type { ExpansionOptions } from './archive/expand.js';
import { DiskTree } from './disk-tree.js';
import { isGitDirectory } from './git/layout.js';
import { readRepository } from './repository.js';

/** A `.git` file is one line. */
const LONGEST = 64 * 1024;

/**
 * The repository of a linked worktree or a submodule that the user named: its `.git` is a file that points elsewhere.
 * Only the named folder's own is followed; one met on the way could lead anywhere.
 */
export async function* linkedRepository(
  target: string,
  options: ExpansionOptions,
  share?: Share,
): AsyncGenerator<ScanItem> {
  const gitDir = pointedTo(target, '.git', 'gitdir: ');
  if (gitDir === undefined) return;
  const common = pointedTo(gitDir, 'commondir', '') ?? gitDir;
  if (!relative(resolve(target), common).startsWith('..')) return;
  const tree = new DiskTree(common);
  if (!isGitDirectory(tree, '')) return;
  // Of a worktree, its own HEAD counts; what it is a worktree of gives the name.
  const inside = relative(common, gitDir);
  const own = inside.startsWith('..') ? '' : Buffer.from(inside).toString('latin1');
  yield* readRepository(tree, own, options, share, '');
}

function pointedTo(folder: string, name: string, prefix: string): string | undefined {
  const path = join(folder, name);
  try {
    const stat = statSync(path);
    if (!stat.isFile() || stat.size > LONGEST) return undefined;
    const text = readFileSync(path, 'utf8').trim();
    return text.startsWith(prefix) && text.length > prefix.length
      ? resolve(folder, text.slice(prefix.length))
      : undefined;
  } catch {
    return undefined;
  }
}
