import { type FileTree, joinPath } from '../file-tree.js';
import { readPlainText } from '../git/plain-file.js';
import { ItemIndex } from './item-index.js';
import { PagedBytes } from './paged-bytes.js';
import { type RevisionFile, revisionFiles } from './store-layout.js';

/** An open file of revisions. */
export interface OpenRevisions {
  readonly file: RevisionFile;
  readonly bytes: PagedBytes;
  /** Where its items lie; undefined where they go by their places. */
  readonly index: ItemIndex | undefined;
}

/** Files that are kept open: bases mostly lie close to what is built on them. */
const OPEN = 16;

/** All files of revisions of a store, and what lies where in them. */
export class Revisions {
  readonly files: readonly RevisionFile[];
  readonly #tree: FileTree;
  readonly #byRevision = new Map<number, RevisionFile>();
  readonly #shard: number;
  readonly #logical: boolean;
  readonly #open = new Map<string, OpenRevisions>();
  readonly #manifests = new Map<string, readonly number[]>();

  constructor(tree: FileTree, store: string) {
    const format = readPlainText(tree, joinPath(store, 'format')) ?? '';
    this.#tree = tree;
    this.#shard = Math.max(1, Number(/^layout sharded (\d+)/m.exec(format)?.[1] ?? 1));
    this.#logical = /^addressing logical/m.test(format);
    this.files = revisionFiles(tree, store, this.#shard);
    for (const file of this.files) this.#byRevision.set(file.first, file);
  }

  /** Throws `SourceFault` where it can't be read. */
  open(file: RevisionFile): OpenRevisions | undefined {
    const known = this.#open.get(file.path);
    this.#open.delete(file.path);
    const opened = known ?? this.#opened(file);
    if (opened === undefined) return undefined;
    this.#open.set(file.path, opened);
    for (const [path, { bytes }] of this.#open) {
      if (this.#open.size <= OPEN) break;
      bytes.access.close();
      this.#open.delete(path);
    }
    return opened;
  }

  /** The file that holds an item of a revision, and where it begins in it. */
  find(revision: number, item: number): { readonly file: RevisionFile; readonly at: number } | undefined {
    const alone = this.#byRevision.get(revision);
    const shard = this.#byRevision.get(revision - (revision % this.#shard));
    const file = alone?.packed === false ? alone : shard?.packed === true ? shard : undefined;
    if (file === undefined) return undefined;
    if (this.#logical) {
      const at = this.open(file)?.index?.placeOf(revision, item) ?? -1;
      return at < 0 ? undefined : { file, at };
    }
    return { file, at: item + (file.packed ? (this.#manifestOf(file)[revision - file.first] ?? 0) : 0) };
  }

  close(): void {
    for (const { bytes } of this.#open.values()) bytes.access.close();
    this.#open.clear();
  }

  #opened(file: RevisionFile): OpenRevisions | undefined {
    const access = this.#tree.open(file.path);
    if (access === undefined) return undefined;
    const bytes = new PagedBytes(access);
    return { file, bytes, index: this.#logical ? ItemIndex.of(bytes) : undefined };
  }

  /** Where each revision begins in a packed shard; a newer Subversion keeps an index instead. */
  #manifestOf(file: RevisionFile): readonly number[] {
    const known = this.#manifests.get(file.path);
    if (known !== undefined) return known;
    const text = readPlainText(this.#tree, file.path.replace(/pack$/, 'manifest')) ?? '';
    const places = text.split('\n').map(Number);
    this.#manifests.set(file.path, places);
    return places;
  }
}
