import type { ScanItem } from '../../model/source.js';
import { isGitDirectory } from '../git/layout.js';
import { ownsPath } from '../git/store-files.js';
import { repositoryItems, revisionStoreItems } from '../repository-items.js';
import { isRevisionStore, ownsRevisions } from '../subversion/store-layout.js';
import { type Expansion, type Found, item, member } from './found.js';
import type { MemberTree } from './member-tree.js';

/** What a git directory is made of, as far as reading it as one goes; a folder of logs is none yet. */
const GIT_PATH =
  /(?:^|\/)(?:HEAD|packed-refs|index|shallow|config|commondir|gitdir|ORIG_HEAD|FETCH_HEAD|MERGE_HEAD)$|(?:^|\/)(?:objects\/(?:[0-9a-f]{2}|pack|info|tmp_objdir-[^/]*|incoming-[^/]*)\/|refs\/|logs\/(?:HEAD$|refs\/)|reftable\/)/;
/** The same of where Subversion keeps revisions. */
const REVISION_PATH = /(?:^|\/)(?:fs-type|format|revs\/(?:(?:\d+\/)?\d+|\d+\.pack\/(?:pack|manifest)))$/;
/** No repository lies deeper than this; a hostile name may have thousands of parts. */
const DEEPEST = 128;

/** The repositories of git and of Subversion among the members of a container. */
export class Repositories {
  readonly #tree: MemberTree;
  readonly #expansion: Expansion;
  #directories: readonly string[] = [];
  #stores: readonly string[] = [];

  constructor(tree: MemberTree, expansion: Expansion) {
    this.#tree = tree;
    this.#expansion = expansion;
  }

  /** Whether a member of this path may belong to a repository and should go into the tree. */
  wants(path: string): boolean {
    return (
      this.#expansion.history &&
      (GIT_PATH.test(path) || REVISION_PATH.test(path)) &&
      path.split('/').length <= DEEPEST
    );
  }

  /** Whether a file may be part of a repository's database: which it is can be told when all members were seen. */
  mayOwn(path: string): boolean {
    return (
      this.wants(path) &&
      (ownsPath(path.slice(path.lastIndexOf('objects/'))) ||
        ownsRevisions(path.slice(path.lastIndexOf('revs/'))))
    );
  }

  /** Finds the repositories among what is in the tree by now. */
  settle(): void {
    this.#directories = [...this.#tree.foldersWith('objects')].filter((path) =>
      isGitDirectory(this.#tree, path),
    );
    this.#stores = [...this.#tree.foldersWith('revs')].filter((path) => isRevisionStore(this.#tree, path));
  }

  /** Whether there are any, among what is in the tree by now. */
  get areThere(): boolean {
    return this.#directories.length + this.#stores.length > 0;
  }

  /** Whether a file lies in one of them. */
  has(path: string): boolean {
    return [...this.#directories, ...this.#stores].some((each) => inside(path, each) !== undefined);
  }

  /** Whether a file is read as part of a repository's database, and need not be searched as it lies there. */
  owns(path: string): boolean {
    return (
      this.#directories.some((directory) => ownsPath(inside(path, directory) ?? '')) ||
      this.#stores.some((store) => ownsRevisions(inside(path, store) ?? ''))
    );
  }

  async *read(): AsyncGenerator<Found> {
    this.settle();
    for (const gitDir of this.#directories) {
      yield* founds(await repositoryItems(this.#tree, gitDir, this.#expansion.budget));
    }
    for (const store of this.#stores) {
      yield* founds(await revisionStoreItems(this.#tree, store, this.#expansion.budget));
    }
  }
}

function* founds(items: Iterable<ScanItem>): Generator<Found> {
  for (const each of items) yield each.type === 'unit' ? member(each) : item(each);
}

/** The path below a folder, or undefined where it lies elsewhere. */
function inside(path: string, folder: string): string | undefined {
  if (folder === '') return path;
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined;
}
