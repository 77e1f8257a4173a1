import { SourceFault } from '../../model/source.js';
import type { FileTree } from '../file-tree.js';
import { type IndexFile, parseIndex } from './index-file.js';
import { gitFolders } from './layout.js';
import type { ObjectFormat } from './object-format.js';
import { joinPath, readPlainFile } from './plain-file.js';

const INDEX = /^(?:index|sharedindex\.[0-9a-f]+)$/;

/** An index by its path, as far as it can be read. */
export interface FoundIndex {
  readonly path: string;
  readonly index: IndexFile;
}

/** The indexes of a repository and of its worktrees, and the shared parts of those that are split. */
export function* readIndexes(
  tree: FileTree,
  gitDir: string,
  commonDir: string,
  format: ObjectFormat,
): Generator<FoundIndex> {
  for (const folder of gitFolders(tree, gitDir, commonDir)) {
    for (const { name, kind } of attempt(() => tree.list(folder)) ?? []) {
      if (kind !== 'file' || !INDEX.test(name)) continue;
      const path = joinPath(folder, name);
      const bytes = attempt(() => readPlainFile(tree, path));
      if (bytes !== undefined) yield { path, index: parseIndex(bytes, format) };
    }
  }
}

/** What can't be read is listed by who reads all files. */
function attempt<T>(step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof SourceFault)) throw error;
    return undefined;
  }
}
