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

interface Layout {
  readonly chunkSize: number;
  readonly chunks: readonly Chunk[];
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
  const { chunkSize, chunks, goesOn } = layoutOf(access);
  const number = bytesAt(access, 9, 2).readUInt16LE(0);
  if (chunks.length === 0) {
    yield missed(
      where,
      'corrupt',
      'an image of a disk (E01) without the tables that say where its chunks are',
    );
    return;
  }
  const disk = new EwfDisk(access, chunkSize, chunks);
  budget.expand(disk.size, access.size);
  budget.entry();
  const place = placeIn(where, unpackedName(where), ['ewf']);
  yield member({ type: 'unit', provenance: place, content: new AccessStream(disk) });
  if (disk.damaged.size > 0) {
    const first = Math.min(...disk.damaged);
    const detail = `${disk.damaged.size} of its ${chunks.length} chunks are damaged, the first at byte ${chunks[first]!.start}: they were taken for empty`;
    yield missed(where, 'corrupt', detail);
  }
  if (goesOn || number > 1) {
    const detail = `file ${number} of an image of a disk, whose others are not beside it: files that go on in another were not put together; put all of them into one folder and scan that`;
    yield missed(where, 'unsupported', detail);
  }
}

/** What the sections say, one behind the other; where the image was cut into files, those follow each other. */
function layoutOf(access: RandomAccess): Layout {
  const chunks: Chunk[] = [];
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
    else if (type === 'table') chunks.push(...chunksIn(access, { table: at + SECTION, file, dataEnd }));
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
    return { chunkSize, chunks: isUsual ? chunks : [], goesOn };
  }
}

/** Where chunks begin, each up to the next one, the last of them up to the end of the data. */
function* chunksIn(
  access: RandomAccess,
  { table, file, dataEnd }: { readonly table: number; readonly file: number; readonly dataEnd: number },
): Generator<Chunk> {
  const header = bytesAt(access, table, TABLE);
  if (header.length < TABLE) return;
  const base = file + Number(header.readBigUInt64LE(8));
  const entries = bytesAt(access, table + TABLE, 4 * Math.min(header.readUInt32LE(0), access.size));
  const count = Math.floor(entries.length / 4);
  const placeOf = (index: number) => base + (entries.readUInt32LE(4 * index) % PACKED);
  for (let index = 0; index < count; index++) {
    const start = placeOf(index);
    // What is longer than 2 GiB counts on, and has no room for the flag.
    const end = index + 1 < count ? placeOf(index + 1) : dataEnd;
    yield { start, end, isPacked: entries.readUInt32LE(4 * index) >= PACKED };
  }
}

/** The bytes of the disk. Of what is damaged there are zeros, so that all else stands where it should. */
class EwfDisk implements RandomAccess {
  readonly #access: RandomAccess;
  readonly #chunkSize: number;
  readonly #chunks: readonly Chunk[];
  readonly #kept = new Map<number, Buffer>();
  readonly size: number;
  readonly damaged = new Set<number>();

  constructor(access: RandomAccess, chunkSize: number, chunks: readonly Chunk[]) {
    this.#access = access;
    this.#chunkSize = chunkSize;
    this.#chunks = chunks;
    this.size = (chunks.length - 1) * chunkSize + this.#at(chunks.length - 1).length;
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
    const isLast = index === this.#chunks.length - 1;
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

  #unpack(index: number): Buffer | undefined {
    const { start, end, isPacked } = this.#chunks[index]!;
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
