import { diagnostic } from '../../model/diagnostic.js';
import type { ObjectType } from '../../model/provenance.js';
import type { ScanItem, Source } from '../../model/source.js';
import { RepositoryAttributor } from './attribution.js';
import { BranchPast } from './branch-past.js';
import { commitLinks, parseTagTarget } from './commit-object.js';
import type { ObjectDatabase } from './object-database.js';
import { objectItem } from './object-item.js';
import { objectWhere } from './object-unit.js';
import { openDatabase } from './open-database.js';
import { joinPath, readPlainText } from './plain-file.js';
import { readHolders } from './reflogs.js';
import { Refs } from './refs.js';
import type { RepositoryOptions } from './repository-source.js';
import { resolveRevision } from './revision.js';
import { idOfLine, isFolder, isSubmodule, treeLines } from './tree-object.js';

/** The commits that lead to `to` (`HEAD` when absent) and not to `from`. */
export interface Range {
  readonly from: string;
  readonly to?: string;
}

/**
 * Everything that a range of commits brings in: the commits, and of their trees and blobs what no parent of theirs has
 * at the same path. A merge is held against all of its parents, so what only the merge brings in is there.
 */
export class RangeSource implements Source {
  readonly #options: Omit<RepositoryOptions, 'share' | 'screening'>;
  readonly #database: ObjectDatabase;
  readonly #commonDir: string;
  readonly #refs: Refs;
  readonly #range: { readonly from: string; readonly to: string };

  /** @throws {UnknownRevision} */
  constructor(options: Omit<RepositoryOptions, 'share' | 'screening'>, { from, to = 'HEAD' }: Range) {
    const { tree, gitDir, budget } = options;
    const { database, commonDir } = openDatabase(tree, gitDir, budget.limits.memory);
    this.#options = options;
    this.#database = database;
    this.#commonDir = commonDir;
    this.#refs = new Refs(tree, gitDir, commonDir);
    const past = new BranchPast(tree, gitDir, commonDir, this.#refs);
    this.#range = {
      from: resolveRevision(database, this.#refs, past, from),
      to: resolveRevision(database, this.#refs, past, to),
    };
  }

  async *units(): AsyncGenerator<ScanItem> {
    yield* this.items();
  }

  *items(): Generator<ScanItem> {
    const { tree, gitDir, where, budget } = this.#options;
    const database = this.#database;
    const beside = {
      refs: () => this.#refs.all(),
      holders: () => readHolders(tree, gitDir, this.#commonDir, database.format),
    };
    const attributor = new RepositoryAttributor(database, beside, where);
    for (const [id, type] of this.#objects()) {
      if (database.has(Buffer.from(id, 'hex'))) {
        yield* objectItem(id, type, { database, budget, where, attributor });
      } else {
        const detail = 'the range names it but the repository does not hold it: fetch it';
        yield diagnostic(objectWhere(id, type, where), 'missing_object', detail);
      }
    }
  }

  close(): void {
    this.#database.close();
  }

  /** Each object once, with the type that whoever names it expects. */
  *#objects(): Generator<[id: string, type: ObjectType]> {
    const before = this.#leadingTo(this.#range.from, new Set());
    const seen = new Set<string>();
    const looked = new Set<string>();
    for (const { name, target } of this.#refs.all()) {
      if (target === undefined || !name.includes('refs/') || looked.has(target)) continue;
      looked.add(target);
      const tag = this.#database.tryRead(target, 'tag');
      if (tag === undefined || parseTagTarget(tag) !== this.#range.to) continue;
      seen.add(target);
      yield [target, 'tag'];
    }
    const shallow = new Set(
      (readPlainText(this.#options.tree, joinPath(this.#commonDir, 'shallow')) ?? '').split('\n'),
    );
    for (const commit of this.#leadingTo(this.#range.to, before)) {
      yield [commit, 'commit'];
      const { tree, parents } = this.#links(commit);
      const known = (shallow.has(commit) ? [] : parents).map((parent) => this.#links(parent).tree);
      yield* this.#brought(tree, known, seen);
    }
  }

  /** What a tree holds and none of `known`, trees at the same path, does. */
  *#brought(
    root: string,
    known: readonly string[],
    seen: Set<string>,
  ): Generator<[id: string, type: ObjectType]> {
    const open = [{ tree: root, known }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next.tree === '' || next.known.includes(next.tree) || seen.has(next.tree)) continue;
      seen.add(next.tree);
      yield [next.tree, 'tree'];
      const others = next.known.map((tree) => this.#namesIn(tree));
      for (const [name, { id, folder }] of this.#namesIn(next.tree)) {
        const before = others.flatMap((names) => names.get(name)?.id ?? []);
        if (folder) open.push({ tree: id, known: before });
        else if (!before.includes(id) && !seen.has(id)) {
          seen.add(id);
          yield [id, 'blob'];
        }
      }
    }
  }

  #namesIn(tree: string): Map<string, { id: string; folder: boolean }> {
    const names = new Map<string, { id: string; folder: boolean }>();
    const bytes = this.#database.tryRead(tree, 'tree') ?? new Uint8Array();
    const length = this.#database.format.bytes;
    for (const line of treeLines(bytes, length)) {
      if (isSubmodule(line.mode)) continue;
      const id = idOfLine(bytes, line, length);
      names.set(Buffer.from(line.name).toString('latin1'), { id, folder: isFolder(line.mode) });
    }
    return names;
  }

  #leadingTo(id: string, without: ReadonlySet<string>): Set<string> {
    const found = new Set<string>();
    const open = [id];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (found.has(at) || without.has(at)) continue;
      found.add(at);
      open.push(
        ...this.#links(at).parents.filter((parent) => this.#database.has(Buffer.from(parent, 'hex'))),
      );
    }
    return found;
  }

  #links(id: string): { readonly tree: string; readonly parents: readonly string[] } {
    const bytes = this.#database.tryRead(id, 'commit');
    return bytes === undefined ? { tree: '', parents: [] } : commitLinks(bytes);
  }
}
