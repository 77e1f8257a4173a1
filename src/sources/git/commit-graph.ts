import { type Commit, parseTagTarget } from './commit-object.js';
import type { ObjectDatabase } from './object-database.js';
import type { Ref } from './refs.js';

/** Names that git keeps objects for: `ORIG_HEAD`, `FETCH_HEAD` and their like only remember. */
const ROOT = /(?:^|\/)(?:HEAD$|refs\/)/;

/** Whether a ref keeps what it names. */
export function isRoot(name: string): boolean {
  return ROOT.test(name);
}

/** Every commit of a database, whether a ref leads to it or not, and what leads where. */
export class CommitGraph {
  readonly commits: ReadonlyMap<string, Commit>;
  /** Commits, tags and whatever else refs name directly, as far as refs lead. */
  readonly reachable: ReadonlySet<string>;
  /** All commits, parents before children, those of refs first; otherwise by the committer's clock. */
  readonly order: readonly string[];
  readonly #positions = new Map<string, number>();
  /** The positions of all parents in one list, and where those of each commit begin. */
  readonly #parents: Int32Array;
  readonly #begins: Int32Array;

  constructor(database: ObjectDatabase, commits: ReadonlyMap<string, Commit>, refs: readonly Ref[]) {
    this.commits = commits;
    this.reachable = this.#reach(database, refs);
    this.order = this.#inOrder();
    this.order.forEach((id, at) => {
      this.#positions.set(id, at);
    });
    this.#begins = new Int32Array(this.order.length + 1);
    const parents: number[] = [];
    this.order.forEach((id, at) => {
      for (const parent of commits.get(id)!.parents) {
        const position = this.#positions.get(parent);
        // Only a hash that is broken gives a commit a parent that comes after it.
        if (position !== undefined && position < at) parents.push(position);
      }
      this.#begins[at + 1] = parents.length;
    });
    this.#parents = Int32Array.from(parents);
  }

  /** Where a commit stands in {@link order}, or -1. */
  positionOf(id: string): number {
    return this.#positions.get(id) ?? -1;
  }

  at(position: number): Commit {
    return this.commits.get(this.order[position]!)!;
  }

  parentsAt(position: number): number[] {
    return [...this.#parents.subarray(this.#begins[position]!, this.#begins[position + 1]!)];
  }

  /** Gives each commit the bits of all that lie before it. */
  carry(bits: Int32Array): void {
    for (let at = 0; at < bits.length; at++) {
      let all = bits[at]!;
      for (let edge = this.#begins[at]!; edge < this.#begins[at + 1]!; edge++) {
        all |= bits[this.#parents[edge]!]!;
      }
      bits[at] = all;
    }
  }

  /** The commits that `ids` name, and all that lie before those. */
  before(ids: readonly string[]): ReadonlySet<string> {
    const found = new Set<string>();
    const open = [...ids];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (found.has(id)) continue;
      found.add(id);
      open.push(...(this.commits.get(id)?.parents ?? []));
    }
    return found;
  }

  #inOrder(): readonly string[] {
    const byTime = [...this.commits.keys()].sort((a, b) => {
      const reached = Number(this.reachable.has(b)) - Number(this.reachable.has(a));
      return reached !== 0 ? reached : this.commits.get(a)!.time - this.commits.get(b)!.time;
    });
    const ordered = new Set<string>();
    for (const start of byTime) {
      const stack = [start];
      for (let id = stack.at(-1); id !== undefined; id = stack.at(-1)) {
        const next = ordered.has(id)
          ? undefined
          : this.commits.get(id)?.parents.find((parent) => this.commits.has(parent) && !ordered.has(parent));
        if (next === undefined) {
          stack.pop();
          ordered.add(id);
        } else {
          stack.push(next);
        }
      }
    }
    return [...ordered];
  }

  #reach(database: ObjectDatabase, refs: readonly Ref[]): Set<string> {
    const reachable = new Set<string>();
    const open = refs.flatMap(({ name, target }) =>
      target !== undefined && ROOT.test(name) ? [target] : [],
    );
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (reachable.has(id)) continue;
      reachable.add(id);
      const commit = this.commits.get(id);
      if (commit !== undefined) {
        open.push(...commit.parents);
        continue;
      }
      const tag = database.tryRead(id, 'tag');
      const target = tag === undefined ? undefined : parseTagTarget(tag);
      if (target !== undefined) open.push(target);
    }
    return reachable;
  }
}
