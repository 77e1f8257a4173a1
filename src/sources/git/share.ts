import type { Share } from '../../model/share.js';
import { NONE, type PackTable } from './pack-table.js';
import { STRETCHES } from './shared-pack.js';

/** Which delta trees of a pack are a share's, by the numbers of their entries. */
export interface SharedRoots {
  /** Whether the tree that begins with this entry is. */
  owns(root: number): boolean;
  /** The stretch of entries that the share's trees begin in. */
  readonly stretch: Stretch;
}

/** Numbers of entries: from the first up to but not including the last. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** The stretches of entries whose trees are to be walked; of several threads each takes the next that nobody has. */
export function* stretchesOf(table: PackTable, numbers: Iterable<number>): Generator<Stretch> {
  const { count, offset } = table;
  const last = count === 0 ? 0 : offset[count - 1]! + 1;
  const edge = (stretch: number) => {
    const place = (last * stretch) / STRETCHES;
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (offset[middle]! < place) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  for (const number of numbers)
    yield { from: edge(number), to: number + 1 === STRETCHES ? count : edge(number + 1) };
}

/**
 * Each share has a stretch of the pack with about the same number of packed bytes, trees whole: neighbours in a pack are
 * read together.
 */
export function sharedRoots(table: PackTable, { index, of }: Share): SharedRoots {
  const { count, offset } = table;
  const root = rootsOf(table);
  const weight = new Float64Array(count);
  let total = 0;
  for (let entry = 0; entry < count; entry++) {
    const packed = Math.max(0, table.endOf(entry) - offset[entry]!);
    weight[root[entry]!]! += packed;
    total += packed;
  }
  const share = new Uint32Array(count);
  let before = 0;
  for (let entry = 0; entry < count; entry++) {
    share[entry] = Math.min(of - 1, Math.floor((before / total) * of));
    before += weight[entry]!;
  }
  let from = 0;
  while (from < count && share[from]! < index) from++;
  let to = from;
  while (to < count && share[to] === index) to++;
  return { stretch: { from, to }, owns: (entry) => share[entry] === index };
}

/** Tells of an entry whether no plain one of the pack leads to it: nobody comes by it while walking trees. Undefined: of none. */
export function orphansOf(table: PackTable): ((entry: number) => boolean) | undefined {
  const { count, parent } = table;
  let entry = 0;
  while (entry < count && (table.isDelta(entry) ? parent[entry] !== NONE && parent[entry]! < entry : true))
    entry++;
  // Every delta builds on what stands before it: in most packs none is an orphan.
  if (entry === count) return undefined;
  const root = rootsOf(table);
  return (orphan) => table.isDelta(root[orphan]!);
}

/** The entry that each one's chain ends in; in a circle, one of the circle. */
function rootsOf({ count, parent }: PackTable): Int32Array {
  const root = new Int32Array(count).fill(NONE);
  const open = new Uint8Array(count);
  for (let entry = 0; entry < count; entry++) {
    const path: number[] = [];
    let at = entry;
    while (root[at] === NONE && parent[at] !== NONE && open[at] === 0) {
      open[at] = 1;
      path.push(at);
      at = parent[at]!;
    }
    const end = root[at] === NONE ? at : root[at]!;
    root[at] = end;
    for (const passed of path) root[passed] = end;
  }
  return root;
}
