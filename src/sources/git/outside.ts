import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Diagnostic, diagnostic } from '../../model/diagnostic.js';
import type { FileTree } from '../file-tree.js';

/** An absolute path as a path of the tree, where the tree is a folder on disk that holds it. */
export function insideRoot(tree: FileTree, absolute: string): string | undefined {
  const root = tree.whereOf('');
  if (root.kind !== 'file') return undefined;
  const path = Buffer.from(absolute, 'latin1').toString();
  for (const place of [resolve(root.path), realOf(root.path)]) {
    for (const candidate of [resolve(path), realOf(path)]) {
      if (candidate === place) return '';
      // Of `/`, the root of the disk, the separator is all there is.
      const above = place === undefined ? undefined : join(place, '/');
      if (above !== undefined && candidate?.startsWith(above)) {
        return Buffer.from(candidate.slice(above.length)).toString('latin1');
      }
    }
  }
  return undefined;
}

/**
 * What is said of a symbolic link in a git folder, which is not followed. Nothing where it leads to something inside of
 * what is scanned: that is read where it lies.
 */
export function refusedLink(tree: FileTree, path: string): Diagnostic | undefined {
  const where = tree.whereOf(path);
  const root = tree.whereOf('');
  const place = root.kind === 'file' ? realOf(root.path) : undefined;
  const real = where.kind === 'file' ? realOf(where.path) : undefined;
  if (place !== undefined && real?.startsWith(join(place, '/'))) return undefined;
  const detail =
    'is a symbolic link that leads out of what is scanned: objects of the repository lie there, scan that folder, too';
  return diagnostic(where, 'unsupported', detail);
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
