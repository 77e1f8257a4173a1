import { LZOP, unpackLzo } from './lzo.js';
import { NOTHING, PiecesStream } from './pieces-stream.js';

/** Of a header: sums of blocks unpacked and packed, a field of its own, a filter. */
const FLAGS = {
  adlerOut: 0x1,
  adlerIn: 0x2,
  extra: 0x40,
  crcOut: 0x100,
  crcIn: 0x200,
  filter: 0x800,
} as const;
/** From this version on, a header has two fields more. */
const NEWER = 0x940;
/** What a block may unpack to: lzop writes 256 KiB, and reads so much. */
const LONGEST = 64 * 1024 * 1024;
const SUM = 4;

/** What lzop wrote (its `lzop.c`; there is no other description): its members are one content. */
export class LzopMembers extends PiecesStream {
  /** Of the member that is read; none between two. */
  #flags: number | undefined;

  protected async next(): Promise<Buffer> {
    if (this.#flags !== undefined) return this.#block(this.#flags);
    if (await this.feed.need(1)) await this.#header();
    else this.end();
    return NOTHING;
  }

  async #header(): Promise<void> {
    const mark = await this.feed.take(LZOP.length);
    if (mark.toString('latin1') !== LZOP) return this.end('what follows is not lzop, and was not scanned');
    const isNewer = (await this.#number(2)) >= NEWER;
    await this.feed.skip(isNewer ? 6 : 3);
    const flags = await this.#number(4);
    await this.feed.skip((flags & FLAGS.filter ? 4 : 0) + (isNewer ? 12 : 8));
    await this.feed.skip((await this.#number(1)) + SUM);
    if (flags & FLAGS.extra) await this.feed.skip((await this.#number(4)) + SUM);
    this.#flags = flags;
    if (flags & FLAGS.filter) this.end('it was filtered before it was packed, which is not undone');
  }

  async #block(flags: number): Promise<Buffer> {
    const size = await this.#number(4);
    if (size === 0) {
      this.#flags = undefined;
      return NOTHING;
    }
    const packed = await this.#number(4);
    if (size > LONGEST || packed > size) {
      this.end(`a block of ${size} bytes, packed to ${packed}, is none that is written`);
      return NOTHING;
    }
    const sums = [FLAGS.adlerOut, FLAGS.crcOut, ...(packed < size ? [FLAGS.adlerIn, FLAGS.crcIn] : [])];
    await this.feed.skip(sums.filter((sum) => flags & sum).length * SUM);
    const block = Buffer.from(await this.feed.take(packed));
    const { content, problem } = packed < size ? unpackLzo(block, size) : { content: block };
    if (block.length < packed) this.end('it ends in the middle of a block');
    else if (problem !== undefined) this.end(problem);
    return content;
  }

  async #number(bytes: number): Promise<number> {
    const taken = await this.feed.take(bytes);
    if (taken.length === bytes) return taken.readUIntBE(0, bytes);
    this.end('it ends in the middle of a header');
    return 0;
  }
}
