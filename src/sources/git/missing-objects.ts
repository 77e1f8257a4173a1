import { type Diagnostic, diagnostic } from '../../model/diagnostic.js';
import type { ObjectType, Provenance } from '../../model/provenance.js';
import { parseCommit, parseTagTarget } from './commit-object.js';
import type { ObjectDatabase } from './object-database.js';
import { hexAt } from './object-format.js';
import { objectWhere } from './object-unit.js';
import { isFolder, isSubmodule, treeLines } from './tree-object.js';

/** A partial clone may lack millions: so many are listed, the rest is counted. */
const LISTED = 1_000;

/** Collects what the objects of a database name and the database doesn't hold. */
export class MissingObjects {
  readonly #database: ObjectDatabase;
  readonly #shallow: ReadonlySet<string>;
  readonly #missing = new Map<string, ObjectType>();

  /** @param shallow commits whose parents were left out on purpose. */
  constructor(database: ObjectDatabase, shallow: ReadonlySet<string>) {
    this.#database = database;
    this.#shallow = shallow;
  }

  /** Looks at what one object names. */
  check(id: string | undefined, type: ObjectType, bytes: Uint8Array): void {
    if (type === 'tree') this.#checkTree(bytes);
    else if (type === 'commit') this.#checkCommit(id, bytes);
    else if (type === 'tag') {
      const target = parseTagTarget(bytes);
      if (target !== undefined) this.checkId(target, 'commit');
    }
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
      const detail =
        'the repository names it but does not hold it: fetch it (partial clone) or repair with a full clone';
      yield diagnostic(objectWhere(id, type, repository), 'missing_object', detail);
    }
    if (more > 0) {
      yield diagnostic(repository, 'missing_object', `${more} more objects are missing: scan a full clone`);
    }
  }

  #checkCommit(id: string | undefined, bytes: Uint8Array): void {
    const { tree, parents } = parseCommit(bytes);
    this.checkId(tree, 'tree');
    if (id !== undefined && this.#shallow.has(id)) return;
    for (const parent of parents) this.checkId(parent, 'commit');
  }

  #checkTree(bytes: Uint8Array): void {
    const idBytes = this.#database.format.bytes;
    for (const { mode, idAt } of treeLines(bytes, idBytes)) {
      if (isSubmodule(mode) || this.#database.has(bytes, idAt)) continue;
      this.#missing.set(hexAt(bytes, idAt, idBytes), isFolder(mode) ? 'tree' : 'blob');
    }
  }
}
