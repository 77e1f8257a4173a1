import type { CommitProvenance, ObjectProvenance, Provenance } from '../../model/provenance.js';
import { textOfPath } from '../../model/provenance.js';
import type { Attributor } from '../../model/source.js';
import { CommitGraph, isRoot, type ObjectSet } from './commit-graph.js';
import { parseTagTarget } from './commit-object.js';
import { walkHistory } from './history-walk.js';
import { type Held, holdingsOf } from './holdings.js';
import { type LeadingRefs, leadingRefs } from './leading-refs.js';
import type { ObjectDatabase } from './object-database.js';
import type { Holders } from './reflogs.js';
import type { Ref } from './refs.js';
import { TooManyLines } from './tree-lines.js';
import { TooManyPlaces, TreePlaces } from './tree-places.js';

/** What attribution takes from beside the objects; asked for when there is something to attribute. */
export interface Beside {
  refs(): readonly Ref[];
  holders(): Holders;
}

/** Says which commits brought an object in and under which paths, by one walk over all commits and the trees they name. */
export class RepositoryAttributor implements Attributor {
  readonly shared: boolean;
  readonly #database: ObjectDatabase;
  readonly #beside: Beside;
  readonly #repository: Provenance;

  constructor(database: ObjectDatabase, beside: Beside, repository: Provenance, shared = false) {
    this.shared = shared;
    this.#database = database;
    this.#beside = beside;
    this.#repository = repository;
  }

  async attribute(objects: ReadonlySet<string>): Promise<ReadonlyMap<string, readonly Provenance[]>> {
    try {
      return this.#attribute(objects);
    } catch (error) {
      // A history that was made to be endless: what was found in it stays under the names of its objects.
      if (error instanceof TooManyLines || error instanceof TooManyPlaces) return new Map();
      throw error;
    }
  }

  #attribute(objects: ReadonlySet<string>): ReadonlyMap<string, readonly Provenance[]> {
    for (const pack of this.#database.packs) pack.name();
    const { commits, trees, wanted } = walkHistory(this.#database, objects);
    const graph = new CommitGraph(this.#database, commits, this.#beside.refs());
    const places = new TreePlaces(trees, wanted.keys());
    const head = this.#beside.refs().find(({ name }) => name === 'HEAD')?.target;
    const { held, reachable } = holdingsOf(graph, places, wanted, graph.positionOf(head ?? ''));
    const idOf = (each: Held) => wanted.get(places.wantedAt(each.place))!;
    const inTrees = new Set([...reachable].map((number) => wanted.get(number)!));
    const placed = new Set(held.map(idOf));
    const others = [...objects].filter((id) => !placed.has(id));
    const leading = leadingRefs(graph, this.#peeled(graph), [
      ...held.map(({ introducedAt }) => introducedAt),
      ...others.map((id) => [graph.positionOf(id)].filter((at) => at >= 0)),
    ]);
    const keeper = new Keeper(graph, this.#beside);
    const found = new Map<string, Provenance[]>();
    held.forEach((each, index) => {
      const id = idOf(each);
      const named = { id, path: places.pathAt(each.place) };
      const place = this.#commitPlace(graph, each, named, leading[index]!, keeper);
      const known = found.get(id);
      if (known === undefined) found.set(id, [place]);
      else known.push(place);
    });
    others.forEach((id, index) => {
      const refs = leading[held.length + index]!;
      const place = this.#objectPlace(graph, id, refs, inTrees.has(id), keeper);
      if (place !== undefined) found.set(id, [place]);
    });
    return found;
  }

  #commitPlace(
    graph: CommitGraph,
    held: Held,
    { id, path }: { readonly id: string; readonly path: string },
    refs: LeadingRefs,
    keeper: Keeper,
  ): CommitProvenance {
    const { author, date } = graph.at(held.first);
    const reachable = graph.isReachableAt(held.last);
    const last = graph.at(held.last);
    return {
      kind: 'commit',
      commit: graph.idAt(held.first),
      path,
      blob: id,
      author,
      date,
      reachable,
      last: { commit: graph.idAt(held.last), author: last.author, date: last.date },
      ...(reachable ? { head: held.atHead, refs } : { held: keeper.of(id, held.introducedAt) }),
      repository: this.#repository,
    };
  }

  #objectPlace(
    graph: CommitGraph,
    id: string,
    leading: LeadingRefs,
    inTree: boolean,
    keeper: Keeper,
  ): ObjectProvenance | undefined {
    const type = this.#database.readSafely(id)?.type;
    if (type === undefined) return undefined;
    const reachable = graph.reaches(id) || inTree;
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
  #peeled(graph: CommitGraph): Ref[] {
    return this.#beside.refs().flatMap(({ name, target }) => {
      if (target === undefined || !isRoot(name)) return [];
      return [{ name: textOfPath(Buffer.from(name, 'latin1')), target: this.#peel(graph, target) }];
    });
  }

  #peel(graph: CommitGraph, target: string): string {
    let id = target;
    // A mirror may have a million refs: of commits, nothing is read.
    for (let depth = 0; depth < 5 && graph.positionOf(id) < 0; depth++) {
      const tag = this.#database.tryRead(id, 'tag');
      const next = tag === undefined ? undefined : parseTagTarget(tag);
      if (next === undefined) break;
      id = next;
    }
    return id;
  }
}

/** Says what keeps an object that no ref leads to. */
class Keeper {
  readonly #graph: CommitGraph;
  readonly #beside: Beside;
  #kept: { stash: ObjectSet; reflog: ObjectSet; index: ObjectSet } | undefined;

  constructor(graph: CommitGraph, beside: Beside) {
    this.#graph = graph;
    this.#beside = beside;
  }

  of(id: string, positions: readonly number[]): NonNullable<CommitProvenance['held']> {
    const { stash, reflog, index } = this.#keep();
    const commits = [id, ...positions.map((at) => this.#graph.idAt(at))];
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
