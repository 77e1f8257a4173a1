import type { ObjectType } from '../../model/provenance.js';
import type { ObjectFormat } from './object-format.js';
import { hexAt } from './object-format.js';
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

/**
 * What is known of a pack's entries before they are inflated, by their number in the order of their offsets: columns
 * instead of objects, since a pack may hold millions.
 */
export class PackTable {
  readonly count: number;
  readonly format: ObjectFormat;
  /** Where the entry begins, and where the next one does. */
  readonly offset: Float64Array;
  readonly end: Float64Array;
  /** The type as the entry says it; 0 where its header can't be read. */
  readonly type: Uint8Array;
  readonly header: Uint8Array;
  /** Bytes that it claims to inflate to. */
  readonly size: Float64Array;
  /** The number of its delta base, or {@link NONE}. */
  readonly parent: Int32Array;
  /** Base IDs that this pack doesn't hold, as far as is known. */
  readonly outside = new Map<number, string>();
  readonly #idOf: (entry: number) => string | undefined;
  readonly #writeId: ((entry: number, into: Uint8Array) => void) | undefined;
  readonly #learned = new Map<number, string>();
  readonly #entries = new Map<string, number>();

  constructor(
    count: number,
    format: ObjectFormat,
    idOf: (entry: number) => string | undefined,
    writeId?: (entry: number, into: Uint8Array) => void,
  ) {
    this.count = count;
    this.format = format;
    this.offset = new Float64Array(count);
    this.end = new Float64Array(count);
    this.type = new Uint8Array(count);
    this.header = new Uint8Array(count);
    this.size = new Float64Array(count);
    this.parent = new Int32Array(count).fill(NONE);
    this.#idOf = idOf;
    this.#writeId = writeId;
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
    let low = 0;
    let high = this.count - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = this.offset[middle]!;
      if (found === offset) return middle;
      if (found < offset) low = middle + 1;
      else high = middle - 1;
    }
    return NONE;
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

/** The table as an index gives it. Entries whose header can't be read keep type 0. */
export function tableByIndex(pack: PackFile, index: PackIndex): PackTable {
  const { offsets, rows } = byOffset(index);
  const table = new PackTable(
    offsets.length,
    index.format,
    (entry) => index.idAt(rows[entry]!),
    (entry, into) => index.writeId(rows[entry]!, into),
  );
  table.offset.set(offsets);
  for (let entry = 0; entry < table.count; entry++) {
    table.end[entry] = entry + 1 < table.count ? offsets[entry + 1]! : pack.end;
  }
  readHeaders(pack, table, (id, at) => {
    const row = index.find(id, at);
    return row < 0 ? NONE : table.entryAt(index.offsetAt(row));
  });
  return table;
}

/** Fills type, size and base of every entry. `find` gives the entry of an ID, or {@link NONE}. */
export function readHeaders(
  pack: PackFile,
  table: PackTable,
  find: (id: Uint8Array, at: number) => number,
): void {
  const header = newEntryHeader();
  for (let entry = 0; entry < table.count; entry++) {
    const offset = table.offset[entry]!;
    const bytes = pack.bytes(offset, LONGEST_HEADER);
    if (offset < pack.start || !parseEntryHeader(bytes, 0, table.format.bytes, header)) continue;
    table.type[entry] = header.type;
    table.size[entry] = header.size;
    table.header[entry] = header.length;
    if (header.type === OFS_DELTA) {
      table.parent[entry] = table.entryAt(offset - header.distance);
    } else if (header.type === REF_DELTA) {
      const base = find(bytes, header.baseAt);
      table.parent[entry] = base;
      if (base === NONE) table.outside.set(entry, hexAt(bytes, header.baseAt, table.format.bytes));
    }
  }
}

/** The rows of an index in the order of their offsets. */
function byOffset(index: PackIndex): { offsets: Float64Array; rows: Uint32Array } {
  const { count } = index;
  const offsets = new Float64Array(count);
  const rows = new Uint32Array(count);
  let largest = 0;
  for (let row = 0; row < count; row++) {
    offsets[row] = index.offsetAt(row);
    rows[row] = row;
    largest = Math.max(largest, offsets[row]!);
  }
  if (largest * count < Number.MAX_SAFE_INTEGER) {
    // Offset and row in one number sort without a comparison in JavaScript.
    for (let row = 0; row < count; row++) offsets[row] = offsets[row]! * count + row;
    offsets.sort();
    for (let entry = 0; entry < count; entry++) {
      const both = offsets[entry]!;
      offsets[entry] = Math.floor(both / count);
      rows[entry] = both - offsets[entry]! * count;
    }
    return { offsets, rows };
  }
  const byRow = offsets.slice();
  rows.sort((a, b) => byRow[a]! - byRow[b]!);
  for (let entry = 0; entry < count; entry++) offsets[entry] = byRow[rows[entry]!]!;
  return { offsets, rows };
}
