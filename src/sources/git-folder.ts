import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A `.git` file is one line. */
const LONGEST = 64 * 1024;

/** The git folder of a work tree: its `.git`, or where that leads as a link or a file. */
export function gitFolderOf(workTree: string): string | undefined {
  const path = join(workTree, '.git');
  return isFolder(path) ? path : pointedTo(workTree, '.git', 'gitdir: ');
}

/** The folder that a linked worktree's git folder shares with others; itself for any other. */
export function commonFolderOf(gitFolder: string): string {
  return pointedTo(gitFolder, 'commondir', '') ?? gitFolder;
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

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
