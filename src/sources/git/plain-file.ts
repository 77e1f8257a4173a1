import { diagnostic } from '../../model/diagnostic.js';
import { SourceFault } from '../../model/source.js';
import type { FileTree } from '../file-tree.js';
import { bytesAt } from '../random-access.js';

/** Plain files of a git folder are small; one that isn't is not read to steer by. */
const LARGEST = 256 * 1024 ** 2;

/** The bytes of a small file, or undefined where there is none. Throws `SourceFault` when it can't be read. */
export function readPlainFile(tree: FileTree, path: string): Buffer | undefined {
  const file = tree.open(path);
  if (file === undefined) return undefined;
  try {
    if (file.size > LARGEST) {
      throw new SourceFault(
        diagnostic(tree.whereOf(path), 'too_large', `has ${file.size} bytes, more than git writes into it`),
      );
    }
    return bytesAt(file, 0, file.size);
  } finally {
    file.close();
  }
}

/** The same as text, one character a byte. */
export function readPlainText(tree: FileTree, path: string): string | undefined {
  return readPlainFile(tree, path)?.toString('latin1');
}

/** Joins paths of a {@link FileTree}, whose root is `''`. */
export function joinPath(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** Resolves `.` and `..` in `path`, relative to `folder`; undefined when it leads out of the tree. */
export function resolveInside(folder: string, path: string): string | undefined {
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}
