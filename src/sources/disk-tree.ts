import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { diagnostic } from '../model/diagnostic.js';
import { type FileProvenance, textOfPath } from '../model/provenance.js';
import { SourceFault } from '../model/source.js';
import { DiskAccess, reasonOf } from './disk-access.js';
import type { FileTree, RandomAccess, TreeEntry } from './file-tree.js';

const ASCII = /^[\x00-\x7f]*$/;

/** A folder on disk. Nothing in it is followed, run or written. */
export class DiskTree implements FileTree {
  readonly #root: string;
  /** What the paths in reports begin with. */
  readonly #named: string;

  /** @param root the folder as the user named it: reports join their paths to it. */
  constructor(root: string) {
    this.#root = root;
    this.#named = join(root, 'x').slice(0, -1);
  }

  list(folder: string): readonly TreeEntry[] {
    try {
      return readdirSync(this.pathOf(folder), { withFileTypes: true, encoding: 'latin1' })
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map((entry) => ({ name: entry.name, kind: this.#kindOf(folder, entry) }));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOENT' || code === 'ENOTDIR') return [];
      throw new SourceFault(diagnostic(this.whereOf(folder), 'unreadable', reasonOf(error)), {
        cause: error,
      });
    }
  }

  open(path: string): RandomAccess | undefined {
    try {
      if (!lstatSync(this.pathOf(path)).isFile()) return undefined;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      throw new SourceFault(diagnostic(this.whereOf(path), 'unreadable', reasonOf(error)), { cause: error });
    }
    return new DiskAccess(this.pathOf(path), this.whereOf(path));
  }

  whereOf(path: string): FileProvenance {
    if (path !== '' && ASCII.test(path)) return { kind: 'file', path: this.#named + path };
    return { kind: 'file', path: join(this.#root, textOfPath(Buffer.from(path, 'latin1'))) };
  }

  /** The path as the system takes it: text where every encoding of it is the same, bytes otherwise. */
  pathOf(path: string): string | Buffer {
    if (path === '') return this.#root;
    if (ASCII.test(path)) return `${this.#root}/${path}`;
    return Buffer.concat([Buffer.from(this.#root), Buffer.from(`/${path}`, 'latin1')]);
  }

  #kindOf(folder: string, entry: Dirent): TreeEntry['kind'] {
    if (entry.isFile()) return 'file';
    // Some file systems don't say in the listing what an entry is.
    const known = entry.isDirectory() || entry.isSymbolicLink() || isSpecial(entry);
    const what = known
      ? entry
      : lstatSync(this.pathOf(folder === '' ? entry.name : `${folder}/${entry.name}`));
    if (what.isFile()) return 'file';
    if (what.isDirectory()) return 'folder';
    return what.isSymbolicLink() ? 'symlink' : 'other';
  }
}

function isSpecial(entry: Dirent): boolean {
  return entry.isFIFO() || entry.isSocket() || entry.isCharacterDevice() || entry.isBlockDevice();
}
