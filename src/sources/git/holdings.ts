import type { CommitGraph } from './commit-graph.js';
import type { TreeSearch } from './tree-search.js';

/** A blob under one path, through the history: positions are those of the commits in {@link CommitGraph.order}. */
export interface Held {
  readonly id: string;
  readonly path: string;
  /** The first commit that brought it in, and the last that still has it; of those that refs lead to, if any does. */
  readonly first: number;
  readonly last: number;
  /** Every commit that has it and has no parent that does. */
  readonly introducedAt: readonly number[];
  readonly atHead: boolean;
}

interface Place {
  readonly id: string;
  readonly path: string;
  first: number;
  last: number;
  introducedAt: number[];
  atHead: boolean;
}

/**
 * Walks the commits once, parents first. What a commit holds of what is wanted mostly is what its parent holds: only
 * where it isn't, places are looked at one by one.
 */
export function holdingsOf(graph: CommitGraph, search: TreeSearch, head: string | undefined): Held[] {
  const places: Place[] = [];
  const numbers = new Map<string, number>();
  const groups: (readonly number[])[] = [[]];
  const groupNumbers = new Map<string, number>([['', 0]]);
  const groupOfTree = new Map<string, number>();
  const { order } = graph;
  const groupAt = new Int32Array(order.length);
  /** Of each group, the last position that refs lead to; beyond, the last of all. */
  const lastOf = [{ reachable: -1, any: -1 }];

  const groupOf = (tree: string): number => {
    const known = groupOfTree.get(tree);
    if (known !== undefined) return known;
    const members = search.in(tree).flatMap(({ id, path }) => {
      if (!search.blobs.has(id)) return [];
      const key = `${id} ${path}`;
      let number = numbers.get(key);
      if (number === undefined) {
        number = places.push({ id, path, first: -1, last: -1, introducedAt: [], atHead: false }) - 1;
        numbers.set(key, number);
      }
      return [number];
    });
    const name = members.sort((a, b) => a - b).join();
    let group = groupNumbers.get(name);
    if (group === undefined) {
      group = groups.push(members) - 1;
      groupNumbers.set(name, group);
      lastOf.push({ reachable: -1, any: -1 });
    }
    if (group !== 0) groupOfTree.set(tree, group);
    return group;
  };

  for (let at = 0; at < order.length; at++) {
    const id = order[at]!;
    const group = groupOf(graph.commits.get(id)!.tree);
    groupAt[at] = group;
    if (group === 0) continue;
    const last = lastOf[group]!;
    last.any = at;
    if (graph.reachable.has(id)) last.reachable = at;
    if (id === head) for (const place of groups[group]!) places[place]!.atHead = true;
    const before = graph.parentsAt(at).map((parent) => groupAt[parent]!);
    if (before.includes(group)) continue;
    const inherited = new Set(before.flatMap((parent) => groups[parent]!));
    for (const place of groups[group]!) if (!inherited.has(place)) places[place]!.introducedAt.push(at);
  }
  groups.forEach((members, group) => {
    const { reachable, any } = lastOf[group]!;
    for (const member of members) {
      const place = places[member]!;
      // Reachable commits stand first in the order: a later position of the rest must not outdo them.
      const at = reachable >= 0 ? reachable : any;
      if (place.last < 0 || better(graph, at, place.last)) place.last = at;
    }
  });
  for (const place of places) place.first = place.introducedAt[0] ?? place.last;
  return places.filter(({ last }) => last >= 0);
}

function better(graph: CommitGraph, at: number, than: number): boolean {
  const mine = graph.reachable.has(graph.order[at]!);
  const other = graph.reachable.has(graph.order[than]!);
  return mine === other ? at > than : mine;
}
