import { BudgetExceeded } from '../../model/budget.js';
import type { Provenance } from '../../model/provenance.js';
import type { ByteStream } from '../../model/source.js';
import { type Damage, type DecodedStream, drain } from './decoded-stream.js';
import { type Expansion, type Found, faultFound, member, placeIn } from './found.js';
import { unpackedName } from './gzip.js';
import { LzwKernel, STEP } from './lzw-kernel.js';

/** Magic number, and the third byte: how many bits a code has at most, and whether one clears the table (0x80). */
const HEADER = 3;
const NOTHING = new Uint8Array(0);

/** Reads what compress(1) wrote (.Z). Nothing in it says where it ends. */
export async function* readCompress(
  stream: ByteStream,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  const content = new CompressStream(stream, expansion);
  yield member({ type: 'unit', provenance: placeIn(where, unpackedName(where), ['compress']), content });
  await drain(content);
  if (content.fault !== undefined) yield faultFound(where, content.fault);
}

class CompressStream implements DecodedStream {
  readonly #input: ByteStream;
  readonly #expansion: Expansion;
  #kernel: LzwKernel | undefined;
  #content: Uint8Array = NOTHING;
  #position = 0;
  #over = false;
  fault: Damage | BudgetExceeded | undefined;

  constructor(input: ByteStream, expansion: Expansion) {
    this.#input = input;
    this.#expansion = expansion;
  }

  async read(into: Uint8Array): Promise<number> {
    while (this.#content.length === 0 && !this.#over) await this.#step();
    const count = Math.min(into.length, this.#content.length);
    into.set(this.#content.subarray(0, count));
    this.#content = this.#content.subarray(count);
    if (this.#over && this.#content.length === 0) this.#release();
    return count;
  }

  close(): void {
    this.#over = true;
    this.#content = NOTHING;
    this.#release();
    this.#input.close();
  }

  async #step(): Promise<void> {
    const kernel = this.#kernel ?? (await this.#begin());
    if (kernel.isHungry) {
      const count = await this.#input.read(kernel.input);
      // The last code may still be in the kernel's hands: it has read ahead.
      if (count === 0) this.#over = true;
      kernel.give(count);
    }
    const { ended, content, packed } = kernel.step();
    this.#position += packed;
    this.#content = content;
    if (ended === STEP.full) this.#over = false;
    if (ended === STEP.damaged) this.#end({ at: this.#position, detail: 'a code stands for nothing' });
    try {
      this.#expansion.budget.expand(content.length, packed);
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error;
      this.#content = NOTHING;
      this.#end(error);
    }
  }

  async #begin(): Promise<LzwKernel> {
    const header = Buffer.alloc(HEADER);
    for (let count: number; this.#position < HEADER; this.#position += count) {
      count = await this.#input.read(header.subarray(this.#position));
      if (count === 0) break;
    }
    const flags = header[2]!;
    this.#kernel = LzwKernel.start(flags & 0x1f, (flags & 0x80) !== 0);
    return this.#kernel;
  }

  #end(fault: Damage | BudgetExceeded): void {
    this.fault = fault;
    this.#over = true;
  }

  #release(): void {
    this.#kernel?.release();
    this.#kernel = undefined;
  }
}
