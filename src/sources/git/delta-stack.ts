import type { EntryBuilder } from './entry-builder.js';
import type { Block, PackKernel } from './pack-kernel.js';
import { NONE, type PackTable } from './pack-table.js';

/** An object on which more is built: `next` is the entry to build next. */
export interface Frame {
  readonly entry: number;
  next: number;
  block: Block | undefined;
}

/** The objects from the root of a delta tree down to the one that is being built on. They hold no more than `most` bytes. */
export class DeltaStack {
  readonly #table: PackTable;
  readonly #builder: EntryBuilder;
  readonly #kernel: PackKernel;
  readonly #most: number;
  #frames: Frame[] = [];
  #held = 0;

  constructor(table: PackTable, builder: EntryBuilder, kernel: PackKernel, most: number) {
    this.#table = table;
    this.#builder = builder;
    this.#kernel = kernel;
    this.#most = most;
  }

  get top(): Frame | undefined {
    return this.#frames.at(-1);
  }

  /** The block belongs to the stack from here on. */
  push(entry: number, block: Block, next: number): void {
    this.#frames.push({ entry, block, next });
    this.#held += block.length;
    for (let at = 0; this.#held > this.#most && at < this.#frames.length - 1; at++)
      this.#release(this.#frames[at]!);
  }

  pop(): void {
    this.#release(this.#frames.pop()!);
  }

  empty(): void {
    for (const frame of this.#frames) this.#release(frame);
    this.#frames = [];
  }

  /** The bytes of a frame; when they were let go, they are built again from the nearest that is at hand. */
  blockOf(frame: Frame): Block {
    if (frame.block !== undefined) return frame.block;
    const chain: number[] = [];
    let block: Block | undefined;
    for (let at = frame.entry; at !== NONE && block === undefined; at = this.#table.parent[at]!) {
      block = this.#frames.find((other) => other.entry === at)?.block;
      if (block === undefined) chain.push(at);
    }
    let own = false;
    for (const entry of chain.reverse()) {
      const base: Block | undefined = block;
      block = base === undefined ? this.#builder.plant(entry) : this.#builder.rebuild(entry, base);
      if (own) this.#kernel.free(base!);
      own = true;
    }
    frame.block = block!;
    this.#held += block!.length;
    return block!;
  }

  #release(frame: Frame): void {
    if (frame.block === undefined) return;
    this.#held -= frame.block.length;
    this.#kernel.free(frame.block);
    frame.block = undefined;
  }
}
