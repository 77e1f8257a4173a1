import type { ObjectType } from '../../model/provenance.js';
import type { ObjectFormat } from './object-format.js';
import { hexAt } from './object-format.js';
import { byOffset, Places } from './offset-order.js';
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

/** The parent of an entry that has none in this pack. */
export const NONE = -1;

/** What a size that doesn't fit into 32 bits is written as. */
const HUGE = 0xffffffff;

/** So much of a pack is read at once to see where entries begin. */
const WINDOW = 256 * 1024;

/** Columns of a table elsewhere: see there. The first may be longer. */
export type Columns = Pick<PackTable, 'offset' | 'type' | 'header' | 'size' | 'parent'>;

/**
 * What is known of a pack's entries before they are inflated, by their number in the order of their offsets: columns
 * instead of objects, since a pack may hold millions.
 */
export class PackTable {
  readonly count: number;
  readonly format: ObjectFormat;
  /** Where the entry begins. */
  offset: Float64Array;
  /** The type as the entry says it; 0 where its header can't be read. */
  type: Uint8Array;
  header: Uint8Array;
  /** Bytes that it claims to inflate to, or {@link HUGE}. */
  size: Uint32Array;
  /** The number of its delta base, or {@link NONE}. */
  parent: Int32Array;
  /** Base IDs that this pack doesn't hold, as far as is known. */
  readonly outside = new Map<number, string>();
  /** Where the last entry ends, if the pack is whole. */
  readonly #end: number;
  /** Of entries that don't end where the next one begins: where they do. */
  readonly #ends = new Map<number, number>();
  readonly #hugeSizes = new Map<number, number>();
  readonly #idOf: (entry: number) => string | undefined;
  readonly #writeId: ((entry: number, into: Uint8Array) => void) | undefined;
  readonly #learned = new Map<number, string>();
  /** Made when the offsets are there. */
  #places: Places | undefined;
  readonly #entries = new Map<string, number>();

  constructor(
    count: number,
    end: number,
    format: ObjectFormat,
    idOf: (entry: number) => string | undefined,
    writeId?: (entry: number, into: Uint8Array) => void,
    columns: Columns = newColumns(count),
  ) {
    this.count = count;
    this.#end = end;
    this.format = format;
    this.offset = columns.offset.subarray(0, count);
    this.type = columns.type;
    this.header = columns.header;
    this.size = columns.size;
    this.parent = columns.parent;
    this.#idOf = idOf;
    this.#writeId = writeId;
  }

  /** Where the packed bytes of an entry end, as far as is known: where the next begins. */
  endOf(entry: number): number {
    return this.#ends.get(entry) ?? this.#next(entry);
  }

  setEnd(entry: number, end: number): void {
    if (end !== this.#next(entry)) this.#ends.set(entry, end);
  }

  /** Whether each entry, as far as is known, ends where the next one begins. */
  get isContiguous(): boolean {
    return this.#ends.size === 0;
  }

  #next(entry: number): number {
    return entry + 1 < this.count ? this.offset[entry + 1]! : this.#end;
  }

  /** Bytes that an entry claims to inflate to. */
  sizeOf(entry: number): number {
    const size = this.size[entry]!;
    return size === HUGE ? this.#hugeSizes.get(entry)! : size;
  }

  setSize(entry: number, size: number): void {
    this.size[entry] = Math.min(size, HUGE);
    if (size >= HUGE) this.#hugeSizes.set(entry, size);
  }

  /** The object ID by the index, or as it was learned from the content; undefined before that. */
  idOf(entry: number): string | undefined {
    return this.#idOf(entry) ?? this.#learned.get(entry);
  }

  /** Writes the bytes of an entry's ID; false where it isn't known. */
  writeId(entry: number, into: Uint8Array): boolean {
    if (this.#writeId !== undefined) {
      this.#writeId(entry, into);
      return true;
    }
    const id = this.idOf(entry);
    if (id !== undefined) into.set(Buffer.from(id, 'hex'));
    return id !== undefined;
  }

  learn(entry: number, id: string): void {
    this.#learned.set(entry, id);
    this.#entries.set(id, entry);
  }

  /** The entry of an ID that was learned, or {@link NONE}. */
  learnedEntry(id: string): number {
    return this.#entries.get(id) ?? NONE;
  }

  /** The number of the entry that begins at `offset`, or {@link NONE}. */
  entryAt(offset: number): number {
    this.#places ??= new Places(this.offset);
    return this.#places.find(offset);
  }

  /** Moves columns to memory that others read, too: it is not needed twice. */
  moveTo({ offset, type, header, size, parent }: Columns): void {
    offset.set(this.offset);
    parent.set(this.parent);
    this.parent = parent;
    type.set(this.type);
    header.set(this.header);
    size.set(this.size);
    this.offset = offset.subarray(0, this.count);
    this.type = type;
    this.header = header;
    this.size = size;
    this.#places = undefined;
  }

  /** Lets go of what was needed to find many entries. */
  settle(): void {
    this.#places = undefined;
  }

  isDelta(entry: number): boolean {
    const type = this.type[entry];
    return type === OFS_DELTA || type === REF_DELTA;
  }

  /** The type of the object that an entry becomes, where its chain ends in this pack. */
  objectType(entry: number): ObjectType | undefined {
    let at = entry;
    for (let steps = 0; steps <= this.count && at !== NONE; steps++) {
      if (!this.isDelta(at)) return typeOf(this.type[at]!);
      at = this.parent[at]!;
    }
    return undefined;
  }
}

function newColumns(count: number): Columns {
  return {
    offset: new Float64Array(count),
    type: new Uint8Array(count),
    header: new Uint8Array(count),
    size: new Uint32Array(count),
    parent: new Int32Array(count).fill(NONE),
  };
}

/** The table as an index gives it. Entries whose header can't be read keep type 0. */
export function tableByIndex(pack: PackFile, index: PackIndex): PackTable {
  const { offsets, rows } = byOffset(index);
  const table = new PackTable(
    offsets.length,
    pack.end,
    index.format,
    (entry) => index.idAt(rows[entry]!),
    (entry, into) => index.writeId(rows[entry]!, into),
  );
  table.offset.set(offsets);
  readHeaders(pack, table, (id, at) => {
    const row = index.find(id, at);
    return row < 0 ? NONE : table.entryAt(index.offsetAt(row));
  });
  table.settle();
  return table;
}

/** Fills type, size and base of every entry. `find` gives the entry of an ID, or {@link NONE}. */
export function readHeaders(
  pack: PackFile,
  table: PackTable,
  find: (id: Uint8Array, at: number) => number,
): void {
  const header = newEntryHeader();
  const buffer = Buffer.allocUnsafeSlow(Math.max(LONGEST_HEADER, Math.min(WINDOW, pack.end)));
  let window: Buffer = buffer.subarray(0, 0);
  let from = 0;
  for (let entry = 0; entry < table.count; entry++) {
    const offset = table.offset[entry]!;
    if (offset < pack.start || offset >= pack.end) continue;
    if (offset < from || offset + LONGEST_HEADER > from + window.length) {
      window = pack.fill(offset, buffer);
      from = offset;
    }
    if (!parseEntryHeader(window, offset - from, table.format.bytes, header)) continue;
    table.type[entry] = header.type;
    table.setSize(entry, header.size);
    table.header[entry] = header.length;
    if (header.type === OFS_DELTA) {
      table.parent[entry] = table.entryAt(offset - header.distance);
    } else if (header.type === REF_DELTA) {
      const base = find(window, header.baseAt);
      table.parent[entry] = base;
      if (base === NONE) table.outside.set(entry, hexAt(window, header.baseAt, table.format.bytes));
    }
  }
}
