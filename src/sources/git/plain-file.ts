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

/** The same as text, one character per byte. */
export function readPlainText(tree: FileTree, path: string): string | undefined {
  return readPlainFile(tree, path)?.toString('latin1');
}
