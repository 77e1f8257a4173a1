import { SourceFault } from '../../model/source.js';
import type { FileTree } from '../file-tree.js';
import { gitFolders } from './layout.js';
import { joinPath } from './plain-file.js';

const INDEX = /^(?:index|sharedindex\.[0-9a-f]+)$/;

/** The indexes of a repository and of its worktrees, and the shared parts of those that are split. */
export function* indexPaths(tree: FileTree, gitDir: string, commonDir: string): Generator<string> {
  for (const folder of gitFolders(tree, gitDir, commonDir)) {
    for (const { name, kind } of entriesOf(tree, folder)) {
      if (kind === 'file' && INDEX.test(name)) yield joinPath(folder, name);
    }
  }
}

/** What can't be listed is said by who reads all files. */
function entriesOf(tree: FileTree, folder: string): ReturnType<FileTree['list']> {
  try {
    return tree.list(folder);
  } catch (error) {
    if (!(error instanceof SourceFault)) throw error;
    return [];
  }
}
