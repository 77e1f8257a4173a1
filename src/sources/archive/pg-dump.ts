import type { Provenance } from '../../model/provenance.js';
import type { ByteStream } from '../../model/source.js';
import { Feed } from '../feed.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream, bytesAt } from '../random-access.js';
import { drain } from './decoded-stream.js';
import { ZLIB_PAIRS } from './deflate-sample.js';
import { type Expansion, type Found, faultFound, item, member, missed, placeIn } from './found.js';
import { inflate } from './native-inflate-stream.js';

/** A sign and four bytes: the length of a piece of data. */
const LENGTH = 5;
const LONGEST = 64 * 1024 * 1024;
const WINDOW = 1024 * 1024;
/** How many damaged tables are listed one by one. */
const LISTED = 16;
const MOST_DAMAGED = 1000;
const ZSTD = 0xfd2fb528;
const LZ4 = 0x184d2204;

type Packing = 'zlib' | 'zstd' | 'lz4';

/**
 * Reads what `pg_dump -Fc` wrote (pg_backup_custom.c): the data of each table is one packed stream, written in pieces of
 * 4 KiB with their lengths between them. The streams are looked for by how they begin, so that no version of the table
 * of contents has to be known.
 */
export async function* readPgDump(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  expansion.budget.expand(0, access.size);
  yield item({ type: 'unit', provenance: where, content: new AccessStream(access) });
  let damaged = 0;
  for (let position = 0; position < access.size; ) {
    const window = bytesAt(access, position, WINDOW);
    const last = position + window.length >= access.size;
    let next = last ? window.length : window.length - LENGTH - 4;
    for (let at = window.indexOf(0); at >= 0 && at < next; at = window.indexOf(0, at + 1)) {
      const packing = packingAt(window, at);
      if (packing === undefined || !holds(access, position + at)) continue;
      const pieces = new PieceStream(access, position + at);
      for await (const found of table(pieces, packing, where, expansion)) {
        const isDamage = found.type === 'item' && found.item.type === 'diagnostic';
        if (!isDamage || ++damaged <= LISTED) yield found;
      }
      if (damaged > MOST_DAMAGED) {
        yield missed(where, 'corrupt', `nearly all is damaged: nothing after byte ${pieces.at} was unpacked`);
        return;
      }
      next = Math.max(pieces.at - position, at + 1);
      break;
    }
    position += Math.max(next, 1);
  }
  if (damaged > LISTED)
    yield missed(where, 'corrupt', `the data of ${damaged - LISTED} more tables is damaged`);
}

async function* table(
  pieces: PieceStream,
  packing: Packing,
  container: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  expansion.budget.entry();
  const start = pieces.at;
  const span = { start, end: Number.MAX_SAFE_INTEGER };
  const where = placeIn(container, `data at byte ${start}`, ['stream', `pg_dump ${packing}`], span);
  if (packing === 'zstd') {
    const { readZstd } = await import('./zstd.js');
    yield* readZstd(pieces, where, expansion, where, false);
  } else if (packing === 'lz4') {
    const { readLz4 } = await import('./lz4.js');
    yield* readLz4(pieces, where, expansion, where);
  } else {
    const feed = new Feed(pieces, 4 * 1024);
    await feed.skip(2);
    const content = inflate(feed, expansion.budget, { counted: false });
    yield member({ type: 'unit', provenance: where, content });
    if (content.fault === undefined) await drain(content);
    if (content.fault !== undefined) yield faultFound(where, content.fault);
  }
}

/** How the data is packed whose first piece may begin at `at`. */
function packingAt(window: Buffer, at: number): Packing | undefined {
  const data = at + LENGTH;
  if (data + 4 > window.length) return undefined;
  if (window[data] === 0x78) return ZLIB_PAIRS.includes(0x7800 | window[data + 1]!) ? 'zlib' : undefined;
  const mark = window.readUInt32LE(data);
  return mark === ZSTD ? 'zstd' : mark === LZ4 ? 'lz4' : undefined;
}

/** Whether a length stands where the piece ends, too. */
function holds(access: RandomAccess, at: number): boolean {
  const length = lengthAt(access, at);
  return length !== undefined && length > 0 && lengthAt(access, at + LENGTH + length) !== undefined;
}

function lengthAt(access: RandomAccess, at: number): number | undefined {
  const bytes = bytesAt(access, at, LENGTH);
  if (bytes.length < LENGTH || bytes[0] !== 0) return undefined;
  const length = bytes.readUInt32LE(1);
  return length <= LONGEST ? length : undefined;
}

/** The pieces one behind the other, up to one of no length. */
class PieceStream implements ByteStream {
  readonly #access: RandomAccess;
  #left = 0;
  #ended = false;
  /** How far it was read. */
  at: number;

  constructor(access: RandomAccess, at: number) {
    this.#access = access;
    this.at = at;
  }

  read(into: Uint8Array): number {
    if (this.#left === 0 && !this.#ended) {
      this.#left = lengthAt(this.#access, this.at) ?? 0;
      this.#ended = this.#left === 0;
      this.at = Math.min(this.at + LENGTH, this.#access.size);
    }
    const count = this.#access.readAt(this.at, into.subarray(0, this.#left));
    this.at += count;
    this.#left = count === 0 ? 0 : this.#left - count;
    return count;
  }

  close(): void {}
}
