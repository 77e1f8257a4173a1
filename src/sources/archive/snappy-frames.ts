import { NOTHING, PiecesStream } from './pieces-stream.js';
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

/** Frames of Snappy, of either kind: all of them are one content. */
export class SnappyFrames extends PiecesStream {
  #isJava: boolean | undefined;

  protected async next(): Promise<Buffer> {
    this.#isJava ??= await this.#skipsMark();
    if (!(await this.feed.need(1))) {
      this.end();
      return NOTHING;
    }
    const header = await this.feed.take(HEADER);
    const kind = this.#isJava ? PACKED : (header[0] ?? PACKED);
    if (header.length < HEADER) return this.#broken('it ends in the middle of a header');
    const size = this.#isJava ? header.readUInt32BE(0) : header.readUIntLE(1, 3);
    if (size > LONGEST) return this.#broken(`a piece of ${size} bytes is longer than any that is written`);
    const piece = Buffer.from(await this.feed.take(size));
    if (kind > STORED && kind < SKIPPABLE) return this.#broken(`a piece of kind ${kind}, which is not known`);
    const content =
      kind <= STORED ? this.#unpack(this.#isJava ? piece : piece.subarray(CHECKSUM), kind) : NOTHING;
    if (piece.length < size) this.end('it ends in the middle of a piece');
    return content;
  }

  async #skipsMark(): Promise<boolean> {
    await this.feed.need(JAVA_HEADER);
    const { buffer, start } = this.feed;
    const isJava = buffer.toString('latin1', start, start + SNAPPY_JAVA.length) === SNAPPY_JAVA;
    if (isJava) await this.feed.skip(JAVA_HEADER);
    return isJava;
  }

  #unpack(piece: Buffer, kind: number): Buffer {
    if (kind === STORED) return piece;
    const { content, problem } = unpackSnappy(piece, Math.min(snappySize(piece), LONGEST));
    if (problem !== undefined) this.end(problem);
    return content;
  }

  #broken(detail: string): Buffer {
    this.end(detail);
    return NOTHING;
  }
}
