import { type Commit, parseTagTarget } from './commit-object.js';
import type { ObjectDatabase } from './object-database.js';
import type { Ref } from './refs.js';

/** Names that git keeps objects for: `ORIG_HEAD`, `FETCH_HEAD` and their like only remember. */
const ROOT = /(?:^|\/)(?:HEAD$|refs\/)/;

/** Every commit of a database, whether a ref leads to it or not, and what leads where. */
export class CommitGraph {
  readonly commits: ReadonlyMap<string, Commit>;
  /** Commits, tags and whatever else refs name directly, as far as refs lead. */
  readonly reachable: ReadonlySet<string>;

  constructor(database: ObjectDatabase, commits: ReadonlyMap<string, Commit>, refs: readonly Ref[]) {
    this.commits = commits;
    this.reachable = this.#reach(database, refs);
  }

  /** All commits, parents before children, those of refs first; otherwise by the committer's clock. */
  order(): readonly string[] {
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
