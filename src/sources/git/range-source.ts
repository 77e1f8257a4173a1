import { diagnostic } from '../../model/diagnostic.js';
import type { ObjectType } from '../../model/provenance.js';
import type { ScanItem, Source } from '../../model/source.js';
import { joinPath } from '../file-tree.js';
import { RepositoryAttributor } from './attribution.js';
import { BranchPast } from './branch-past.js';
import { commitLinks, parseTagTarget } from './commit-object.js';
import { type LfsStore, lfsItems } from './lfs.js';
import type { ObjectDatabase } from './object-database.js';
import { objectItem } from './object-item.js';
import { objectWhere } from './object-unit.js';
import { openDatabase } from './open-database.js';
import { readPlainText } from './plain-file.js';
import { readHolders } from './reflogs.js';
import { Refs } from './refs.js';
import type { RepositoryOptions } from './repository-source.js';
import { resolveRevision } from './revision.js';
import { idOfLine, isFolder, isSubmodule, isWholeTree, treeLines } from './tree-object.js';

/** The commits that lead to `to` (`HEAD` when absent) and not to `from`. */
export interface Range {
  readonly from: string;
  readonly to?: string;
}

/** What a tree names. Nothing keeps a crafted one from giving a name twice. */
interface Entry {
  readonly name: string;
  readonly id: string;
  readonly folder: boolean;
}

const LACKING = 'the range names it but the repository does not hold it: fetch it';
const CUT_OFF = 'the range goes on there but the repository does not hold it: fetch it (fetch-depth: 0)';

/**
 * Everything that a range of commits brings in: the commits, and of their trees and blobs what no parent of theirs has
 * at the same path. A merge is held against all of its parents, so what only the merge brings in is there.
 */
export class RangeSource implements Source {
  readonly #options: Omit<RepositoryOptions, 'share' | 'screening'>;
  readonly #database: ObjectDatabase;
  readonly #lfs: LfsStore;
  readonly #commonDir: string;
  readonly #refs: Refs;
  readonly #range: { readonly from: string; readonly to: string };

  /** @throws {UnknownRevision} */
  constructor(options: Omit<RepositoryOptions, 'share' | 'screening'>, { from, to = 'HEAD' }: Range) {
    const { tree, gitDir, budget } = options;
    const { database, commonDir, lfs } = openDatabase(tree, gitDir, budget.limits.memory);
    this.#options = options;
    this.#database = database;
    this.#lfs = lfs;
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
      if (!database.has(Buffer.from(id, 'hex'))) {
        yield diagnostic(
          objectWhere(id, type, where),
          'missing_object',
          type === 'commit' ? CUT_OFF : LACKING,
        );
        continue;
      }
      const object = yield* objectItem(id, type, { database, budget, where, attributor });
      if (object?.type === 'blob') {
        yield* lfsItems(object.bytes, objectWhere(id, 'blob', where), this.#lfs, attributor);
      }
      if (object?.type === 'tree' && !isWholeTree(object.bytes, database.format.bytes)) {
        const detail = 'has a line that git does not write: what it names from there on was not read';
        yield diagnostic(objectWhere(id, 'tree', where), 'corrupt', detail);
      }
    }
  }

  close(): void {
    this.#database.close();
  }

  /** Each object once, with the type that whoever names it expects. */
  *#objects(): Generator<[id: string, type: ObjectType]> {
    const before = this.#leadingTo(this.#range.from, new Set());
    const seen = new Seen();
    const looked = new Set<string>();
    for (const { name, target } of this.#refs.all()) {
      if (target === undefined || !name.includes('refs/') || looked.has(target)) continue;
      looked.add(target);
      const tag = this.#database.tryRead(target, 'tag');
      if (tag === undefined || parseTagTarget(tag) !== this.#range.to) continue;
      if (seen.first(target)) yield [target, 'tag'];
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
  *#brought(root: string, known: readonly string[], seen: Seen): Generator<[id: string, type: ObjectType]> {
    const open = [{ tree: root, known }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next.tree === '' || next.known.includes(next.tree)) continue;
      // What a tree brings in depends on what it is held against.
      if (!seen.first([next.tree, ...next.known].join(' '))) continue;
      if (seen.first(next.tree)) yield [next.tree, 'tree'];
      const others = next.known.map((tree) => idsByName(this.#entriesOf(tree)));
      for (const { name, id, folder } of this.#entriesOf(next.tree)) {
        const before = others.flatMap((names) => names.get(name) ?? []);
        if (folder) open.push({ tree: id, known: before });
        else if (!before.includes(id) && seen.first(id)) yield [id, 'blob'];
      }
    }
  }

  *#entriesOf(tree: string): Generator<Entry> {
    const bytes = this.#database.tryRead(tree, 'tree') ?? new Uint8Array();
    const length = this.#database.format.bytes;
    for (const line of treeLines(bytes, length)) {
      if (isSubmodule(line.mode)) continue;
      const name = Buffer.from(line.name).toString('latin1');
      yield { name, id: idOfLine(bytes, line, length), folder: isFolder(line.mode) };
    }
  }

  #leadingTo(id: string, without: ReadonlySet<string>): Set<string> {
    const found = new Set<string>();
    const open = [id];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (found.has(at) || without.has(at)) continue;
      found.add(at);
      open.push(...this.#links(at).parents);
    }
    return found;
  }

  #links(id: string): { readonly tree: string; readonly parents: readonly string[] } {
    const bytes = this.#database.tryRead(id, 'commit');
    return bytes === undefined ? { tree: '', parents: [] } : commitLinks(bytes);
  }
}

function idsByName(entries: Iterable<Entry>): ReadonlyMap<string, readonly string[]> {
  const ids = new Map<string, string[]>();
  for (const { name, id } of entries) {
    const known = ids.get(name);
    if (known === undefined) ids.set(name, [id]);
    else known.push(id);
  }
  return ids;
}

/** What was come by before. */
class Seen {
  readonly #known = new Set<string>();

  first(what: string): boolean {
    const { size } = this.#known;
    return this.#known.add(what).size > size;
  }
}
