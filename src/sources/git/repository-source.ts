import type { Budget } from '../../model/budget.js';
import type { Diagnostic } from '../../model/diagnostic.js';
import type { Provenance } from '../../model/provenance.js';
import { type Share, takes } from '../../model/share.js';
import type { Attributor, ScanItem, Source } from '../../model/source.js';
import { type FileTree, joinPath } from '../file-tree.js';
import { RepositoryAttributor } from './attribution.js';
import { isRoot } from './commit-graph.js';
import { untilFault } from './faulty-items.js';
import { checkedItem, freshItems } from './fresh-items.js';
import { commonFolderOf } from './layout.js';
import { type LfsStore, POINTER_BEGINS, withMissing } from './lfs.js';
import { looseItems, plainItems } from './loose-items.js';
import { MissingObjects } from './missing-objects.js';
import { nameItems, refNames, shortenedNames } from './name-items.js';
import type { ObjectDatabase } from './object-database.js';
import { SHA1, SHA256 } from './object-format.js';
import { openDatabase } from './open-database.js';
import { packItems } from './pack-items.js';
import { PackKernel } from './pack-kernel.js';
import { readPlainText } from './plain-file.js';
import type { ReaderOptions, Screening } from './reader-options.js';
import { reflogItems } from './reflog-items.js';
import { readHolders } from './reflogs.js';
import { Refs } from './refs.js';
import { RememberedAttributor } from './remembered-attributor.js';
import type { RepositoryMemory, Setting } from './repository-memory.js';
import { objectOf, type ScanState } from './scan-state.js';
import { refsFingerprint, storeFingerprint } from './store-fingerprint.js';

export interface RepositoryOptions {
  readonly tree: FileTree;
  /** The git folder in `tree`: `.git`, a bare repository, or the folder of a linked worktree. */
  readonly gitDir: string;
  /** How reports name the repository: the provenance of its git folder. */
  readonly where: Provenance;
  readonly budget: Budget;
  /** Lets objects in which nothing is to be seen be passed over. */
  readonly screening?: Screening;
  /** What earlier runs have scanned, and what this one has. */
  readonly state?: ScanState;
  /** The part of the objects to read, for several threads; all when absent. Names are the first share's. */
  readonly share?: Share;
  /** Told who can say where the objects lie, where several threads read them. */
  readonly onShared?: (attributor: Attributor) => void;
}

interface Opened {
  readonly faults: readonly Diagnostic[];
  readonly reader: ReaderOptions & { readonly missing: MissingObjects };
  readonly lfs: LfsStore;
}

/**
 * Everything a git database holds, reachable or not, and the names of its refs. No git process is started, nothing is
 * fetched, and the configuration of the repository is read for its object format only.
 */
export class RepositorySource implements Source {
  readonly #options: RepositoryOptions;
  #database: ObjectDatabase | undefined;

  constructor(options: RepositoryOptions) {
    this.#options = options;
  }

  async *units(): AsyncGenerator<ScanItem> {
    yield* this.items();
  }

  /** The same without a promise for each object; content too large to be held is still a stream that answers later. */
  *items(): Generator<ScanItem> {
    yield* untilFault(this.#items(), this.#options.where);
  }

  close(): void {
    this.#database?.close();
  }

  *#items(): Generator<ScanItem> {
    const { tree, gitDir, where, budget, share, state, screening } = this.#options;
    const commonDir = commonFolderOf(tree, gitDir) ?? gitDir;
    const refs = new Refs(tree, gitDir, commonDir);
    const first = share === undefined || share.index === 0;
    if (first) yield* refs.faults;
    // Taken before anything is read: what comes while it is being read counts as new.
    const store = state === undefined ? undefined : storeFingerprint(tree, gitDir);
    const setting = { store, refs: state === undefined ? '' : refsFingerprint(refs.all()) };
    if (first) yield* nameItems(refNames(refs.all(), where), screening);
    if (first) yield* nameItems(yield* shortenedNames(tree, gitDir, commonDir, where), screening);
    if (first) yield* reflogItems(tree, gitDir, commonDir, where, budget, refs.faults);
    const unchanged = refs.faults.length === 0 ? state?.unchanged(where, setting) : undefined;
    if (unchanged !== undefined) yield* this.#unchanged(unchanged, refs);
    else yield* this.#changed(setting, refs);
  }

  /** What was told in the run before: of all objects, only those in which something was found are read. */
  *#unchanged({ held, lacking, said, idBytes, setting }: RepositoryMemory, refs: Refs): Generator<ScanItem> {
    const format = idBytes === SHA1.bytes ? SHA1 : SHA256;
    const missing = new MissingObjects({ format, has: () => false }, new Set());
    for (const [id, type] of lacking) missing.checkId(id, type);
    yield* missing.diagnostics(this.#options.where);
    yield* said;
    if (held.size === 0) return;
    const { reader, lfs } = this.#open(refs, setting.store);
    for (const [id, type] of held) yield* this.#withMissing(checkedItem(id, type, reader), lfs);
    reader.database.close();
  }

  *#changed(setting: Setting, refs: Refs): Generator<ScanItem> {
    const { where, share, state } = this.#options;
    const { faults, reader, lfs } = this.#open(refs, setting.store);
    const { database, missing } = reader;
    const first = share === undefined || share.index === 0;
    if (first) yield* faults;
    const memory = state?.recall(where, database);
    for (const [id, type] of memory?.lacking ?? []) missing.checkId(id, type);
    yield* this.#withMissing(objectItems({ ...reader, memory }), lfs);
    for (const each of memory?.said ?? []) {
      if (database.has(Buffer.from(objectOf(each.where)!.id, 'hex'))) yield each;
    }
    for (const { name, target } of first ? refs.all() : []) {
      // What only remembers (`ORIG_HEAD`) may name what was collected.
      if (target !== undefined && isRoot(name)) missing.checkId(target, 'commit');
    }
    yield* missing.diagnostics(where);
    state?.saw(where, database, setting);
    database.close();
  }

  /** Of an archive, no more is at hand than what makes a repository. */
  #withMissing(items: Iterable<ScanItem>, lfs: LfsStore): Iterable<ScanItem> {
    const { where } = this.#options;
    return where.kind === 'file' ? withMissing(items, where, lfs) : items;
  }

  #open(refs: Refs, store: string | undefined): Opened {
    const { tree, gitDir, where, budget, share, screening: seen, state } = this.#options;
    const { database, commonDir, faults, lfs } = openDatabase(tree, gitDir, budget.limits.memory);
    const screening = seen && { ...seen, marks: [...seen.marks, POINTER_BEGINS] };
    this.#database = database;
    const beside = {
      refs: () => refs.all(),
      holders: () => readHolders(tree, gitDir, commonDir, database.format),
    };
    const own = new RepositoryAttributor(database, beside, where, share !== undefined);
    const attributor = state === undefined ? own : new RememberedAttributor(own, beside, where, state, store);
    if (attributor.shared) this.#options.onShared?.(attributor);
    const missing = new MissingObjects(database, shallowCommits(tree, commonDir));
    const kernel = new PackKernel();
    const reader = { share, database, kernel, budget, where, attributor, missing, screening };
    return { faults, reader, lfs };
  }
}

/** Every stored object of a database, and what could not be read. */
export function* objectItems(options: ReaderOptions): Generator<ScanItem> {
  const { database, share, memory } = options;
  const first = share === undefined || share.index === 0;
  for (const file of database.loose) {
    if (!takes(share, file.path)) continue;
    const known = file.id !== undefined && memory?.has(Buffer.from(file.id, 'hex')) === true;
    if (!known) yield* looseItems(file, options);
  }
  // Packs without an index first: only walking tells which objects they hold, and others may build on those.
  const packs = [...database.packs].sort((a, b) => Number(a.indexed) - Number(b.indexed));
  for (const pack of packs) {
    if (pack.indexed && memory !== undefined) yield* freshItems(pack, memory, options);
    else if (first || pack.indexed) yield* packItems(pack, options);
  }
  if (first && memory !== undefined)
    for (const [id, type] of memory.held) yield* checkedItem(id, type, options);
  for (const { path, fault } of first ? database.broken : []) {
    // What was still being written when the folder was read has its own name by now; that one is for the next run.
    if (database.isGone({ path })) continue;
    yield fault;
    yield* plainItems(database.tree, path);
  }
  for (const path of first ? database.orphans : []) yield* plainItems(database.tree, path);
}

function shallowCommits(tree: FileTree, commonDir: string): ReadonlySet<string> {
  return new Set((readPlainText(tree, joinPath(commonDir, 'shallow')) ?? '').split(/\s+/));
}
