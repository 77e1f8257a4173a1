import type { Budget } from '../../model/budget.js';
import type { Provenance } from '../../model/provenance.js';
import type { ScanItem } from '../../model/source.js';
import type { FileTree, RandomAccess, TreeEntry } from '../file-tree.js';
import { RepositoryAttributor } from './attribution.js';
import { MissingObjects } from './missing-objects.js';
import { ObjectDatabase } from './object-database.js';
import type { ObjectFormat } from './object-format.js';
import { PackKernel } from './pack-kernel.js';
import type { Screening } from './reader-options.js';
import type { Ref } from './refs.js';
import { objectItems } from './repository-source.js';

/** A file that is a pack, or holds one. */
export interface PackedFile {
  readonly file: RandomAccess;
  readonly where: Provenance;
  readonly budget: Budget;
  /** Lets objects in which nothing is to be seen be passed over. */
  readonly screening?: Screening | undefined;
}

export interface LonePackOptions extends PackedFile {
  readonly format: ObjectFormat;
  /** What leads to its objects, as far as that is known. */
  readonly refs?: readonly Ref[];
  /** Whether it has to hold all that its objects name. */
  readonly isComplete?: boolean;
}

/** The objects of a pack around which there is no repository. */
export class LonePack {
  readonly #database: ObjectDatabase;
  readonly #options: LonePackOptions;
  /** What its objects name that it doesn't hold, if it has to; known when all of them were read. */
  readonly missing: MissingObjects | undefined;

  constructor(options: LonePackOptions) {
    const tree = new PackTree(options.file, options.where);
    this.#options = options;
    this.#database = new ObjectDatabase(tree, [''], options.format, options.budget.limits.memory);
    this.missing = options.isComplete === true ? new MissingObjects(this.#database, new Set()) : undefined;
  }

  *items(): Generator<ScanItem> {
    const { where, refs = [], budget, screening } = this.#options;
    const holders = () => ({ stash: [], reflog: [], index: new Set<string>() });
    const attributor = new RepositoryAttributor(this.#database, { refs: () => refs, holders }, where);
    yield* objectItems({
      database: this.#database,
      kernel: new PackKernel(),
      budget,
      where,
      attributor,
      missing: this.missing,
      screening,
    });
  }
}

/** A tree of one file: the pack, where a database looks for it. */
class PackTree implements FileTree {
  readonly #pack: RandomAccess;
  readonly #where: Provenance;

  constructor(pack: RandomAccess, where: Provenance) {
    this.#pack = pack;
    this.#where = where;
  }

  list(folder: string): readonly TreeEntry[] {
    if (folder === '') return [{ name: 'pack', kind: 'folder' }];
    return folder === 'pack' ? [{ name: 'lone.pack', kind: 'file' }] : [];
  }

  open(path: string): RandomAccess | undefined {
    return path === 'pack/lone.pack' ? this.#pack : undefined;
  }

  whereOf(): Provenance {
    return this.#where;
  }
}
