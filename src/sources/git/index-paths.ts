import { type FileTree, joinPath } from '../file-tree.js';
import { attempt } from './attempt.js';
import { gitFolders } from './layout.js';

const INDEX = /^(?:index|sharedindex\.[0-9a-f]+)$/;

/** The indexes of a repository and of its worktrees, and the shared parts of those that are split. */
export function* indexPaths(tree: FileTree, gitDir: string, commonDir: string): Generator<string> {
  for (const folder of gitFolders(tree, gitDir, commonDir)) {
    for (const { name, kind } of attempt(() => tree.list(folder)) ?? []) {
      if (kind === 'file' && INDEX.test(name)) yield joinPath(folder, name);
    }
  }
}
