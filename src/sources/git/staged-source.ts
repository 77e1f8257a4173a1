import { type Budget, BudgetExceeded } from '../../model/budget.js';
import { diagnostic } from '../../model/diagnostic.js';
import { type Provenance, type StagedProvenance, textOfPath } from '../../model/provenance.js';
import type { ScanItem, Source } from '../../model/source.js';
import { type FileTree, joinPath } from '../file-tree.js';
import { untilFault } from './faulty-items.js';
import { HeadTree, headCommit } from './head-tree.js';
import { type IndexEntry, mergeSplit, parseIndex } from './index-file.js';
import { type LfsStore, lfsItems } from './lfs.js';
import type { ObjectDatabase } from './object-database.js';
import { reasonOf } from './object-item.js';
import { openDatabase } from './open-database.js';
import { readPlainFile } from './plain-file.js';
import { idOfLine, isFolder, isSubmodule, treeLines } from './tree-object.js';

export interface StagedOptions {
  readonly tree: FileTree;
  /** The git folder in `tree`. */
  readonly gitDir: string;
  readonly where: Provenance;
  readonly budget: Budget;
  /** Every entry of the index, not only those that differ from the last commit. */
  readonly all?: boolean;
  /** Another index than `gitDir/index`, in `tree`: what git names in `GIT_INDEX_FILE` when it calls a hook. */
  readonly indexPath?: string;
  /** More folders that hold objects, in `tree`: `GIT_OBJECT_DIRECTORY`, `GIT_ALTERNATE_OBJECT_DIRECTORIES`. */
  readonly objectFolders?: readonly string[];
}

/** The blobs that the index holds, whole, as the next commit would have them. */
export class StagedSource implements Source {
  readonly #options: StagedOptions;

  constructor(options: StagedOptions) {
    this.#options = options;
  }

  async *units(): AsyncGenerator<ScanItem> {
    yield* this.items();
  }

  /** The same without a promise for each blob. */
  *items(): Generator<ScanItem> {
    yield* untilFault(this.#items(), this.#options.where);
  }

  *#items(): Generator<ScanItem> {
    const { tree, gitDir, budget, all, objectFolders } = this.#options;
    const { database, commonDir, faults, lfs } = openDatabase(
      tree,
      gitDir,
      budget.limits.memory,
      objectFolders,
    );
    yield* faults;
    const entries: IndexEntry[] = [];
    yield* this.#readEntries(database, commonDir, entries);
    const head = all === true ? undefined : new HeadTree(database, headCommit(tree, gitDir, commonDir));
    for (const entry of entries) {
      if (isSubmodule(entry.mode) || head?.idAt(entry.path.replace(/\/$/, '')) === entry.id) continue;
      if (isFolder(entry.mode)) yield* this.#folderItems(database, lfs, entry);
      else yield* this.#fileItems(database, lfs, entry);
    }
    database.close();
  }

  *#readEntries(database: ObjectDatabase, commonDir: string, into: IndexEntry[]): Generator<ScanItem> {
    const { tree, gitDir } = this.#options;
    const path = this.#options.indexPath ?? joinPath(gitDir, 'index');
    const bytes = readPlainFile(tree, path);
    if (bytes === undefined) return;
    const index = parseIndex(bytes, database.format);
    if (index.damage !== undefined) yield diagnostic(tree.whereOf(path), 'corrupt', index.damage);
    if (index.link === undefined) {
      for (const entry of index.entries) into.push(entry);
      return;
    }
    const name = `sharedindex.${index.link.base}`;
    const sharedPath = joinPath(gitDir, name);
    const sharedBytes =
      readPlainFile(tree, sharedPath) ?? readPlainFile(tree, joinPath(commonDir, name)) ?? Buffer.alloc(0);
    const shared = parseIndex(sharedBytes, database.format);
    if (shared.damage !== undefined) {
      const detail = `the shared part of the index ${shared.damage}`;
      yield diagnostic(tree.whereOf(sharedPath), 'corrupt', detail);
    }
    for (const entry of mergeSplit(index, shared)) into.push(entry);
  }

  /** A folder that a sparse index keeps as one entry. */
  *#folderItems(database: ObjectDatabase, lfs: LfsStore, entry: IndexEntry): Generator<ScanItem> {
    const open = [entry];
    for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
      this.#options.budget.entry();
      const bytes = database.tryRead(folder.id, 'tree');
      if (bytes === undefined) {
        yield diagnostic(this.#whereOf(folder), 'missing_object', `its tree ${folder.id} can't be read`);
        continue;
      }
      for (const line of treeLines(bytes, database.format.bytes)) {
        if (isSubmodule(line.mode)) continue;
        const path = joinPath(folder.path.replace(/\/$/, ''), Buffer.from(line.name).toString('latin1'));
        const inner = { ...entry, path, mode: line.mode, id: idOfLine(bytes, line, database.format.bytes) };
        if (isFolder(line.mode)) open.push(inner);
        else yield* this.#fileItems(database, lfs, inner);
      }
    }
  }

  *#fileItems(database: ObjectDatabase, lfs: LfsStore, entry: IndexEntry): Generator<ScanItem> {
    const { budget } = this.#options;
    const provenance = this.#whereOf(entry);
    yield { type: 'unit', provenance, content: Buffer.from(entry.path, 'latin1'), aspect: 'name' };
    budget.entry();
    try {
      const object = database.read(entry.id);
      if (object === undefined) {
        const detail =
          'the index names it but the repository does not hold it: fetch it (partial clone) or add it again';
        yield diagnostic(provenance, 'missing_object', detail);
        return;
      }
      budget.expand(object.bytes.length, object.bytes.length);
      yield { type: 'unit', provenance, content: object.bytes };
      yield* lfsItems(object.bytes, provenance, lfs);
    } catch (error) {
      if (error instanceof BudgetExceeded) throw error;
      const large = database.large(entry.id);
      if (large === undefined) {
        const detail = error instanceof Error ? error.message : String(error);
        yield diagnostic(provenance, reasonOf(error), detail);
        return;
      }
      yield { type: 'unit', provenance, content: large.stream(budget, provenance) };
      large.close();
    }
  }

  #whereOf(entry: IndexEntry): StagedProvenance {
    const path = textOfPath(Buffer.from(entry.path, 'latin1'));
    return { kind: 'staged', path, blob: entry.id, repository: this.#options.where };
  }
}
