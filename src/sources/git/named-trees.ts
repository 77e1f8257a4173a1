import { wordsOf } from './commit-table.js';
import type { Ref } from './refs.js';
import type { TreeLines } from './tree-lines.js';
import type { TreePlaces } from './tree-places.js';

/**
 * The refs that lead to what is wanted by a tree that they name themselves, without a commit (`git tag v1 HEAD^{tree}`),
 * by its number.
 *
 * @param refs those that name no commit, tags replaced by what they lead to.
 */
export function heldByNamedTrees(
  refs: readonly Ref[],
  trees: TreeLines,
  places: TreePlaces,
): ReadonlyMap<number, readonly string[]> {
  const held = new Map<number, string[]>();
  for (const { name, target } of refs) {
    const words = wordsOf(target ?? '');
    const tree = trees.ids.find(words, 0, words.length);
    const wanted = places.placesIn(places.groupOf(tree)).map((place) => places.wantedAt(place));
    for (const number of new Set(wanted)) {
      const names = held.get(number);
      if (names === undefined) held.set(number, [name]);
      else names.push(name);
    }
  }
  return held;
}
