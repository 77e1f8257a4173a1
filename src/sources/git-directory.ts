import { lstatSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DiskTree } from './disk-tree.js';
import { isGitDirectory } from './git/layout.js';
import { gitFolderOf } from './git-folder.js';
import { TargetError } from './target-error.js';

/**
 * The git folder of the repository that `directory` belongs to, as git looks for it: upwards, a folder `.git` or a file
 * that points to one.
 *
 * @param named what GIT_DIR says; it goes before all others.
 * @param need what for, for who reads that there is none.
 * @throws {TargetError} where there is none.
 */
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

/** A folder without HEAD is no repository to git: reading what isn't there would find nothing, and let everything pass. */
function headed(gitDir: string): string {
  if (lstatSync(join(gitDir, 'HEAD'), { throwIfNoEntry: false }) !== undefined) return gitDir;
  throw new TargetError(
    gitDir,
    'is not a git repository; look at GIT_DIR, or at the file .git that names it',
  );
}
