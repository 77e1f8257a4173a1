import type { CommitGraph } from './commit-graph.js';
import { NOTHING, type TreePlaces } from './tree-places.js';

/** A blob under one path, through the history: positions are those of {@link CommitGraph}. */
export interface Held {
  /** As {@link TreePlaces} numbers it. */
  readonly place: number;
  /** The first commit that brought it in, and the last that still has it; of those that refs lead to, if any does. */
  readonly first: number;
  readonly last: number;
  /** Every commit that has it and has no parent that does. */
  readonly introducedAt: readonly number[];
  readonly atHead: boolean;
}

/** Everything that is held through the history, and what of it as a folder or by commits that refs lead to. */
export interface Holdings {
  /** Files. */
  readonly held: readonly Held[];
  /** Numbers of the wanted objects that commits hold to which refs lead, folders and roots included. */
  readonly reachable: ReadonlySet<number>;
}

interface Mutable {
  readonly place: number;
  last: number;
  introducedAt: number[];
  atHead: boolean;
}

/**
 * Walks the commits once, parents first. What a commit holds of what is wanted mostly is what its parent holds: only
 * where it isn't, places are looked at one by one.
 *
 * @param head the position of the commit that HEAD names, or -1.
 */
export function holdingsOf(
  graph: CommitGraph,
  places: TreePlaces,
  wanted: ReadonlyMap<number, string>,
  head: number,
): Holdings {
  const { count } = graph;
  const groups = new Int32Array(count);
  /** Of each group, the last position that refs lead to, and the last of all. */
  const lastReachable = new Map<number, number>();
  const lastOfAny = new Map<number, number>();
  const known = new Map<number, Mutable>();
  const reachable = new Set<number>();
  const of = (place: number): Mutable => {
    let found = known.get(place);
    if (found === undefined) {
      found = { place, last: -1, introducedAt: [], atHead: false };
      known.set(place, found);
    }
    return found;
  };
  for (let at = 0; at < count; at++) {
    const tree = graph.treeAt(at);
    const reached = graph.isReachableAt(at);
    if (reached && wanted.has(tree)) reachable.add(tree);
    const group = places.groupOf(tree);
    groups[at] = group;
    if (group === NOTHING) continue;
    lastOfAny.set(group, at);
    if (reached) lastReachable.set(group, at);
    if (at === head) for (const place of places.placesIn(group)) of(place).atHead = true;
    const before = graph.parentsAt(at);
    if (before.some((parent) => groups[parent] === group)) continue;
    const inherited = new Set<number>();
    for (const parent of before) for (const place of places.placesIn(groups[parent]!)) inherited.add(place);
    for (const place of places.placesIn(group)) if (!inherited.has(place)) of(place).introducedAt.push(at);
  }
  for (const [group, any] of lastOfAny) {
    const reached = lastReachable.get(group);
    for (const place of places.placesIn(group)) {
      const found = of(place);
      // Reachable commits stand first in the order: a later position of the rest must not outdo them.
      if (better(graph, reached ?? any, found.last)) found.last = reached ?? any;
      if (reached !== undefined) reachable.add(places.wantedAt(place));
    }
  }
  const held = [...known.values()]
    .filter(({ place }) => !places.isFolderAt(place))
    .map((each) => ({ ...each, first: each.introducedAt[0] ?? each.last }));
  return { held, reachable };
}

function better(graph: CommitGraph, at: number, than: number): boolean {
  if (than < 0) return true;
  const mine = graph.isReachableAt(at);
  return mine === graph.isReachableAt(than) ? at > than : mine;
}
