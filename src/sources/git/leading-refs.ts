import type { CommitGraph } from './commit-graph.js';
import type { Ref } from './refs.js';

/** So many names are given of each; the others are counted. */
export const NAMED = 20;

/** Refs that lead to something: how many, and the names of some, branches before tags before others. */
export interface LeadingRefs {
  readonly total: number;
  readonly names: readonly string[];
}

/**
 * For each list of positions, the refs from whose commits one of them can be reached. Thirty-two lists are carried from
 * parents to children at a time, a bit each.
 */
export function leadingRefs(
  graph: CommitGraph,
  refs: readonly Ref[],
  lists: readonly (readonly number[])[],
): LeadingRefs[] {
  const tips = refs
    .map(({ name, target }) => ({ name, at: target === undefined ? -1 : graph.positionOf(target) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1));
  const found: LeadingRefs[] = [];
  const bits = new Int32Array(graph.count);
  for (let first = 0; first < lists.length; first += 32) {
    const chunk = lists.slice(first, first + 32);
    bits.fill(0);
    chunk.forEach((positions, bit) => {
      for (const at of positions) bits[at]! |= 1 << bit;
    });
    graph.carry(bits);
    for (let bit = 0; bit < chunk.length; bit++) {
      const leading = tips.filter(({ at }) => (bits[at]! & (1 << bit)) !== 0);
      found.push({ total: leading.length, names: leading.slice(0, NAMED).map(({ name }) => name) });
    }
  }
  return found;
}

function rank(name: string): number {
  if (name.startsWith('refs/heads/')) return 0;
  if (name.startsWith('refs/remotes/')) return 1;
  return name.startsWith('refs/tags/') ? 2 : 3;
}
