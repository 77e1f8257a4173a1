import { type Provenance, textOfPath } from '../../model/provenance.js';
import type { Attributor } from '../../model/source.js';
import { CommitGraph } from './commit-graph.js';
import { walkHistory } from './history-walk.js';
import type { ObjectDatabase } from './object-database.js';
import type { Ref } from './refs.js';
import { keyAt, keyOfHex } from './tree-edges.js';
import { idOfLine, isFolder, isSubmodule, treeLines } from './tree-object.js';

/** A wanted object inside a tree, by its path from there. */
interface Hit {
  readonly path: string;
  readonly id: string;
}

const NOTHING: readonly Hit[] = [];

/** Says which commits brought an object in and under which paths, by one walk over all commits and the trees they name. */
export class RepositoryAttributor implements Attributor {
  readonly #database: ObjectDatabase;
  readonly #refs: () => readonly Ref[];
  readonly #repository: Provenance;

  constructor(database: ObjectDatabase, refs: () => readonly Ref[], repository: Provenance) {
    this.#database = database;
    this.#refs = refs;
    this.#repository = repository;
  }

  async attribute(objects: ReadonlySet<string>): Promise<ReadonlyMap<string, readonly Provenance[]>> {
    const { commits, edges } = walkHistory(this.#database);
    const graph = new CommitGraph(this.#database, commits, this.#refs());
    const holders = new TreeSearch(this.#database, objects, edges.holders(objects));
    const places = new Map<string, Provenance[]>();
    const seen = new Set<string>();
    const reachableTrees = new Set<string>();
    for (const commit of graph.order()) {
      const { tree, author, date } = graph.commits.get(commit)!;
      const reachable = graph.reachable.has(commit);
      if (reachable && objects.has(tree)) reachableTrees.add(tree);
      for (const { path, id } of holders.in(tree)) {
        if (reachable) reachableTrees.add(id);
        const key = `${id} ${path}`;
        if (seen.has(key) || !holders.blobs.has(id)) continue;
        seen.add(key);
        const repository = this.#repository;
        const place = {
          kind: 'commit',
          commit,
          path,
          blob: id,
          author,
          date,
          reachable,
          repository,
        } as const;
        const known = places.get(id);
        if (known === undefined) places.set(id, [place]);
        else known.push(place);
      }
    }
    for (const id of objects) {
      if (places.has(id)) continue;
      const type = this.#database.readSafely(id)?.type;
      if (type === undefined) continue;
      const reachable = graph.reachable.has(id) || reachableTrees.has(id);
      places.set(id, [{ kind: 'object', object: id, type, reachable, repository: this.#repository }]);
    }
    return places;
  }
}

/** Finds wanted objects below trees, each distinct tree that may hold one looked at once. */
class TreeSearch {
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
