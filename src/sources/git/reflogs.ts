import { type FileTree, joinPath } from '../file-tree.js';
import { attempt } from './attempt.js';
import { parseIndex } from './index-file.js';
import { indexPaths } from './index-paths.js';
import { gitFolders } from './layout.js';
import type { ObjectFormat } from './object-format.js';
import { readPlainFile, readPlainText } from './plain-file.js';
import { ReftableStack } from './reftable-stack.js';

/** What keeps objects that no ref leads to: IDs in hex. */
export interface Holders {
  readonly stash: readonly string[];
  readonly reflog: readonly string[];
  /** Blobs. */
  readonly index: ReadonlySet<string>;
}

const LINE = /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) /gm;
/** Folders are nested by the slashes of ref names; nobody names that deep. */
const DEEPEST = 64;

/** Reads the reflogs and the index of a repository. What can't be read holds nothing: the scan has listed it. */
export function readHolders(
  tree: FileTree,
  gitDir: string,
  commonDir: string,
  format: ObjectFormat,
): Holders {
  const stash: string[] = [];
  const reflog: string[] = [];
  const read = (path: string, into: string[]) => {
    const text = attempt(() => readPlainText(tree, path)) ?? '';
    for (const [, before, now] of text.matchAll(LINE)) into.push(before!, now!);
  };
  const walk = (folder: string, depth: number) => {
    for (const { name, kind } of attempt(() => tree.list(folder)) ?? []) {
      const path = joinPath(folder, name);
      if (kind === 'folder' && depth < DEEPEST) walk(path, depth + 1);
      else if (kind === 'file') read(path, path.endsWith('logs/refs/stash') ? stash : reflog);
    }
  };
  for (const folder of gitFolders(tree, gitDir, commonDir)) {
    walk(joinPath(folder, 'logs'), 0);
    for (const { name, before, after } of new ReftableStack(tree, joinPath(folder, 'reftable')).logs()) {
      (name === 'refs/stash' ? stash : reflog).push(before, after);
    }
  }
  const index = new Set<string>();
  for (const path of indexPaths(tree, gitDir, commonDir)) {
    const bytes = attempt(() => readPlainFile(tree, path));
    for (const { id } of bytes === undefined ? [] : parseIndex(bytes, format).entries) index.add(id);
  }
  return { stash, reflog, index };
}
