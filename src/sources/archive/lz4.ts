import { BudgetExceeded } from '../../model/budget.js';
import type { Provenance } from '../../model/provenance.js';
import type { ByteStream } from '../../model/source.js';
import { Feed } from '../feed.js';
import { type Damage, type DecodedStream, drain } from './decoded-stream.js';
import { type Expansion, type Found, faultFound, member, names, placeIn } from './found.js';
import { unpackedName } from './gzip.js';
import { Lz4Fault, unpackBlock } from './lz4-block.js';
import { XxHash32 } from './xxhash.js';

const FRAME = 0x184d2204;
const LEGACY = 0x184c2102;
const SKIPPABLE = 0x184d2a50;
const HISTORY = 64 * 1024;
const LEGACY_BLOCK = 8 * 1024 * 1024;
/** What a block of that size may grow to when it can't be packed. */
const LONGEST_BLOCK = LEGACY_BLOCK + LEGACY_BLOCK / 255 + 16;
/** What is kept of frames that decoders skip, to be searched as it is. */
const SKIPPED_KEPT = 1024 * 1024;

/**
 * Reads LZ4 frames (lz4_Frame_format.md 1.6), the old format too: all of them are one content, as `lz4 -d` has it.
 * @param place what the content is called
 */
export async function* readLz4(
  stream: ByteStream,
  where: Provenance,
  expansion: Expansion,
  place: Provenance = placeIn(where, unpackedName(where), ['lz4']),
): AsyncGenerator<Found> {
  const content = new Lz4Stream(stream instanceof Feed ? stream : new Feed(stream), expansion);
  yield member({ type: 'unit', provenance: place, content });
  await drain(content);
  if (content.fault !== undefined) yield faultFound(where, content.fault);
  if (content.skipped.length > 0) yield names(where, Buffer.concat(content.skipped));
}

interface Frame {
  readonly linked: boolean;
  readonly blockChecksums: boolean;
  readonly contentChecksum: boolean;
  readonly legacy: boolean;
  readonly blockSize: number;
}

/** The frames' content, up to where they can't be read. */
class Lz4Stream implements DecodedStream {
  readonly #feed: Feed;
  readonly #expansion: Expansion;
  readonly skipped: Buffer[] = [];
  fault: Damage | BudgetExceeded | undefined;
  #frame: Frame | undefined;
  #hash = new XxHash32();
  #out = Buffer.alloc(0);
  /** Of `#out`: what was read, and what there is. */
  #taken = 0;
  #written = 0;
  #packed = 0;
  #over = false;

  constructor(feed: Feed, expansion: Expansion) {
    this.#feed = feed;
    this.#expansion = expansion;
  }

  async read(into: Uint8Array): Promise<number> {
    while (this.#taken === this.#written && !this.#over) {
      try {
        await this.#step();
      } catch (error) {
        if (error instanceof BudgetExceeded) this.fault = error;
        else if (error instanceof Lz4Fault) {
          this.fault = { at: this.#feed.position, detail: error.message };
          this.#written = error.written ?? this.#written;
        } else throw error;
        this.#over = true;
      }
    }
    if (this.fault instanceof BudgetExceeded) return 0;
    const count = Math.min(into.length, this.#written - this.#taken);
    into.set(this.#out.subarray(this.#taken, this.#taken + count));
    this.#taken += count;
    return count;
  }

  close(): void {
    this.#feed.close();
  }

  async #step(): Promise<void> {
    if (this.#frame === undefined) await this.#nextFrame();
    else await this.#nextBlock(this.#frame);
  }

  async #nextFrame(): Promise<void> {
    const mayTrail = this.#expansion.mayTrail && this.#feed.position > 0;
    if (!(await this.#feed.need(mayTrail ? 4 : 1))) {
      this.#over = true;
      return;
    }
    const magic = await this.#number();
    if ((magic & ~0xf) === SKIPPABLE) {
      const size = await this.#number();
      this.skipped.push(Buffer.from(await this.#feed.take(Math.min(size, SKIPPED_KEPT))), Buffer.from('\n'));
      if (size > SKIPPED_KEPT) throw new Lz4Fault(`${size} bytes that are to be skipped follow`);
    } else if (magic === LEGACY) {
      this.#open({
        linked: false,
        blockChecksums: false,
        contentChecksum: false,
        legacy: true,
        blockSize: LEGACY_BLOCK,
      });
    } else if (magic === FRAME) {
      await this.#header();
    } else if (mayTrail) this.#over = true;
    else throw new Lz4Fault('no frame begins where one is due');
  }

  async #header(): Promise<void> {
    const [flags, sizes] = Buffer.from(await this.#exactly(2)) as unknown as [number, number];
    if (flags >>> 6 !== 1) throw new Lz4Fault(`version ${flags >>> 6} of the format is not known`);
    if (flags & 1)
      throw new Lz4Fault('it needs a dictionary that is kept elsewhere: unpack it and scan the result');
    const announced = Buffer.concat([Buffer.from([flags, sizes]), await this.#exactly(flags & 8 ? 8 : 0)]);
    const [checksum] = await this.#exactly(1);
    if (((new XxHash32().update(announced).digest() >>> 8) & 0xff) !== checksum) {
      throw new Lz4Fault('the checksum of a frame’s header does not match');
    }
    this.#open({
      linked: (flags & 0x20) === 0,
      blockChecksums: (flags & 0x10) !== 0,
      contentChecksum: (flags & 4) !== 0,
      legacy: false,
      blockSize: 2 ** (8 + 2 * Math.max(4, (sizes >>> 4) & 7)),
    });
  }

  #open(frame: Frame): void {
    this.#frame = frame;
    this.#hash = new XxHash32();
    const size = HISTORY + frame.blockSize;
    if (this.#out.length < size) this.#out = Buffer.allocUnsafe(size);
    this.#taken = this.#written = 0;
  }

  async #nextBlock(frame: Frame): Promise<void> {
    if (frame.legacy && !(await this.#feed.need(4))) {
      this.#over = true;
      return;
    }
    const word = await this.#number();
    if (frame.legacy ? word > LONGEST_BLOCK : word === 0) {
      // A size that none can have is what follows the old format.
      if (frame.legacy) this.#feed.start -= 4;
      else if (frame.contentChecksum) await this.#verify(this.#hash);
      this.#frame = undefined;
      return;
    }
    const stored = !frame.legacy && word >>> 31 === 1;
    const size = word & 0x7fffffff;
    if (size > Math.max(frame.blockSize, frame.legacy ? LONGEST_BLOCK : 0))
      throw new Lz4Fault('a block is too long');
    const block = await this.#exactly(size);
    const packed = this.#feed.position - this.#packed;
    this.#packed = this.#feed.position;
    this.#unpack(frame, block, stored);
    const fresh = this.#out.subarray(this.#taken, this.#written);
    if (frame.contentChecksum) this.#hash.update(fresh);
    if (frame.blockChecksums) await this.#verify(new XxHash32().update(Buffer.from(block)));
    this.#expansion.budget.expand(fresh.length, packed);
  }

  #unpack(frame: Frame, block: Buffer, stored: boolean): void {
    const kept = frame.linked ? Math.min(HISTORY, this.#written) : 0;
    this.#out.copyWithin(0, this.#written - kept, this.#written);
    this.#taken = this.#written = kept;
    if (stored) this.#written += block.copy(this.#out, kept);
    else this.#written = unpackBlock(block, this.#out, kept, kept + frame.blockSize);
  }

  async #verify(hash: XxHash32): Promise<void> {
    const digest = hash.digest();
    if ((await this.#number()) !== digest)
      throw new Lz4Fault('a checksum does not match the content before it');
  }

  async #number(): Promise<number> {
    return (await this.#exactly(4)).readUInt32LE(0);
  }

  async #exactly(length: number): Promise<Buffer> {
    const bytes = await this.#feed.take(length);
    if (bytes.length < length) throw new Lz4Fault('the file ends in the middle');
    return bytes;
  }
}
