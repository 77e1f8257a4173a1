import { type Diagnostic, diagnostic } from '../../model/diagnostic.js';
import type { ObjectType, Provenance } from '../../model/provenance.js';
import type { Span } from '../../model/span.js';
import { commitLinks, parseTagTarget } from './commit-object.js';
import type { ObjectDatabase } from './object-database.js';
import { hexAt } from './object-format.js';
import { objectWhere } from './object-unit.js';
import { isFolder, isSubmodule, lineBefore, treeLines } from './tree-object.js';

/** What is said of an object that others name, and that is not there. */
export const NAMED_ONLY =
  'the repository names it but does not hold it: fetch it (partial clone) or repair with a full clone';

/** A partial clone may lack millions: so many are listed, the rest is counted. */
const LISTED = 1_000;

/** Collects what the objects of a database name and the database doesn't hold. */
export class MissingObjects {
  readonly #database: Pick<ObjectDatabase, 'format' | 'has'>;
  readonly #shallow: ReadonlySet<string>;
  readonly #missing = new Map<string, ObjectType>();

  /** @param shallow commits whose parents were left out on purpose. */
  constructor(database: Pick<ObjectDatabase, 'format' | 'has'>, shallow: ReadonlySet<string>) {
    this.#database = database;
    this.#shallow = shallow;
  }

  /**
   * Looks at what one object names; of a tree that is a delta, at the lines that its base didn't have.
   *
   * @param id asked for when it matters.
   */
  check(id: () => string | undefined, type: ObjectType, bytes: Uint8Array, fresh?: readonly Span[]): void {
    if (type === 'tree') this.#checkTree(bytes, fresh);
    else if (type === 'commit') this.#checkCommit(id, bytes);
    else if (type === 'tag') {
      const target = parseTagTarget(bytes);
      if (target !== undefined) this.checkId(target, 'commit');
    }
  }

  /** Takes in what the kernel found missing. */
  note(namer: () => string | undefined, id: string, type: ObjectType): void {
    if (type === 'commit' && this.#shallow.size > 0 && this.#shallow.has(namer() ?? '')) return;
    this.checkId(id, type);
  }

  checkId(id: string, type: ObjectType): void {
    if (id.length !== this.#database.format.bytes * 2 || /^0+$/.test(id)) return;
    if (!this.#database.has(Buffer.from(id, 'hex'))) this.#missing.set(id, type);
  }

  /** Called when everything was read: IDs of a pack without an index are only known then. */
  *diagnostics(repository: Provenance): Generator<Diagnostic> {
    let listed = 0;
    let more = 0;
    for (const [id, type] of this.#missing) {
      if (this.#database.has(Buffer.from(id, 'hex'))) continue;
      if (listed === LISTED) {
        more += 1;
        continue;
      }
      listed += 1;
      yield diagnostic(objectWhere(id, type, repository), 'missing_object', NAMED_ONLY);
    }
    if (more > 0) {
      yield diagnostic(repository, 'missing_object', `${more} more objects are missing: scan a full clone`);
    }
  }

  #checkCommit(id: () => string | undefined, bytes: Uint8Array): void {
    const { tree, parents } = commitLinks(bytes);
    this.checkId(tree, 'tree');
    if (this.#shallow.size > 0 && this.#shallow.has(id() ?? '')) return;
    for (const parent of parents) this.checkId(parent, 'commit');
  }

  #checkTree(bytes: Uint8Array, fresh: readonly Span[] | undefined): void {
    if (fresh === undefined) {
      this.#checkLines(bytes, 0, bytes.length);
      return;
    }
    for (const { start, end } of fresh) {
      const from = lineBefore(bytes, start, this.#database.format.bytes);
      // Where lines begin was found by their looks: what seems to be missing is looked up from the first line on.
      if (!this.#checkLines(bytes, from, end, from > 0)) {
        this.#checkLines(bytes, 0, bytes.length);
        return;
      }
    }
  }

  /** Looks at the lines from `from` until one begins after `to`; false when `doubtful` and something is not there. */
  #checkLines(bytes: Uint8Array, from: number, to: number, doubtful = false): boolean {
    const idBytes = this.#database.format.bytes;
    for (const { mode, idAt } of treeLines(bytes, idBytes, from)) {
      if (!isSubmodule(mode) && !this.#database.has(bytes, idAt)) {
        if (doubtful) return false;
        this.#missing.set(hexAt(bytes, idAt, idBytes), isFolder(mode) ? 'tree' : 'blob');
      }
      if (idAt + idBytes > to) break;
    }
    return true;
  }
}
