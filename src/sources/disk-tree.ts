import { type Dirent, lstatSync, readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { diagnostic } from '../model/diagnostic.js';
import { type FileProvenance, textOfPath } from '../model/provenance.js';
import { SourceFault } from '../model/source.js';
import { DiskAccess, reasonOf } from './disk-access.js';
import type { FileTree, RandomAccess, TreeEntry } from './file-tree.js';

const ASCII = /^[\x00-\x7f]*$/;

/** So many folders are remembered to be no links. */
const REMEMBERED = 4096;

/** A folder on disk. Nothing in it is run or written, and no link in it is followed. */
export class DiskTree implements FileTree {
  readonly #root: string;
  readonly #stat: (path: string | Buffer) => Stats | undefined;
  readonly #followsLinks: boolean;
  readonly #folders = new Set<string>();
  /** What the paths in reports begin with. */
  readonly #named: string;

  /**
   * @param root the folder as the user named it: reports join their paths to it.
   * @param options.followsLinks for what is the user's own, on the way to which there may be links.
   */
  constructor(root: string, { followsLinks = false }: { readonly followsLinks?: boolean } = {}) {
    this.#root = root;
    this.#followsLinks = followsLinks;
    const stat = followsLinks ? statSync : lstatSync;
    this.#stat = (path) => stat(path, { throwIfNoEntry: false });
    this.#named = join(root, 'x').slice(0, -1);
  }

  list(folder: string): readonly TreeEntry[] {
    try {
      if (!this.#isFolder(folder)) return [];
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
      const slash = path.lastIndexOf('/');
      if (!this.#isFolder(path.slice(0, Math.max(0, slash)))) return undefined;
      if (this.#stat(this.pathOf(path))?.isFile() !== true) return undefined;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      throw new SourceFault(diagnostic(this.whereOf(path), 'unreadable', reasonOf(error)), { cause: error });
    }
    return new DiskAccess(this.pathOf(path), this.whereOf(path), this.#followsLinks);
  }

  /** A file that was just listed. */
  file(path: string): DiskAccess {
    return new DiskAccess(this.pathOf(path), this.whereOf(path), this.#followsLinks);
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

  /** Whether it is a folder, and there is no link on the way to it that may not be followed. */
  #isFolder(path: string): boolean {
    if (path === '' || this.#followsLinks || this.#folders.has(path)) return true;
    const slash = path.lastIndexOf('/');
    if (!this.#isFolder(path.slice(0, Math.max(0, slash)))) return false;
    if (this.#stat(this.pathOf(path))?.isDirectory() !== true) return false;
    if (this.#folders.size === REMEMBERED) this.#folders.clear();
    this.#folders.add(path);
    return true;
  }

  #kindOf(folder: string, entry: Dirent): TreeEntry['kind'] {
    if (entry.isFile()) return 'file';
    // Some file systems don't say in the listing what an entry is.
    const known = entry.isDirectory() || (entry.isSymbolicLink() && !this.#followsLinks) || isSpecial(entry);
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    const what = known ? entry : (this.#stat(this.pathOf(path)) ?? entry);
    if (what.isFile()) return 'file';
    if (what.isDirectory()) return 'folder';
    return what.isSymbolicLink() ? 'symlink' : 'other';
  }
}

function isSpecial(entry: Dirent): boolean {
  return entry.isFIFO() || entry.isSocket() || entry.isCharacterDevice() || entry.isBlockDevice();
}
