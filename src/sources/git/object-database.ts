import { type Diagnostic, diagnostic } from '../../model/diagnostic.js';
import type { ObjectType } from '../../model/provenance.js';
import { SourceFault } from '../../model/source.js';
import type { FileTree } from '../file-tree.js';
import { type BrokenPack, FolderScan, type LooseFile } from './folder-scan.js';
import { InflateFault } from './inflate.js';
import { LargeObject } from './large-object.js';
import { readLoose } from './loose-object.js';
import { ObjectCache, type StoredObject } from './object-cache.js';
import { hexAt, type ObjectFormat } from './object-format.js';
import type { IdRun } from './pack-screen.js';
import type { StoredPack } from './stored-pack.js';

const PRESENT = 2 * 65536;
const CACHE = 32 * 1024 ** 2;
/** How often the folders are read again in all for what git has moved meanwhile. */
const LOOKS = 4;

/** All the objects of a repository: packs and loose files of its own and of its alternates. */
export class ObjectDatabase {
  readonly tree: FileTree;
  readonly format: ObjectFormat;
  readonly packs: readonly StoredPack[];
  readonly loose: readonly LooseFile[];
  readonly broken: readonly BrokenPack[];
  /** Indexes without packs. */
  readonly orphans: readonly string[];
  /** What could not be opened. */
  readonly faults: readonly Diagnostic[];
  /** Bytes of the largest object that is read whole. */
  readonly largest: number;
  readonly #folders: readonly string[];
  readonly #looseById = new Map<string, string>();
  /** Paths of the packs that are open. */
  readonly #opened = new Set<string>();
  /** Packs that git has made since the folders were read. */
  readonly #arrived: StoredPack[] = [];
  #looks = LOOKS;
  readonly #cache = new ObjectCache(CACHE);
  /** IDs that were found lately, ten bytes of each: neighbouring trees name the same objects. */
  readonly #present = new Uint32Array(PRESENT);

  /** @param expected the format by the configuration; what the files say goes before it. */
  constructor(tree: FileTree, folders: readonly string[], expected: ObjectFormat, largest: number) {
    this.tree = tree;
    this.largest = largest;
    this.#folders = folders;
    let scan = new FolderScan(tree, expected, folders, this.#opened);
    // A pack that was gone before it was opened has become part of another one, which was not there to be listed.
    while (scan.lost && --this.#looks > 0) {
      for (const pack of scan.packs) pack.file.close();
      this.#opened.clear();
      scan = new FolderScan(tree, expected, folders, this.#opened);
    }
    this.packs = scan.packs;
    this.loose = scan.loose;
    this.broken = scan.broken;
    this.orphans = scan.orphans;
    this.faults = scan.faults;
    this.format = scan.format;
    for (const { id, path } of this.loose) if (id !== undefined) this.#looseById.set(id, path);
  }

  has(id: Uint8Array, at = 0): boolean {
    const slot = (((id[at]! << 8) | id[at + 1]!) * 2) & (PRESENT - 1);
    const low = word(id, at + 2);
    const high = word(id, at + 6);
    if (this.#present[slot] === low && this.#present[slot + 1] === high) return true;
    const found =
      this.packs.some((pack) => pack.find(id, at) >= 0) ||
      (this.#looseById.size > 0 && this.#looseById.has(hexAt(id, at, this.format.bytes)));
    if (found) {
      this.#present[slot] = low;
      this.#present[slot + 1] = high;
    }
    return found;
  }

  /** The IDs of all objects, as far as indexes and file names tell them. */
  ids(): IdRun[] {
    const runs = this.packs.flatMap((pack) => (pack.ids === undefined ? [] : [pack.ids]));
    const loose = Buffer.from([...this.#looseById.keys()].sort().join(''), 'hex');
    const step = this.format.bytes;
    return [...runs, { bytes: loose, count: this.#looseById.size, step }];
  }

  /**
   * An object by its ID; undefined when it isn't here. Throws `InflateFault`, `DeltaFault` or `SourceFault` when every
   * copy of it is damaged.
   */
  read(id: string): StoredObject | undefined {
    return this.#read(id, new Set());
  }

  /** The same, with damage taken as absence: for who gets along without it, or says himself what is missing. */
  readSafely(id: string): StoredObject | undefined {
    try {
      return this.read(id);
    } catch {
      return undefined;
    }
  }

  /** The same, of any pack but one in which it is damaged. */
  readElsewhere(id: string, damaged: StoredPack): StoredObject | undefined {
    try {
      return this.#read(id, new Set(), damaged);
    } catch {
      return undefined;
    }
  }

  /** The content of an object of one type, under the same conditions. */
  tryRead(id: string, type: ObjectType): Uint8Array | undefined {
    const object = this.readSafely(id);
    return object?.type === type ? object.bytes : undefined;
  }

  /** An object that is too large for `read`; undefined where it isn't, or is a delta. */
  large(id: string): LargeObject | undefined {
    const bytes = Buffer.from(id, 'hex');
    for (const pack of [...this.packs, ...this.#arrived]) {
      const large = pack.largeAt(pack.find(bytes, 0), this.largest);
      if (large !== undefined) return large;
    }
    return this.#largeLoose(id);
  }

  /** What can be had of a delta that can't be applied; undefined where there is none. */
  additions(id: string): Uint8Array | undefined {
    const bytes = Buffer.from(id, 'hex');
    for (const pack of this.packs) {
      try {
        const added = pack.additionsAt(pack.find(bytes, 0), this.largest);
        if (added !== undefined && added.length > 0) return added;
      } catch (error) {
        if (!(error instanceof InflateFault)) throw error;
      }
    }
    return undefined;
  }

  /** Whether a file that was listed is no longer there. */
  isGone({ path }: { readonly path: string }): boolean {
    const file = this.tree.open(path);
    file?.close();
    return file === undefined;
  }

  /** Takes it that this object is not here: it was listed, and is nowhere now. */
  forget(id: string): void {
    this.#looseById.delete(id);
    this.#present.fill(0);
  }

  close(): void {
    for (const pack of [...this.packs, ...this.#arrived]) pack.file.close();
  }

  #read(id: string, above: Set<string>, damaged?: StoredPack): StoredObject | undefined {
    // A thin pack's base may lie in another pack whose base lies in this one: hostile, and endless.
    if (above.has(id)) return undefined;
    above.add(id);
    const bytes = Buffer.from(id, 'hex');
    let failure: unknown;
    for (const pack of this.packs) {
      const offset = pack === damaged ? -1 : pack.find(bytes, 0);
      if (offset < 0) continue;
      try {
        return pack.read(offset, this.largest, this.#cache, (base) => this.#read(base, above));
      } catch (error) {
        failure = error;
      }
    }
    try {
      const loose = this.#readLoose(id);
      if (loose !== undefined) return loose;
    } catch (error) {
      failure = error;
    }
    const path = this.#looseById.get(id);
    if (path !== undefined && this.isGone({ path })) return this.#readMoved(bytes, above);
    if (failure !== undefined) throw failure;
    return undefined;
  }

  /** What was a file of its own when the folders were read: `git gc` writes a pack first, and then removes the files. */
  #readMoved(id: Uint8Array, above: Set<string>): StoredObject | undefined {
    do {
      for (const pack of this.#arrived) {
        const offset = pack.find(id, 0);
        if (offset >= 0)
          return pack.read(offset, this.largest, this.#cache, (base) => this.#read(base, above));
      }
    } while (this.#lookAgain());
    return undefined;
  }

  /** @returns whether packs have come that were not there before. */
  #lookAgain(): boolean {
    if (this.#looks === 0) return false;
    this.#looks -= 1;
    const { packs } = new FolderScan(this.tree, this.format, this.#folders, this.#opened);
    this.#arrived.push(...packs);
    return packs.length > 0;
  }

  #largeLoose(id: string): LargeObject | undefined {
    const path = this.#looseById.get(id);
    const file = path === undefined ? undefined : this.tree.open(path);
    if (file === undefined) return undefined;
    try {
      const { type, size, length } = readLoose(file, 0);
      const packed = { file, type, from: 0, to: file.size, skip: length, size };
      if (size > this.largest) return new LargeObject(packed, true);
    } catch (error) {
      if (!(error instanceof InflateFault)) throw error;
    }
    file.close();
    return undefined;
  }

  #readLoose(id: string): StoredObject | undefined {
    const path = this.#looseById.get(id);
    const file = path === undefined ? undefined : this.tree.open(path);
    if (file === undefined) return undefined;
    try {
      const { type, bytes, size } = readLoose(file, this.largest);
      if (bytes !== undefined) return { type, bytes };
      const detail = `has ${size} bytes, over the limit of ${this.largest} (--max-memory)`;
      throw new SourceFault(diagnostic(this.tree.whereOf(path!), 'too_large', detail));
    } finally {
      file.close();
    }
  }
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
