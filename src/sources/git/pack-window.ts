import type { RandomAccess } from '../file-tree.js';
import type { Block, PackKernel } from './pack-kernel.js';

const WINDOW = 1024 ** 2;
/** How far before a place that is asked for the window begins: bases mostly stand a little before their deltas. */
const LEAD = WINDOW / 4;

/** A pack's bytes in the memory of a kernel, read straight into it. */
export class PackWindow {
  readonly #kernel: PackKernel;
  readonly #file: RandomAccess;
  readonly #end: number;
  readonly #window: Block;
  #at = 0;
  #filled = 0;

  /** @param end where the last entry ends. */
  constructor(kernel: PackKernel, file: RandomAccess, end: number) {
    this.#kernel = kernel;
    this.#file = file;
    this.#end = end;
    this.#window = kernel.allocate(Math.min(WINDOW, file.size));
  }

  /** Calls `use` with the bytes from `position` on, `length` of them or as many as there are. */
  with<T>(position: number, length: number, use: (packed: Block) => T): T {
    const wanted = Math.max(0, Math.min(length, this.#end - position));
    if (wanted > this.#window.length - LEAD) return this.#alone(position, wanted, use);
    if (position < this.#at || position + wanted > this.#at + this.#filled) {
      this.#at = Math.max(0, position - LEAD);
      this.#filled = this.#fill(this.#window, this.#at);
    }
    const there = Math.max(0, Math.min(wanted, this.#at + this.#filled - position));
    return use({ at: this.#window.at + (position - this.#at), length: there });
  }

  close(): void {
    this.#kernel.free(this.#window);
  }

  #alone<T>(position: number, length: number, use: (packed: Block) => T): T {
    const block = this.#kernel.allocate(length);
    try {
      return use({ at: block.at, length: this.#fill(block, position) });
    } finally {
      this.#kernel.free(block);
    }
  }

  #fill(block: Block, position: number): number {
    const bytes = this.#kernel.view(block);
    let filled = 0;
    while (filled < bytes.length) {
      const count = this.#file.readAt(position + filled, bytes.subarray(filled));
      if (count === 0) break;
      filled += count;
    }
    return filled;
  }
}
