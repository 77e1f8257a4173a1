import { lstatSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { ScanItem, Source } from '../model/source.js';
import { expand } from './archive/expand.js';
import type { ExpansionOptions } from './archive/expansion-options.js';
import { mayExpand } from './archive/look-into.js';
import { DiskTree } from './disk-tree.js';
import { isGitDirectory } from './git/layout.js';
import { StagedSource } from './git/staged-source.js';
import { gitFolderOf } from './git-folder.js';
import { TargetError } from './target-error.js';

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
    units: () => expanded(source.items(), options),
    close: () => options.spool.close(),
  };
}

async function* expanded(items: Iterable<ScanItem>, options: ExpansionOptions): AsyncGenerator<ScanItem> {
  for (const item of items) {
    if (item.type === 'unit' && mayExpand(item, options)) yield* expand(item, options);
    else yield item;
  }
}

/** A folder without HEAD is no repository to git: reading what isn't there would find nothing, and let everything pass. */
function headed(gitDir: string): string {
  if (lstatSync(join(gitDir, 'HEAD'), { throwIfNoEntry: false }) !== undefined) return gitDir;
  throw new TargetError(gitDir, 'is no git repository; look at GIT_DIR, or at the file .git that names it');
}

/** As git looks for it: upwards, a folder `.git` or a file that points to one. */
export function gitDirectoryOf(
  directory: string,
  named: string | undefined,
  need = '--staged needs one',
): string {
  if (named) return headed(resolve(directory, named));
  for (let at = resolve(directory); ; at = dirname(at)) {
    const found = gitFolderOf(at);
    if (found !== undefined) return headed(found);
    if (isGitDirectory(new DiskTree(at), '')) return at;
    if (dirname(at) === at) break;
  }
  throw new TargetError(directory, `is not in a git repository; ${need}`);
}
