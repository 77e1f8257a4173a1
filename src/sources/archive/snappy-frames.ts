import { BudgetExceeded } from '../../model/budget.js';
import type { Provenance } from '../../model/provenance.js';
import type { ByteStream } from '../../model/source.js';
import { Feed } from '../feed.js';
import { type Damage, type DecodedStream, drain } from './decoded-stream.js';
import { type Expansion, type Found, faultFound, member } from './found.js';
import { SNAPPY_JAVA, snappySize, unpackSnappy } from './snappy.js';

/** Behind the mark of Java, two versions. */
const JAVA_HEADER = 16;
const HEADER = 4;
const CHECKSUM = 4;
const PACKED = 0;
const STORED = 1;
/** Kinds from here on may be passed over by who does not know them. */
const SKIPPABLE = 0x80;
/** What a piece may unpack to. */
const LONGEST = 16 * 1024 * 1024;
const NOTHING: Buffer = Buffer.alloc(0);

/** Reads frames of Snappy, of either kind: all of them are one content. @param place what the content is called */
export async function* readSnappyFrames(
  stream: ByteStream,
  where: Provenance,
  expansion: Expansion,
  place: Provenance,
): AsyncGenerator<Found> {
  const content = new FramesStream(stream instanceof Feed ? stream : new Feed(stream), expansion);
  yield member({ type: 'unit', provenance: place, content });
  await drain(content);
  if (content.fault !== undefined) yield faultFound(where, content.fault);
}

class FramesStream implements DecodedStream {
  readonly #feed: Feed;
  readonly #expansion: Expansion;
  #isJava: boolean | undefined;
  #content = NOTHING;
  #packed = 0;
  #over = false;
  fault: Damage | BudgetExceeded | undefined;

  constructor(feed: Feed, expansion: Expansion) {
    this.#feed = feed;
    this.#expansion = expansion;
  }

  async read(into: Uint8Array): Promise<number> {
    while (this.#content.length === 0 && !this.#over) await this.#step();
    const count = this.#content.copy(into);
    this.#content = this.#content.subarray(count);
    return count;
  }

  close(): void {
    this.#feed.close();
  }

  async #step(): Promise<void> {
    this.#isJava ??= await this.#skipsMark();
    if (!(await this.#feed.need(1))) {
      this.#over = true;
      return;
    }
    const header = await this.#feed.take(HEADER);
    const kind = this.#isJava ? PACKED : (header[0] ?? PACKED);
    if (header.length < HEADER) return this.#end('it ends in the middle of a header');
    const size = this.#isJava ? header.readUInt32BE(0) : header.readUIntLE(1, 3);
    if (size > LONGEST) return this.#end(`a piece of ${size} bytes is longer than any that is written`);
    const piece = Buffer.from(await this.#feed.take(size));
    if (kind > STORED && kind < SKIPPABLE) return this.#end(`a piece of kind ${kind}, which is not known`);
    if (kind <= STORED) this.#unpack(this.#isJava ? piece : piece.subarray(CHECKSUM), kind);
    if (piece.length < size) this.#end('it ends in the middle of a piece');
    this.#count();
  }

  async #skipsMark(): Promise<boolean> {
    await this.#feed.need(JAVA_HEADER);
    const { buffer, start } = this.#feed;
    const isJava = buffer.toString('latin1', start, start + SNAPPY_JAVA.length) === SNAPPY_JAVA;
    if (isJava) await this.#feed.skip(JAVA_HEADER);
    return isJava;
  }

  #unpack(piece: Buffer, kind: number): void {
    const { content, problem } =
      kind === STORED
        ? { content: piece, problem: undefined }
        : unpackSnappy(piece, Math.min(snappySize(piece), LONGEST));
    this.#content = content;
    if (problem !== undefined) this.#end(problem);
  }

  #count(): void {
    const packed = this.#feed.position - this.#packed;
    this.#packed = this.#feed.position;
    try {
      this.#expansion.budget.expand(this.#content.length, packed);
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error;
      this.#content = NOTHING;
      this.fault = error;
      this.#over = true;
    }
  }

  #end(detail: string): void {
    this.fault ??= { at: this.#feed.position, detail };
    this.#over = true;
  }
}
