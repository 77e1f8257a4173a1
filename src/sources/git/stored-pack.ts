import type { Provenance } from '../../model/provenance.js';
import { bytesAt } from '../random-access.js';
import { additionsOf, applyDelta, DeltaFault } from './delta.js';
import { tableInKernel } from './kernel-table.js';
import { LargeObject } from './large-object.js';
import type { ObjectCache, StoredObject } from './object-cache.js';
import { hexAt, type ObjectFormat } from './object-format.js';
import {
  LONGEST_HEADER,
  newEntryHeader,
  OFS_DELTA,
  parseEntryHeader,
  REF_DELTA,
  typeOf,
} from './pack-entry.js';
import type { PackFile } from './pack-file.js';
import type { PackIndex } from './pack-index.js';
import { type Gap, recoverTable } from './pack-recovery.js';
import type { IdRun } from './pack-screen.js';
import { NONE, type PackTable, tableByIndex } from './pack-table.js';
import type { ScreenKernel } from './screen-kernel.js';
import type { SharedPack } from './shared-pack.js';

/** One pack of a database: its file, its index if there is one that can be used, and the table made of either. */
export class StoredPack {
  readonly file: PackFile;
  readonly format: ObjectFormat;
  readonly where: Provenance;
  readonly #key: string;
  #index: PackIndex | undefined;
  #table: PackTable | undefined;
  #gaps: readonly Gap[] = [];
  #naming: (() => PackIndex | undefined) | undefined;

  constructor(file: PackFile, index: PackIndex | undefined, format: ObjectFormat, key: string) {
    this.file = file;
    this.where = file.where;
    this.format = index?.format ?? format;
    this.#index = index;
    this.#key = key;
  }

  get indexed(): boolean {
    return this.#index !== undefined;
  }

  /** Its name, its length and the checksum at its end: another pack has another. */
  get identity(): string {
    const { file, end } = this.file;
    const checksum = bytesAt(file, end, this.format.bytes).toString('hex');
    return `${this.#key.slice(this.#key.lastIndexOf('/') + 1)} ${file.size} ${checksum}`;
  }

  /** The IDs that its index names. */
  get ids(): IdRun | undefined {
    return this.#index?.ids;
  }

  /** Stretches that are no entry; known once the table of a pack without an index was made. */
  get gaps(): readonly Gap[] {
    return this.#gaps;
  }

  /**
   * @param largest bytes of an entry that may be inflated to find where the next begins.
   * @param kernel of a pack with an index: where the columns are to lie.
   * @param shared what other threads see that read it.
   */
  table(largest: number, kernel?: ScreenKernel, shared?: SharedPack): PackTable {
    if (this.#table === undefined || kernel !== undefined) {
      if (this.#index !== undefined) {
        const [pack, index] = [this.file, this.#index];
        this.#table =
          kernel === undefined ? tableByIndex(pack, index) : tableInKernel(pack, index, kernel, shared);
      } else {
        const { table, gaps } = recoverTable(this.file, this.format, largest);
        this.#table = table;
        this.#gaps = gaps;
      }
    }
    return this.#table;
  }

  /** Forgets the table until it is asked for again: what screened the pack keeps its memory alive. */
  forgetTable(): void {
    if (this.indexed) this.#table = undefined;
  }

  /** Puts off what it costs to name its objects until {@link name} is called. */
  nameLater(make: () => PackIndex | undefined): void {
    this.#naming = make;
  }

  /** Names its objects, if that was put off. */
  name(): void {
    const index = this.#naming?.();
    this.#naming = undefined;
    if (index !== undefined) this.learn(index);
  }

  /** Takes an index that was made of the pack itself. */
  learn(index: PackIndex): void {
    this.#index = index;
    this.#table = undefined;
  }

  /** Puts the index aside: it doesn't describe this pack. */
  distrustIndex(): void {
    this.#index = undefined;
    this.#table = undefined;
  }

  /** Where an object begins, or -1. */
  find(id: Uint8Array, at: number): number {
    if (this.#index !== undefined) {
      const row = this.#index.find(id, at);
      return row < 0 ? -1 : this.#index.offsetAt(row);
    }
    const entry = this.#table?.learnedEntry(hexAt(id, at, this.format.bytes)) ?? NONE;
    return entry === NONE ? -1 : this.#table!.offset[entry]!;
  }

  /** The plain object of more than `largest` bytes that begins at `offset`, if it is one. */
  largeAt(offset: number, largest: number): LargeObject | undefined {
    const header = newEntryHeader();
    if (offset < this.file.start) return undefined;
    if (!parseEntryHeader(this.file.bytes(offset, LONGEST_HEADER), 0, this.format.bytes, header))
      return undefined;
    const type = typeOf(header.type);
    if (type === undefined || header.size <= largest) return undefined;
    const table = this.table(largest);
    const entry = table.entryAt(offset);
    const to = entry === NONE ? this.file.end : table.endOf(entry);
    const from = offset + header.length;
    return new LargeObject({ file: this.file.file, type, from, to, skip: 0, size: header.size }, false);
  }

  /** What the delta that begins at `offset` adds to its base. Throws `InflateFault`. */
  additionsAt(offset: number, largest: number): Uint8Array | undefined {
    const header = newEntryHeader();
    if (offset < this.file.start) return undefined;
    if (!parseEntryHeader(this.file.bytes(offset, LONGEST_HEADER), 0, this.format.bytes, header))
      return undefined;
    if (typeOf(header.type) !== undefined || header.size > largest) return undefined;
    return additionsOf(this.file.inflateAt(offset + header.length, header.size).bytes);
  }

  /**
   * The object that begins at `offset`, rebuilt from its base. Throws `InflateFault` or {@link DeltaFault}.
   *
   * @param outside gives a base that this pack does not hold, or holds damaged.
   */
  read(
    offset: number,
    largest: number,
    cache: ObjectCache,
    outside: (id: string) => StoredObject | undefined,
  ): StoredObject {
    const deltas: { key: string; bytes: Uint8Array }[] = [];
    const seen = new Set<number>();
    const header = newEntryHeader();
    let base: StoredObject | undefined;
    for (let at = offset; base === undefined; ) {
      const key = `${this.#key}:${at}`;
      base = cache.get(key);
      if (base !== undefined) break;
      if (seen.has(at)) throw new DeltaFault('is built, over others, on itself');
      seen.add(at);
      const head = this.file.bytes(at, LONGEST_HEADER);
      if (at < this.file.start || !parseEntryHeader(head, 0, this.format.bytes, header)) {
        throw new DeltaFault('leads to a place where no object begins');
      }
      const { type, size, length, distance } = header;
      const baseId = type === REF_DELTA ? hexAt(head, header.baseAt, this.format.bytes) : '';
      const baseOffset = type === REF_DELTA ? this.find(head, header.baseAt) : at - distance;
      if (size > largest)
        throw new DeltaFault(`has ${size} bytes, over the limit of ${largest}`, 'too_large');
      let bytes: Buffer;
      try {
        bytes = this.file.inflateAt(at + length, size).bytes;
      } catch (error) {
        base = deltas.length === 0 ? undefined : this.#copyOf(at, largest, outside);
        if (base === undefined) throw error;
        break;
      }
      if (type !== OFS_DELTA && type !== REF_DELTA) {
        base = { type: typeOf(type)!, bytes };
        cache.put(key, base);
      } else {
        deltas.push({ key, bytes });
        if (baseOffset >= 0) at = baseOffset;
        else base = outside(baseId);
        if (baseOffset < 0 && base === undefined) {
          throw new DeltaFault(`needs the object ${baseId}, which is missing`);
        }
      }
    }
    for (const delta of deltas.reverse()) {
      base = { type: base.type, bytes: applyDelta(base.bytes, delta.bytes, largest) };
      cache.put(delta.key, base);
    }
    return base;
  }

  /** What `outside` holds of the entry at `offset`, which is damaged here. */
  #copyOf(
    offset: number,
    largest: number,
    outside: (id: string) => StoredObject | undefined,
  ): StoredObject | undefined {
    const table = this.table(largest);
    const entry = table.entryAt(offset);
    const id = entry === NONE ? undefined : table.idOf(entry);
    return id === undefined ? undefined : outside(id);
  }
}
