import { resolve } from 'node:path';
import type { Source } from '../model/source.js';
import type { ExpansionOptions } from './archive/expansion-options.js';
import { DiskTree } from './disk-tree.js';
import { expandedItems } from './expanded-items.js';
import { StagedSource } from './git/staged-source.js';
import { gitDirectoryOf } from './git-directory.js';

export interface StagedRequest {
  /** A folder in the work tree of the repository. */
  readonly directory: string;
  /** What git sets for hooks is obeyed: `GIT_DIR`, `GIT_INDEX_FILE`, `GIT_OBJECT_DIRECTORY`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Every entry of the index, not only those that differ from the last commit. */
  readonly all: boolean;
}

/**
 * The index of the repository that a folder belongs to, and what is in those of its blobs that are containers. When git
 * calls a hook, the index is often a temporary one (`commit -a`, `commit PATH`): reading `.git/index` instead would pass
 * over what is about to be committed.
 * @throws {TargetError} where there is no repository
 */
export function openStaged(request: StagedRequest, options: ExpansionOptions): Source {
  const { directory, environment, all } = request;
  const gitDir = gitDirectoryOf(directory, environment.GIT_DIR);
  // The root of the tree is the root of the disk: a linked worktree's index and objects lie far apart.
  const tree = new DiskTree('/', { followsLinks: true });
  const inTree = (path: string) =>
    Buffer.from(resolve(directory, path)).toString('latin1').replace(/^\/+/, '');
  const {
    GIT_INDEX_FILE: index,
    GIT_OBJECT_DIRECTORY: objects,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: more,
  } = environment;
  const objectFolders = [objects, ...(more?.split(':') ?? [])].filter(
    (path) => path !== undefined && path !== '',
  );
  const source = new StagedSource({
    tree,
    gitDir: inTree(gitDir),
    where: { kind: 'file', path: gitDir },
    budget: options.budget,
    all,
    ...(index ? { indexPath: inTree(index) } : {}),
    objectFolders: objectFolders.map((path) => inTree(path!)),
  });
  return {
    units: () => expandedItems(source.items(), options),
    close: () => options.spool.close(),
  };
}
