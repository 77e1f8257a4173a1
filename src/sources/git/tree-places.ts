import { type TreeLines, UNTOLD, WHOLE } from './tree-lines.js';

/** Paths of one object in one tree: further ones are not followed. A tree may unfold to more paths than there are atoms. */
const PATHS = 1_000;
/** What is kept in all: lines and places of distinct trees. */
const KEPT = 64 * 1024 ** 2;

/** The wanted objects are held in more ways than can be kept apart. */
export class TooManyPlaces extends Error {
  override readonly name = 'TooManyPlaces';
}

/** The group of trees that hold nothing. */
export const NOTHING = 0;

const IN_PROGRESS = -2;
const UNKNOWN = -1;

/** A line that leads to something wanted: number and label as in {@link TreeLines}. */
interface Line {
  readonly child: number;
  readonly label: number;
}

/** One step of a path. */
interface Step {
  readonly label: number;
  /** The place below, or -1. */
  readonly below: number;
  readonly wanted: number;
}

/**
 * Which trees hold wanted objects, and where. Trees that hold the same at the same paths mostly are of one group, so
 * that what is asked of a commit is mostly answered by that of its parent. Only trees that may hold one are looked at.
 */
export class TreePlaces {
  readonly #trees: TreeLines;
  readonly #wanted: ReadonlySet<number>;
  /** Whether a tree may hold a wanted object, at any depth. */
  readonly #hot: Uint8Array;
  readonly #groups: Int32Array;
  readonly #lists = new Map<number, readonly Line[]>();
  readonly #groupLines: (readonly Line[])[] = [[]];
  readonly #groupNumbers = new Map<string, number>([['', NOTHING]]);
  readonly #places: (readonly number[] | undefined)[] = [[]];
  readonly #steps: Step[] = [];
  readonly #stepNumbers = new Map<string, number>();
  #kept = 0;

  /** @param wanted their numbers. */
  constructor(trees: TreeLines, wanted: Iterable<number>) {
    this.#trees = trees;
    this.#wanted = new Set(wanted);
    this.#hot = hotTrees(trees, this.#wanted);
    this.#groups = new Int32Array(trees.ids.size).fill(UNKNOWN);
  }

  /**
   * The group of a tree by its number; {@link NOTHING} where it holds nothing.
   * @throws {TooManyPlaces}
   */
  groupOf(root: number): number {
    if (root < 0 || this.#hot[root] !== 1) return NOTHING;
    const open = [root];
    for (let tree = open.at(-1); tree !== undefined; tree = open.at(-1)) {
      if (this.#groups[tree]! >= 0) {
        open.pop();
        continue;
      }
      // A tree can't hold itself unless an index lies: then its inside counts as nothing.
      const needed = this.#groups[tree] === IN_PROGRESS ? [] : this.#needs(tree);
      this.#groups[tree] = IN_PROGRESS;
      for (const other of needed) open.push(other);
      if (needed.length > 0) continue;
      this.#evaluate(tree);
      open.pop();
    }
    return this.#groups[root]!;
  }

  /** The places that a group's trees hold. */
  placesIn(group: number): readonly number[] {
    const open = [group];
    for (let at = open.at(-1); at !== undefined; at = open.at(-1)) {
      const below = this.#groupLines[at]!.map(({ child }) => Math.max(NOTHING, this.#groups[child]!));
      const needed = below.filter((other) => this.#places[other] === undefined);
      if (this.#places[at] === undefined && needed.length === 0) {
        this.#places[at] = this.#placesOf(this.#groupLines[at]!);
      }
      if (this.#places[at] !== undefined) open.pop();
      for (const other of needed) open.push(other);
    }
    return this.#places[group]!;
  }

  /** The number of the wanted object at a place. */
  wantedAt(place: number): number {
    return this.#steps[place]!.wanted;
  }

  /** Whether what stands at a place is a folder. */
  isFolderAt(place: number): boolean {
    let step = this.#steps[place]!;
    while (step.below >= 0) step = this.#steps[step.below]!;
    return (step.label & 1) === 1;
  }

  pathAt(place: number): string {
    const names: string[] = [];
    for (let at = place; at >= 0; at = this.#steps[at]!.below) {
      names.push(this.#trees.nameOf(this.#steps[at]!.label));
    }
    return names.join('/');
  }

  /** What has to be known before a tree is: what it was built on, and what it holds. */
  #needs(tree: number): number[] {
    const { children } = this.#trees;
    const needed: number[] = [];
    const add = (other: number) => {
      if (this.#hot[other] === 1 && this.#groups[other] === UNKNOWN) needed.push(other);
    };
    const base = this.#trees.baseOf(tree);
    if (base >= 0) add(base);
    const row = this.#trees.rowOf(tree);
    const end = this.#trees.endOf(row);
    for (let at = this.#trees.begins.values[row]!; at < end; at++) {
      if (children.values[at]! >= 0) add(children.values[at]!);
    }
    return needed;
  }

  #evaluate(tree: number): void {
    const base = this.#trees.baseOf(tree);
    const before = base >= 0 ? (this.#lists.get(base) ?? []) : [];
    const { added, removed } = this.#changes(tree);
    if (added.length === 0 && removed.length === 0) {
      this.#lists.set(tree, before);
      this.#groups[tree] = base >= 0 && this.#groups[base]! > 0 ? this.#groups[base]! : NOTHING;
      return;
    }
    const lines: (Line | undefined)[] = [...before];
    for (const gone of removed) {
      const at = lines.findIndex((line) => line?.child === gone.child && line.label === gone.label);
      if (at < 0) continue;
      // What changed stays in its place, so that trees that differ in nothing else are of one group.
      const instead = added.findIndex(({ label }) => label === gone.label);
      lines[at] = instead < 0 ? undefined : added.splice(instead, 1)[0];
    }
    const list = [...lines.filter((line) => line !== undefined), ...added];
    this.#keep(list.length);
    this.#lists.set(tree, list);
    this.#groups[tree] = this.#groupWith(list);
  }

  /** The lines that lead to something wanted which a tree has and its base hasn't, and the other way round. */
  #changes(tree: number): { added: Line[]; removed: Line[] } {
    const { children, labels, begins } = this.#trees;
    const row = this.#trees.rowOf(tree);
    const added: Line[] = [];
    const removed: Line[] = [];
    const end = this.#trees.endOf(row);
    for (let at = begins.values[row]!; at < end; at++) {
      const value = children.values[at]!;
      const child = value < 0 ? ~value : value;
      if (!this.#leads(child)) continue;
      (value < 0 ? removed : added).push({ child, label: labels.values[at]! });
    }
    return { added, removed };
  }

  #leads(child: number): boolean {
    return this.#hot[child] === 1 || this.#wanted.has(child);
  }

  #groupWith(lines: readonly Line[]): number {
    const key = lines
      .filter(({ child }) => this.#wanted.has(child) || this.#groups[child]! > 0)
      .map(({ child, label }) =>
        this.#wanted.has(child) ? `${label}=${child}` : `${label}/${this.#groups[child]}`,
      )
      .join();
    const known = this.#groupNumbers.get(key);
    if (known !== undefined) return known;
    const group = this.#groupLines.push(lines) - 1;
    this.#groupNumbers.set(key, group);
    this.#places.push(undefined);
    return group;
  }

  #placesOf(lines: readonly Line[]): number[] {
    const places: number[] = [];
    const paths = new Map<number, number>();
    const add = (label: number, below: number, wanted: number) => {
      const count = (paths.get(wanted) ?? 0) + 1;
      paths.set(wanted, count);
      if (count <= PATHS) places.push(this.#stepTo(label, below, wanted));
    };
    for (const { child, label } of lines) {
      if (this.#wanted.has(child)) add(label, -1, child);
      const group = this.#groups[child]!;
      for (const below of group > 0 ? this.#places[group]! : []) {
        add(label, below, this.#steps[below]!.wanted);
      }
    }
    this.#keep(places.length);
    return places;
  }

  #stepTo(label: number, below: number, wanted: number): number {
    const key = below < 0 ? `${label}=${wanted}` : `${label}/${below}`;
    const known = this.#stepNumbers.get(key);
    if (known !== undefined) return known;
    const step = this.#steps.push({ label, below, wanted }) - 1;
    this.#stepNumbers.set(key, step);
    return step;
  }

  #keep(count: number): void {
    this.#kept += count + 1;
    if (this.#kept > KEPT) throw new TooManyPlaces('more places than can be kept');
  }
}

/** The trees that may hold one of `wanted`, by a walk from those upwards. Of lines that are gone again, it knows nothing. */
function hotTrees(trees: TreeLines, wanted: ReadonlySet<number>): Uint8Array {
  const { told, begins, children } = trees;
  const count = trees.ids.size;
  const hot = new Uint8Array(count);
  // Whose lines name an object stands behind each other for each; what was built on a tree follows in a chain.
  const starts = new Uint32Array(count + 1);
  for (let at = 0; at < children.length; at++)
    if (children.values[at]! >= 0) starts[children.values[at]! + 1]! += 1;
  for (let number = 0; number < count; number++) starts[number + 1]! += starts[number]!;
  const holders = new Int32Array(starts[count]!);
  const filled = starts.slice();
  const firstOn = new Int32Array(count).fill(UNTOLD);
  const nextOn = new Int32Array(count).fill(UNTOLD);
  for (let row = 0; row < told.length; row++) {
    const tree = told.values[row]!;
    const end = trees.endOf(row);
    for (let at = begins.values[row]!; at < end; at++) {
      const child = children.values[at]!;
      if (child >= 0) holders[filled[child]!++] = tree;
    }
    const base = trees.baseOf(tree);
    if (base === WHOLE) continue;
    nextOn[tree] = firstOn[base]!;
    firstOn[base] = tree;
  }
  const open: number[] = [];
  const heat = (tree: number) => {
    if (hot[tree] === 1) return;
    hot[tree] = 1;
    open.push(tree);
  };
  const heatHoldersOf = (number: number) => {
    for (let at = starts[number]!; at < starts[number + 1]!; at++) heat(holders[at]!);
  };
  for (const number of wanted) heatHoldersOf(number);
  for (let tree = open.pop(); tree !== undefined; tree = open.pop()) {
    heatHoldersOf(tree);
    for (let on = firstOn[tree]!; on !== UNTOLD; on = nextOn[on]!) heat(on);
  }
  return hot;
}
