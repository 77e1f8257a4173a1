import type { CommitProvenance, ObjectProvenance, Provenance } from '../../model/provenance.js';
import { textOfPath } from '../../model/provenance.js';
import type { Attributor } from '../../model/source.js';
import { CommitGraph, isRoot } from './commit-graph.js';
import { parseTagTarget } from './commit-object.js';
import { walkHistory } from './history-walk.js';
import { type Held, holdingsOf } from './holdings.js';
import { type LeadingRefs, leadingRefs } from './leading-refs.js';
import type { ObjectDatabase } from './object-database.js';
import type { Holders } from './reflogs.js';
import type { Ref } from './refs.js';
import { TreeSearch } from './tree-search.js';

/** What attribution takes from beside the objects; asked for when there is something to attribute. */
export interface Beside {
  refs(): readonly Ref[];
  holders(): Holders;
}

/** Says which commits brought an object in and under which paths, by one walk over all commits and the trees they name. */
export class RepositoryAttributor implements Attributor {
  readonly #database: ObjectDatabase;
  readonly #beside: Beside;
  readonly #repository: Provenance;

  constructor(database: ObjectDatabase, beside: Beside, repository: Provenance) {
    this.#database = database;
    this.#beside = beside;
    this.#repository = repository;
  }

  async attribute(objects: ReadonlySet<string>): Promise<ReadonlyMap<string, readonly Provenance[]>> {
    const refs = this.#peeled();
    const { commits, edges } = walkHistory(this.#database);
    const graph = new CommitGraph(this.#database, commits, this.#beside.refs());
    const search = new TreeSearch(this.#database, objects, edges.holders(objects));
    const head = this.#beside.refs().find(({ name }) => name === 'HEAD')?.target;
    const held = holdingsOf(graph, search, head);
    const others = [...objects].filter((id) => !search.blobs.has(id) || !held.some((each) => each.id === id));
    const lists = [
      ...held.map(({ introducedAt }) => introducedAt),
      ...others.map((id) => [graph.positionOf(id)].filter((at) => at >= 0)),
    ];
    const leading = leadingRefs(graph, refs, lists);
    const keeper = new Keeper(graph, this.#beside);
    const places = new Map<string, Provenance[]>();
    held.forEach((each, index) => {
      const place = this.#commitPlace(graph, each, leading[index]!, keeper);
      const known = places.get(each.id);
      if (known === undefined) places.set(each.id, [place]);
      else known.push(place);
    });
    const trees = reachableTrees(graph, search, objects);
    others.forEach((id, index) => {
      const place = this.#objectPlace(graph, id, leading[held.length + index]!, trees, keeper);
      if (place !== undefined) places.set(id, [place]);
    });
    return places;
  }

  #commitPlace(graph: CommitGraph, held: Held, refs: LeadingRefs, keeper: Keeper): CommitProvenance {
    const { author, date } = graph.at(held.first);
    const commit = graph.order[held.first]!;
    const reachable = graph.reachable.has(graph.order[held.last]!);
    const last = graph.at(held.last);
    return {
      kind: 'commit',
      commit,
      path: held.path,
      blob: held.id,
      author,
      date,
      reachable,
      last: { commit: graph.order[held.last]!, author: last.author, date: last.date },
      ...(reachable ? { head: held.atHead, refs } : { held: keeper.of(held.id, held.introducedAt) }),
      repository: this.#repository,
    };
  }

  #objectPlace(
    graph: CommitGraph,
    id: string,
    leading: LeadingRefs,
    trees: ReadonlySet<string>,
    keeper: Keeper,
  ): ObjectProvenance | undefined {
    const type = this.#database.readSafely(id)?.type;
    if (type === undefined) return undefined;
    const reachable = graph.reachable.has(id) || trees.has(id);
    const named = this.#beside.refs().filter(({ name, target }) => target === id && isRoot(name));
    const names = named.map(({ name }) => textOfPath(Buffer.from(name, 'latin1')));
    const refs = leading.total > 0 ? leading : { total: names.length, names };
    const at = graph.positionOf(id);
    return {
      kind: 'object',
      object: id,
      type,
      reachable,
      ...(refs.total > 0 ? { refs } : {}),
      ...(reachable ? {} : { held: keeper.of(id, at < 0 ? [] : [at]) }),
      repository: this.#repository,
    };
  }

  /** The refs that keep objects, tags replaced by what they lead to. */
  #peeled(): Ref[] {
    return this.#beside.refs().flatMap(({ name, target }) => {
      if (target === undefined || !isRoot(name)) return [];
      let id = target;
      for (let depth = 0; depth < 5; depth++) {
        const tag = this.#database.tryRead(id, 'tag');
        const next = tag === undefined ? undefined : parseTagTarget(tag);
        if (next === undefined) break;
        id = next;
      }
      return [{ name: textOfPath(Buffer.from(name, 'latin1')), target: id }];
    });
  }
}

/** Says what keeps an object that no ref leads to. */
class Keeper {
  readonly #graph: CommitGraph;
  readonly #beside: Beside;
  #kept: { stash: ReadonlySet<string>; reflog: ReadonlySet<string>; index: ReadonlySet<string> } | undefined;

  constructor(graph: CommitGraph, beside: Beside) {
    this.#graph = graph;
    this.#beside = beside;
  }

  of(id: string, positions: readonly number[]): NonNullable<CommitProvenance['held']> {
    const { stash, reflog, index } = this.#keep();
    const commits = [id, ...positions.map((at) => this.#graph.order[at]!)];
    if (commits.some((commit) => stash.has(commit))) return 'stash';
    if (commits.some((commit) => reflog.has(commit))) return 'reflog';
    return index.has(id) ? 'index' : 'nothing';
  }

  #keep() {
    if (this.#kept === undefined) {
      const { stash, reflog, index } = this.#beside.holders();
      this.#kept = { stash: this.#graph.before(stash), reflog: this.#graph.before(reflog), index };
    }
    return this.#kept;
  }
}

/** Those of `objects` that are trees, or blobs, which commits that refs lead to hold. */
function reachableTrees(
  graph: CommitGraph,
  search: TreeSearch,
  objects: ReadonlySet<string>,
): ReadonlySet<string> {
  const trees = new Set<string>();
  for (const [id, { tree }] of graph.commits) {
    if (!graph.reachable.has(id)) continue;
    if (objects.has(tree)) trees.add(tree);
    for (const hit of search.in(tree)) trees.add(hit.id);
  }
  return trees;
}
