import { basename } from 'node:path';
import { BudgetExceeded } from '../../model/budget.js';
import { type Provenance, textOfPath } from '../../model/provenance.js';
import type { ByteStream } from '../../model/source.js';
import { Feed } from '../feed.js';
import { type Damage, type DecodedStream, drain } from './decoded-stream.js';
import { type Expansion, type Found, faultFound, member, missed, names, placeIn } from './found.js';
import { InflateStream } from './inflate-stream.js';
import { inflate, type NativeInflateStream } from './native-inflate-stream.js';

/** What is kept of headers and of bytes between members, to be searched as it is. */
const SCRAPS_KEPT = 1024 * 1024;

/** Places of damage that are listed one by one. */
const DAMAGES_TOLD = 100;

/** How often one file may be gone back in. */
const REWINDS = 16;

/**
 * Reads a gzip file (RFC 1952): all its members are one content, as `gzip -d` has it.
 * @param place what the content is called, if not what the file says itself
 */
export async function* readGzip(
  stream: ByteStream,
  where: Provenance,
  expansion: Expansion,
  place?: Provenance,
): AsyncGenerator<Found> {
  const content = new GzipStream(stream, expansion);
  await content.begin();
  const provenance = place ?? placeIn(where, content.name ?? unpackedName(where), ['gzip']);
  yield member({ type: 'unit', provenance, content });
  if (!(content.fault instanceof BudgetExceeded)) await drain(content);
  for (const damage of content.damages.slice(0, DAMAGES_TOLD)) yield faultFound(where, damage);
  const more = content.damages.length - DAMAGES_TOLD;
  if (more > 0) {
    const detail = `damaged at ${more} more places, the last at byte ${content.damages.at(-1)?.at}`;
    yield missed(where, 'corrupt', detail);
  }
  if (content.fault instanceof BudgetExceeded) yield faultFound(where, content.fault);
  const scraps = Buffer.concat(content.scraps);
  if (scraps.length > 0) yield names(where, scraps);
  if (content.scrapsLost > 0) {
    yield missed(
      where,
      'corrupt',
      `${content.scrapsLost} bytes after the gzip data are not gzip and were not scanned`,
    );
  }
}

/** What counts pieces of an archive. */
const COUNTER = /[._-]?(?:part)?[._-]?(?:\d+|[a-z]{2})$/i;

/** The name that a compressed file has when it is unpacked: without its ending. */
export function unpackedName(where: Provenance): string {
  const path = 'path' in where ? where.path : 'name' in where ? where.name : '';
  const name = 'volumes' in where ? basename(path).replace(COUNTER, '') : basename(path);
  const plain = name
    .replace(/\.t(gz|bz2|bz|xz|zst|lz4|lzma|lzo|br|Z)$/i, '.tar')
    .replace(/\.(gz|bz2|xz|zst|lz4|lzma|lzo|br|Z)$/i, '');
  return plain === '' || plain === name ? 'content' : plain;
}

/** The unpacked members one after the other. After damage it goes on at the next member that can be read. */
class GzipStream implements DecodedStream {
  readonly #feed: Feed;
  readonly #expansion: Expansion;
  readonly damages: Damage[] = [];
  readonly scraps: Buffer[] = [];
  scrapsLost = 0;
  #scrapsKept = 0;
  /** Where the data of the current member begins. */
  #begun = 0;
  /** Behind damage, until a member proves whole. */
  #isLost = false;
  #current: InflateStream | NativeInflateStream | undefined;
  fault: Damage | BudgetExceeded | undefined;
  name: string | undefined;

  constructor(stream: ByteStream, expansion: Expansion) {
    this.#feed = stream instanceof Feed ? stream : new Feed(stream);
    this.#expansion = expansion;
  }

  /** Reads the first header, so that the name is known. */
  async begin(): Promise<void> {
    await this.#nextMember();
  }

  read(into: Uint8Array): number | Promise<number> {
    if (this.#current === undefined) return 0;
    const count = this.#current.read(into);
    if (typeof count === 'number') return count > 0 ? count : this.#afterMember(into);
    return count.then((late) => (late > 0 ? late : this.#afterMember(into)));
  }

  close(): void {
    this.#feed.close();
  }

  /** Goes on to what the next member holds that holds anything. */
  async #afterMember(into: Uint8Array): Promise<number> {
    for (let ended = this.#current; ended !== undefined; ended = this.#current) {
      this.#current = undefined;
      if (ended.fault instanceof BudgetExceeded) {
        this.fault = ended.fault;
        return 0;
      }
      if (ended.fault !== undefined) this.#damaged(ended.fault);
      else await this.#checkTrailer(ended);
      await this.#nextMember();
      const count = await this.#readCurrent(into);
      if (count > 0) return count;
    }
    return 0;
  }

  #readCurrent(into: Uint8Array): number | Promise<number> {
    return this.#current?.read(into) ?? 0;
  }

  /** What is read of damaged data may reach into the next member: its header is looked for from the start of this one. */
  #damaged(damage: Damage): void {
    this.damages.push(damage);
    this.#isLost = true;
    if (this.damages.length <= REWINDS) this.#feed.rewind(this.#begun);
  }

  async #checkTrailer(ended: InflateStream | NativeInflateStream): Promise<void> {
    const at = this.#feed.position;
    const trailer = await this.#feed.take(8);
    if (trailer.length < 8) this.#damaged({ at, detail: 'the file ends before its checksum' });
    else if (trailer.readUInt32LE(0) !== ended.checksum || trailer.readUInt32LE(4) !== ended.size % 2 ** 32) {
      this.#damaged({ at, detail: 'the checksum does not match the content' });
    } else this.#isLost = false;
  }

  /** Finds the next header and starts on what it announces. Zeros between members are padding of tapes. */
  async #nextMember(): Promise<void> {
    const feed = this.#feed;
    for (;;) {
      await feed.need(18);
      if (feed.available === 0) return;
      const { buffer, start, end } = feed;
      const skipped = start + distanceToHeader(buffer.subarray(start, end));
      if (skipped > start) {
        this.#keepScraps(buffer.subarray(start, skipped));
        feed.start = skipped;
        continue;
      }
      await this.#header();
      this.#begun = feed.position;
      // What was no gzip a moment ago is likely none again: to ask zlib on another thread takes longer than to look.
      const { budget } = this.#expansion;
      this.#current = this.#isLost ? new InflateStream(feed, budget) : inflate(feed, budget);
      return;
    }
  }

  async #header(): Promise<void> {
    const flags = (await this.#feed.take(10))[3]!;
    if (flags & 4) {
      const size = await this.#feed.take(2);
      this.#keepScraps(await this.#feed.take(size.length < 2 ? 0 : size.readUInt16LE(0)));
    }
    if (flags & 8) {
      const name = await this.#text();
      this.name ??= name.length === 0 ? undefined : textOfPath(name);
    }
    if (flags & 16) await this.#text();
    if (flags & 2) await this.#feed.take(2);
  }

  /** A text that ends in NUL; one that never ends is cut where scraps are. */
  async #text(): Promise<Buffer> {
    const feed = this.#feed;
    let length = 0;
    for (;;) {
      if (length >= feed.available && (length > SCRAPS_KEPT || !(await feed.need(length + 1)))) break;
      if (feed.buffer[feed.start + length] === 0) break;
      length++;
    }
    const text = Buffer.from(await feed.take(length));
    await feed.take(1);
    this.#keepScraps(text);
    return text;
  }

  #keepScraps(bytes: Uint8Array): void {
    if (bytes.every((byte) => byte === 0)) return;
    const kept = bytes.subarray(0, Math.max(0, SCRAPS_KEPT - this.#scrapsKept));
    this.scrapsLost += bytes.length - kept.length;
    this.#scrapsKept += kept.length;
    if (kept.length > 0) this.scraps.push(Buffer.from(kept), Buffer.from('\n'));
  }
}

/** How many bytes stand before the next gzip header, or before where one may begin at the end of `bytes`. */
function distanceToHeader(bytes: Buffer): number {
  for (let at = bytes.indexOf(0x1f); at >= 0; at = bytes.indexOf(0x1f, at + 1)) {
    if (at + 4 > bytes.length) return at === 0 ? bytes.length : at;
    if (bytes[at + 1] === 0x8b && bytes[at + 2] === 8 && (bytes[at + 3]! & 0xe0) === 0) return at;
  }
  return bytes.length;
}
