import { isGitDirectory } from '../git/layout.js';
import { ownsPath } from '../git/store-files.js';
import { repositoryItems } from '../repository-items.js';
import { type Expansion, type Found, item, member } from './found.js';
import type { MemberTree } from './member-tree.js';

/** What a git directory is made of, as far as reading it as one goes; a folder of logs is none yet. */
const GIT_PATH =
  /(?:^|\/)(?:HEAD|packed-refs|index|shallow|config|commondir|gitdir|ORIG_HEAD|FETCH_HEAD|MERGE_HEAD)$|(?:^|\/)(?:objects\/(?:[0-9a-f]{2}|pack|info|tmp_objdir-[^/]*|incoming-[^/]*)\/|refs\/|logs\/(?:HEAD$|refs\/)|reftable\/)/;
/** No repository lies deeper than this; a hostile name may have thousands of parts. */
const DEEPEST = 128;

/** The git repositories among the members of a container. */
export class Repositories {
  readonly #tree: MemberTree;
  readonly #expansion: Expansion;
  #directories: readonly string[] = [];

  constructor(tree: MemberTree, expansion: Expansion) {
    this.#tree = tree;
    this.#expansion = expansion;
  }

  /** Whether a member of this path may belong to a repository and should go into the tree. */
  wants(path: string): boolean {
    return this.#expansion.history && GIT_PATH.test(path) && path.split('/').length <= DEEPEST;
  }

  /** Whether a file may be part of a repository's database: which it is can be told when all members were seen. */
  mayOwn(path: string): boolean {
    return this.wants(path) && ownsPath(path.slice(path.lastIndexOf('objects/')));
  }

  /** Finds the repositories among what is in the tree by now. */
  settle(): void {
    this.#directories = [...this.#tree.foldersWith('objects')].filter((path) =>
      isGitDirectory(this.#tree, path),
    );
  }

  /** Whether there are any, among what is in the tree by now. */
  get areThere(): boolean {
    return this.#directories.length > 0;
  }

  /** Whether a file lies in one of them. */
  has(path: string): boolean {
    return this.#directories.some((directory) => directory === '' || path.startsWith(`${directory}/`));
  }

  /** Whether a file is read as part of a repository's database, and need not be searched as it lies there. */
  owns(path: string): boolean {
    return this.#directories.some((directory) =>
      directory === ''
        ? ownsPath(path)
        : path.startsWith(`${directory}/`) && ownsPath(path.slice(directory.length + 1)),
    );
  }

  async *read(): AsyncGenerator<Found> {
    this.settle();
    if (this.#directories.length === 0) return;
    for (const gitDir of this.#directories) {
      for (const found of await repositoryItems(this.#tree, gitDir, this.#expansion.budget)) {
        yield found.type === 'unit' ? member(found) : item(found);
      }
    }
  }
}
