import { type Diagnostic, diagnostic } from '../../model/diagnostic.js';
import { type FileTree, joinPath, resolveInside } from '../file-tree.js';
import { attempt } from './attempt.js';
import { insideRoot } from './outside.js';
import { readPlainText } from './plain-file.js';
import { unquotedPath } from './quoted-path.js';

/** Alternates of alternates: git itself stops at 5. */
const DEEPEST_ALTERNATE = 5;
/** Each is looked for; nobody has as many. */
const MOST_ALTERNATES = 1_000;

/**
 * Whether a folder is a git folder: `.git` or a bare repository. A damaged one still is, as long as it keeps objects:
 * a missing `HEAD` must not hide them.
 *
 * @param entries what the folder lists, where that is known.
 */
export function isGitDirectory(tree: FileTree, path: string, entries = tree.list(path)): boolean {
  const kindOf = (wanted: string) => entries.find(({ name }) => name === wanted)?.kind;
  if (kindOf('objects') !== 'folder') return false;
  if (kindOf('HEAD') !== undefined || kindOf('refs') === 'folder' || kindOf('packed-refs') !== undefined) {
    return true;
  }
  const inside = tree.list(joinPath(path, 'objects'));
  return inside.some(({ name, kind }) => kind === 'folder' && /^(?:pack|[0-9a-f]{2})$/.test(name));
}

/** The folder that a linked worktree shares with its repository (`commondir`); the git folder itself for any other. */
export function commonFolderOf(tree: FileTree, gitDir: string): string | undefined {
  const text = readPlainText(tree, joinPath(gitDir, 'commondir'))?.trim();
  if (text === undefined || text === '') return gitDir;
  return text.startsWith('/') ? insideRoot(tree, text) : resolveInside(gitDir, text);
}

/** The git folder, the one it shares with others, and those of all worktrees. */
export function gitFolders(tree: FileTree, gitDir: string, commonDir: string): ReadonlySet<string> {
  const worktrees = joinPath(commonDir, 'worktrees');
  const entries = attempt(() => tree.list(worktrees)) ?? [];
  const folders = entries.filter(({ kind }) => kind === 'folder');
  return new Set([commonDir, gitDir, ...folders.map(({ name }) => joinPath(worktrees, name))]);
}

/**
 * The folders that hold a repository's objects: its own and its alternates, as far as they lie inside what is scanned.
 * An alternate elsewhere is refused, and listed.
 */
export function objectFolders(tree: FileTree, commonDir: string): (string | Diagnostic)[] {
  const folders: (string | Diagnostic)[] = [];
  const seen = new Set<string>();
  let level = [joinPath(commonDir, 'objects')];
  let looked = 0;
  for (let depth = 0; depth <= DEEPEST_ALTERNATE && level.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of level) {
      if (seen.has(folder)) continue;
      seen.add(folder);
      folders.push(folder);
      const list = joinPath(folder, 'info/alternates');
      for (const line of (readPlainText(tree, list) ?? '').split('\n')) {
        if (line === '' || line.startsWith('#')) continue;
        looked += 1;
        if (looked === MOST_ALTERNATES) folders.push(refused(tree, list));
        if (looked >= MOST_ALTERNATES) break;
        const path = unquotedPath(line);
        const inside = path.startsWith('/') ? insideRoot(tree, path) : resolveInside(folder, path);
        if (inside !== undefined && tree.list(inside).length > 0) next.push(inside);
        else folders.push(refused(tree, list));
      }
    }
    level = next;
  }
  return folders;
}

function refused(tree: FileTree, list: string): Diagnostic {
  const detail =
    'borrows objects from a folder outside of what is scanned: scan a folder that holds both, or repack with git repack -ad';
  return diagnostic(tree.whereOf(list), 'unsupported', detail);
}
