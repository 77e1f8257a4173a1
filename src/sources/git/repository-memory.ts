import { createHash } from 'node:crypto';
import type { Diagnostic } from '../../model/diagnostic.js';
import type { ObjectType, Provenance } from '../../model/provenance.js';
import { NAMED_ONLY } from './missing-objects.js';
import type { ObjectDatabase } from './object-database.js';
import type { IdRun } from './pack-screen.js';

/** Object IDs in their order, one behind the other. */
export interface IdList {
  readonly count: number;
  /** What they have to add up to. */
  readonly sha256: string;
  /** Reads them; undefined where they are not what they have to be. */
  read(): Uint8Array | undefined;
}

/** What the objects of a repository and the refs that lead to them were, as digests. */
export interface Setting {
  readonly store: string | undefined;
  readonly refs: string;
}

/** What earlier runs have scanned of one repository. */
export class RepositoryMemory {
  readonly setting: Setting;
  readonly packs: readonly string[];
  readonly lists: readonly IdList[];
  readonly idBytes: number;
  /** Objects that are read in every run: something was found in them, or they were not read whole. */
  held: ReadonlyMap<string, ObjectType> = new Map();
  /** Objects that something names and that were not there. */
  lacking: ReadonlyMap<string, ObjectType> = new Map();
  /** What was said of objects that were not read whole: it would be said of them again. */
  said: readonly Diagnostic[] = [];
  /** Whether what was missing kept others from being read. */
  blocked = false;
  /** Where what was found lies, by object, as long as objects, refs, reflogs and indexes are what they were. */
  places: { readonly setting: string; readonly of: ReadonlyMap<string, readonly Provenance[]> } | undefined;
  readonly #packs: ReadonlySet<string>;
  #ids: readonly Uint8Array[] | undefined;
  #damaged = false;

  constructor(setting: Setting, packs: readonly string[], lists: readonly IdList[], idBytes: number) {
    this.setting = setting;
    this.packs = packs;
    this.lists = lists;
    this.idBytes = idBytes;
    this.#packs = new Set(packs);
  }

  /** Whether the IDs were asked for and are not what they have to be. */
  get damaged(): boolean {
    return this.#damaged;
  }

  /** Whether nothing has changed: then not even the indexes of packs have to be read. */
  fits({ store, refs }: Setting): boolean {
    return store !== undefined && store === this.setting.store && refs === this.setting.refs;
  }

  /** Whether a whole pack was scanned. */
  knowsPack(identity: string): boolean {
    return this.#packs.has(identity);
  }

  /** Whether an object was scanned. */
  has(id: Uint8Array, at = 0): boolean {
    return this.#lists().some((list) => isIn(list, id, at, this.idBytes));
  }

  /** The rows of `run` that were not scanned: both stand in order, so that one pass over both tells. */
  *unknownRows({ bytes, count, step }: IdRun): Generator<number> {
    const lists = this.#lists();
    const places = lists.map(() => 0);
    for (let row = 0; row < count; row++) {
      let known = false;
      for (let which = 0; which < lists.length && !known; which++) {
        const list = lists[which]!;
        let at = places[which]!;
        let order = -1;
        while (at < list.length) {
          order = compare(list, at, bytes, row * step, this.idBytes);
          if (order >= 0) break;
          at += this.idBytes;
        }
        places[which] = at;
        known = order === 0;
      }
      // An index that is out of order makes the passes go by: what seems new is looked up.
      if (!known && !this.has(bytes, row * step)) yield row;
    }
  }

  /**
   * False when the IDs are damaged, when what something was found in is gone, and when objects that others were built on
   * were missing and new ones came: those others are looked at again.
   */
  isUsable(database: ObjectDatabase): boolean {
    const { packs, loose } = database;
    // Only who reads all trees can tell whether what something was found in was pruned, or is missing.
    if ([...this.held.keys()].some((id) => !database.has(Buffer.from(id, 'hex')))) return false;
    const unknown = packs.some((pack) => !this.knowsPack(pack.identity));
    if (!unknown && loose.length === 0) return true;
    this.#lists();
    if (this.#damaged) return false;
    const fresh = () => loose.some(({ id }) => id !== undefined && !this.has(Buffer.from(id, 'hex')));
    return !this.blocked || !(unknown || fresh());
  }

  #lists(): readonly Uint8Array[] {
    if (this.#ids === undefined) {
      const read = this.lists.map((list) => list.read());
      this.#damaged = read.includes(undefined);
      this.#ids = this.#damaged ? [] : (read as Uint8Array[]);
    }
    return this.#ids;
  }
}

/** The IDs that the indexes and the loose files of a database name. */
export function idLists(database: ObjectDatabase): IdList[] {
  const { bytes: length } = database.format;
  return database.ids().flatMap(({ bytes, count, step }) => {
    if (count === 0) return [];
    let list: Uint8Array = bytes.subarray(0, count * length);
    if (step !== length) {
      list = Buffer.alloc(count * length);
      for (let row = 0; row < count; row++) {
        list.set(bytes.subarray(row * step, row * step + length), row * length);
      }
    }
    return [{ count, sha256: createHash('sha256').update(list).digest('hex'), read: () => list }];
  });
}

/** Whether a missing object only is one that another names, and nothing was kept from being read. */
export function isNamedOnly({ detail }: Diagnostic): boolean {
  return detail === NAMED_ONLY;
}

function isIn(list: Uint8Array, id: Uint8Array, at: number, length: number): boolean {
  let low = 0;
  let high = list.length / length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const order = compare(list, middle * length, id, at, length);
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
