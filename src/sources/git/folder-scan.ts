import type { Diagnostic } from '../../model/diagnostic.js';
import { SourceFault } from '../../model/source.js';
import type { FileTree } from '../file-tree.js';
import { attempt } from './attempt.js';
import { type ObjectFormat, SHA1, SHA256 } from './object-format.js';
import { refusedLink } from './outside.js';
import { PackFile } from './pack-file.js';
import { PackIndex } from './pack-index.js';
import { readPlainFile } from './plain-file.js';
import { storeFiles } from './store-files.js';
import { StoredPack } from './stored-pack.js';

/** A file under `objects/xx`. `id` is undefined for a leftover of an interrupted write. */
export interface LooseFile {
  readonly path: string;
  readonly id: string | undefined;
}

/** A file that should be a pack and isn't. */
export interface BrokenPack {
  readonly path: string;
  readonly fault: Diagnostic;
}

/** Finds packs and loose objects in `objects` folders. */
export class FolderScan {
  readonly packs: StoredPack[] = [];
  readonly loose: LooseFile[] = [];
  readonly broken: BrokenPack[] = [];
  readonly orphans: string[] = [];
  readonly faults: Diagnostic[] = [];
  format: ObjectFormat;
  /** Whether a pack was gone before it was opened. */
  lost = false;
  readonly #tree: FileTree;
  readonly #opened: Set<string>;
  #sure = false;

  /** @param opened paths of packs that are open already and left out; those that are opened come to them. */
  constructor(tree: FileTree, expected: ObjectFormat, folders: readonly string[], opened: Set<string>) {
    this.#tree = tree;
    this.#opened = opened;
    this.format = expected;
    for (const folder of folders) this.#add(folder);
  }

  #add(folder: string): void {
    for (const file of storeFiles(
      folder,
      (path) => attempt(() => this.#tree.list(path), this.faults) ?? [],
    )) {
      if (file.kind === 'pack') this.#addPack(file.path, file.index);
      else if (file.kind === 'index') this.orphans.push(file.path);
      else if (file.kind === 'link') this.#refuse(file.path);
      else {
        if (file.id !== undefined) this.#learnFormat(file.id.length === SHA1.bytes * 2 ? SHA1 : SHA256);
        this.loose.push(file);
      }
    }
  }

  #refuse(path: string): void {
    const refused = refusedLink(this.#tree, path);
    if (refused !== undefined) this.faults.push(refused);
  }

  #addPack(path: string, indexPath: string | undefined): void {
    if (this.#opened.has(path)) return;
    const index = indexPath === undefined ? undefined : attempt(() => this.#index(indexPath), this.faults);
    if (index !== undefined) this.#learnFormat(index.format);
    const format = index?.format ?? this.format;
    try {
      const file = this.#tree.open(path);
      if (file === undefined) {
        this.lost = true;
        return;
      }
      const pack = new PackFile(file, format.bytes, this.#tree.whereOf(path));
      this.packs.push(new StoredPack(pack, index, format, path));
      this.#opened.add(path);
    } catch (error) {
      if (!(error instanceof SourceFault)) throw error;
      this.broken.push({ path, fault: error.diagnostic });
    }
  }

  #index(path: string): PackIndex | undefined {
    const bytes = readPlainFile(this.#tree, path);
    return bytes === undefined ? undefined : new PackIndex(bytes, this.format, this.#tree.whereOf(path));
  }

  #learnFormat(format: ObjectFormat): void {
    if (!this.#sure) this.format = format;
    this.#sure = true;
  }
}
