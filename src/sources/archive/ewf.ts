import { inflateSync } from 'node:zlib';
import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream, bytesAt } from '../random-access.js';
import { type Expansion, type Found, item, member, missed, placeIn } from './found.js';
import { unpackedName } from './gzip.js';

/** Before the first section, of each section, and of a table of chunks (libyal, "Expert Witness Compression Format", 3 to 5). */
const FILE_HEADER = 13;
const SECTION = 76;
const TABLE = 24;
const MOST_SECTIONS = 2 ** 17;
/** As imagers write them, chunks have 32 KiB; what is unpacked at one time is bounded. */
const LONGEST_CHUNK = 16 * 1024 * 1024;
const PACKED = 0x80000000;
/** Behind a chunk that is not packed. */
const CHECKSUM = 4;
/** How many unpacked chunks are kept: file systems are read here and there. */
const KEPT = 64;

interface Chunk {
  readonly start: number;
  readonly end: number;
  readonly isPacked: boolean;
}

/** A run of chunks. Where each is, is read when it is asked for: a disk of a terabyte has thirty million. */
interface Table {
  /** The number of its first chunk, and how many it has. */
  readonly first: number;
  readonly count: number;
  /** Where its entries stand, what their offsets count from, and where the data of its last chunk end. */
  readonly entries: number;
  readonly base: number;
  readonly dataEnd: number;
}

interface Layout {
  readonly chunkSize: number;
  readonly tables: readonly Table[];
  /** Whether its end is missing, or in another file. */
  readonly goesOn: boolean;
}

/** Reads the image of a disk as EnCase and its like write it (E01): the disk, which is then read as any other. */
export async function* readEwf(
  access: RandomAccess,
  where: Provenance,
  { budget }: Expansion,
): AsyncGenerator<Found> {
  yield item({ type: 'unit', provenance: where, content: new AccessStream(access) });
  const { chunkSize, tables, goesOn } = layoutOf(access);
  const number = bytesAt(access, 9, 2).readUInt16LE(0);
  if (tables.length === 0) {
    yield missed(
      where,
      'corrupt',
      'an image of a disk (E01) without the tables that say where its chunks are',
    );
    return;
  }
  const disk = new EwfDisk(access, chunkSize, tables);
  budget.expand(disk.size, access.size);
  budget.entry();
  const place = placeIn(where, unpackedName(where), ['ewf']);
  yield member({ type: 'unit', provenance: place, content: new AccessStream(disk) });
  if (disk.damaged.size > 0) {
    const first = Math.min(...disk.damaged);
    const detail = `${disk.damaged.size} of its ${disk.chunks} chunks are damaged, the first at byte ${disk.placeOf(first)}: they were taken for empty`;
    yield missed(where, 'corrupt', detail);
  }
  if (goesOn || number > 1) {
    const detail = `file ${number} of an image of a disk, whose others are not beside it: files that go on in another were not put together; put all of them into one folder and scan that`;
    yield missed(where, 'unsupported', detail);
  }
}

/** What the sections say, one behind the other; where the image was cut into files, those follow each other. */
function layoutOf(access: RandomAccess): Layout {
  const tables: Table[] = [];
  let chunks = 0;
  let chunkSize = 0;
  let dataEnd = access.size;
  let file = 0;
  let at = FILE_HEADER;
  for (let sections = 0; sections < MOST_SECTIONS; sections++) {
    const section = bytesAt(access, at, SECTION);
    if (section.length < SECTION) return layout(true);
    const type = section.toString('latin1', 0, 16).replace(/\0.*/s, '');
    const [next, size] = [file + Number(section.readBigUInt64LE(16)), Number(section.readBigUInt64LE(24))];
    if (type === 'volume' || type === 'disk' || type === 'data') {
      const bytes = bytesAt(access, at + SECTION, 16);
      if (bytes.length === 16) chunkSize ||= bytes.readUInt32LE(8) * bytes.readUInt32LE(12);
    } else if (type === 'sectors') dataEnd = Math.min(access.size, at + size);
    else if (type === 'table') {
      const table = tableAt(access, at + SECTION, { first: chunks, file, dataEnd });
      if (table !== undefined) tables.push(table);
      chunks += table?.count ?? 0;
    }
    if (type === 'done') return layout(false);
    if (type === 'next') {
      file = at + SECTION;
      at = file + FILE_HEADER;
    } else if (next > at) at = next;
    else return layout(true);
  }
  return layout(true);

  function layout(goesOn: boolean): Layout {
    const isUsual = chunkSize > 0 && chunkSize <= LONGEST_CHUNK;
    return { chunkSize, tables: isUsual ? tables : [], goesOn };
  }
}

function tableAt(
  access: RandomAccess,
  at: number,
  { first, file, dataEnd }: { readonly first: number; readonly file: number; readonly dataEnd: number },
): Table | undefined {
  const header = bytesAt(access, at, TABLE);
  if (header.length < TABLE) return undefined;
  const entries = at + TABLE;
  const count = Math.min(header.readUInt32LE(0), Math.floor((access.size - entries) / 4));
  return count > 0
    ? { first, count, entries, base: file + Number(header.readBigUInt64LE(8)), dataEnd }
    : undefined;
}

/** Where a chunk is: up to the next one, the last of a table up to the end of its data. */
function chunkOf(
  access: RandomAccess,
  { first, count, entries, base, dataEnd }: Table,
  chunk: number,
): Chunk {
  const isLast = chunk - first === count - 1;
  const entry = bytesAt(access, entries + 4 * (chunk - first), isLast ? 4 : 8);
  // What is longer than 2 GiB counts on, and has no room for the flag.
  const placeAt = (at: number) => base + (entry.readUInt32LE(at) % PACKED);
  return {
    start: placeAt(0),
    end: isLast ? dataEnd : placeAt(4),
    isPacked: entry.readUInt32LE(0) >= PACKED,
  };
}

/** The bytes of the disk. Of what is damaged there are zeros, so that all else stands where it should. */
class EwfDisk implements RandomAccess {
  readonly #access: RandomAccess;
  readonly #chunkSize: number;
  readonly #tables: readonly Table[];
  readonly #kept = new Map<number, Buffer>();
  readonly size: number;
  readonly chunks: number;
  readonly damaged = new Set<number>();

  constructor(access: RandomAccess, chunkSize: number, tables: readonly Table[]) {
    this.#access = access;
    this.#chunkSize = chunkSize;
    this.#tables = tables;
    const { first, count } = tables.at(-1)!;
    this.chunks = first + count;
    this.size = (this.chunks - 1) * chunkSize + this.#at(this.chunks - 1).length;
  }

  /** Where in the image a chunk begins. */
  placeOf(chunk: number): number {
    return this.#chunk(chunk).start;
  }

  readAt(position: number, into: Uint8Array): number {
    let filled = 0;
    while (filled < into.length && position + filled < this.size) {
      const index = Math.floor((position + filled) / this.#chunkSize);
      const from = position + filled - index * this.#chunkSize;
      const part = this.#at(index).subarray(from, from + into.length - filled);
      into.set(part, filled);
      filled += part.length;
    }
    return filled;
  }

  close(): void {}

  #at(index: number): Buffer {
    const kept = this.#kept.get(index);
    if (kept !== undefined) return kept;
    const content = this.#unpack(index);
    const isLast = index === this.chunks - 1;
    const whole = content ?? Buffer.alloc(this.#chunkSize);
    if (content === undefined || (!isLast && content.length < this.#chunkSize)) this.damaged.add(index);
    const filled =
      isLast || whole.length === this.#chunkSize
        ? whole
        : Buffer.concat([whole, Buffer.alloc(this.#chunkSize - whole.length)]);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= KEPT) this.#kept.delete(oldest!);
    this.#kept.set(index, filled);
    return filled;
  }

  #chunk(index: number): Chunk {
    const table = this.#tables.findLast(({ first }) => first <= index)!;
    return chunkOf(this.#access, table, index);
  }

  #unpack(index: number): Buffer | undefined {
    const { start, end, isPacked } = this.#chunk(index);
    const longest = this.#chunkSize + CHECKSUM;
    // What is packed is hardly longer than what it unpacks to.
    const length = Math.min(end - start, isPacked ? 2 * longest : longest);
    if (length <= CHECKSUM || start >= this.#access.size) return undefined;
    const bytes = bytesAt(this.#access, start, length);
    if (!isPacked) return bytes.subarray(0, Math.min(this.#chunkSize, bytes.length - CHECKSUM));
    try {
      return inflateSync(bytes, { maxOutputLength: this.#chunkSize });
    } catch {
      return undefined;
    }
  }
}
