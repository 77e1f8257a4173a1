import { createHash } from 'node:crypto';
import type { ObjectType } from '../../model/provenance.js';
import type { ObjectDatabase } from './object-database.js';

/** Object IDs in their order, one behind the other. */
export interface IdList {
  readonly bytes: Uint8Array;
  readonly count: number;
  /** What they have to add up to, where they come from a file. */
  readonly sha256?: string;
}

/** What earlier runs have scanned of one repository. */
export class RepositoryMemory {
  readonly packs: readonly string[];
  readonly lists: readonly IdList[];
  readonly idBytes: number;
  /** Objects that are read in every run: something was found in them, or they were not read whole. */
  held: ReadonlyMap<string, ObjectType> = new Map();
  /** Objects that something names and that were not there. */
  lacking: ReadonlyMap<string, ObjectType> = new Map();
  readonly #packs: ReadonlySet<string>;
  #trusted: boolean | undefined;

  constructor(packs: readonly string[], lists: readonly IdList[], idBytes: number) {
    this.packs = packs;
    this.lists = lists;
    this.idBytes = idBytes;
    this.#packs = new Set(packs);
  }

  /** Whether a whole pack was scanned. */
  knowsPack(identity: string): boolean {
    return this.#packs.has(identity);
  }

  /** Whether an object was scanned. */
  has(id: Uint8Array, at = 0): boolean {
    return this.lists.some((list) => isIn(list, id, at, this.idBytes));
  }

  /** False when objects were missing and new ones came: what names them is looked at again. */
  isUsable({ packs, loose }: ObjectDatabase): boolean {
    const unknown = packs.some((pack) => !this.knowsPack(pack.identity));
    const fresh = () => loose.some(({ id }) => id !== undefined && !this.has(Buffer.from(id, 'hex')));
    if ((unknown || loose.length > 0) && !this.#areTrusted()) return false;
    return this.lacking.size === 0 || !(unknown || fresh());
  }

  equals(other: RepositoryMemory): boolean {
    return (
      sameKeys(this.#packs, other.#packs) &&
      sameKeys(this.held, other.held) &&
      sameKeys(this.lacking, other.lacking) &&
      this.lists.length === other.lists.length &&
      this.lists.every(({ count, bytes }, index) => {
        const list = other.lists[index]!;
        return count === list.count && Buffer.compare(bytes, list.bytes) === 0;
      })
    );
  }

  /** The IDs are looked at only when they are needed: of an unchanged repository that is never. */
  #areTrusted(): boolean {
    this.#trusted ??= this.lists.every(
      ({ bytes, sha256 }) =>
        sha256 === undefined || createHash('sha256').update(bytes).digest('hex') === sha256,
    );
    return this.#trusted;
  }
}

/** The IDs that the indexes and the loose files of a database name. */
export function idLists(database: ObjectDatabase): IdList[] {
  const { bytes: length } = database.format;
  return database.ids().flatMap(({ bytes, count, step }) => {
    if (count === 0) return [];
    const list = Buffer.alloc(count * length);
    const rows = Array.from({ length: step === length ? 0 : count }, (_, row) => row);
    if (step === length) list.set(bytes.subarray(0, count * length));
    for (const row of rows) list.set(bytes.subarray(row * step, row * step + length), row * length);
    return [{ bytes: list, count }];
  });
}

function isIn({ bytes, count }: IdList, id: Uint8Array, at: number, length: number): boolean {
  let low = 0;
  let high = count - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const order = compare(bytes, middle * length, id, at, length);
    if (order === 0) return true;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

function compare(some: Uint8Array, from: number, other: Uint8Array, at: number, length: number): number {
  for (let index = 0; index < length; index++) {
    const order = some[from + index]! - other[at + index]!;
    if (order !== 0) return order;
  }
  return 0;
}

type Keys = { readonly size: number; has(key: string): boolean; keys(): Iterable<string> };

function sameKeys(some: Keys, others: Keys): boolean {
  return some.size === others.size && [...some.keys()].every((key) => others.has(key));
}
