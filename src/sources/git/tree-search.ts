import { textOfPath } from '../../model/provenance.js';
import type { ObjectDatabase } from './object-database.js';
import { keyAt, keyOfHex } from './tree-edges.js';
import { idOfLine, isFolder, isSubmodule, treeLines } from './tree-object.js';

/** A wanted object inside a tree, by its path from there. */
export interface Hit {
  readonly path: string;
  readonly id: string;
}

const NOTHING: readonly Hit[] = [];

/** Finds wanted objects below trees, each distinct tree that may hold one looked at once. */
export class TreeSearch {
  /** The wanted objects that some tree names as files. */
  readonly blobs = new Set<string>();
  readonly #database: ObjectDatabase;
  readonly #wanted: ReadonlySet<string>;
  readonly #holders: ReadonlySet<string>;
  /** Of both, the beginnings: most lines of a tree are passed over by a number. */
  readonly #keys: ReadonlySet<number>;
  readonly #known = new Map<string, readonly Hit[]>();

  /** @param holders the trees that may hold one, or a folder that does: the others are not read. */
  constructor(database: ObjectDatabase, wanted: ReadonlySet<string>, holders: ReadonlySet<string>) {
    this.#holders = holders;
    this.#keys = new Set([...wanted, ...holders].map(keyOfHex));
    this.#database = database;
    this.#wanted = wanted;
  }

  in(root: string): readonly Hit[] {
    if (!this.#holders.has(root)) return NOTHING;
    const stack = [{ id: root, folders: undefined as readonly Folder[] | undefined, hits: [] as Hit[] }];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      if (this.#known.has(top.id)) {
        stack.pop();
        continue;
      }
      top.folders ??= this.#look(top.id, top.hits);
      const open = top.folders.find((folder) => !this.#known.has(folder.id));
      // A tree can't hold itself unless the hash is broken: then its inside counts as seen.
      if (open !== undefined && !stack.some((above) => above.id === open.id)) {
        stack.push({ id: open.id, folders: undefined, hits: [] });
        continue;
      }
      for (const { name, id } of top.folders) {
        for (const hit of this.#known.get(id) ?? NOTHING) {
          top.hits.push({ path: `${name}/${hit.path}`, id: hit.id });
        }
      }
      this.#known.set(top.id, top.hits.length === 0 ? NOTHING : top.hits);
      stack.pop();
    }
    return this.#known.get(root) ?? NOTHING;
  }

  /** Adds the wanted objects right in this tree to `hits`; gives its folders. */
  #look(tree: string, hits: Hit[]): readonly Folder[] {
    const bytes = this.#database.tryRead(tree, 'tree');
    if (bytes === undefined) return [];
    const folders: Folder[] = [];
    for (const line of treeLines(bytes, this.#database.format.bytes)) {
      if (isSubmodule(line.mode) || !this.#keys.has(keyAt(bytes, line.idAt))) continue;
      const id = idOfLine(bytes, line, this.#database.format.bytes);
      if (isFolder(line.mode) && this.#holders.has(id)) folders.push({ id, name: textOfPath(line.name) });
      if (!this.#wanted.has(id)) continue;
      if (!isFolder(line.mode)) this.blobs.add(id);
      hits.push({ path: textOfPath(line.name), id });
    }
    return folders;
  }
}

interface Folder {
  readonly id: string;
  readonly name: string;
}
