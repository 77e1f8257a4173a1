import type { RandomAccess } from '../file-tree.js';
import type { Block, PackKernel } from './pack-kernel.js';

const PAGE = 16 * 1024;
/** Deltas mostly follow their bases, but families are scattered: measured on git's own history, this misses one in eight. */
export const MANY_PAGES = 1024;
export const FEW_PAGES = 64;

/** A pack's bytes in the memory of a kernel, read straight into it and kept for a while. */
export class PackWindow {
  readonly #kernel: PackKernel;
  readonly #file: RandomAccess;
  readonly #end: number;
  readonly #pages: Block;
  /** Which page of the file each slot holds. */
  readonly #held: Float64Array;

  /** @param end where the last entry ends; `pages`, how many are kept. */
  constructor(kernel: PackKernel, file: RandomAccess, end: number, pages: number) {
    this.#kernel = kernel;
    this.#file = file;
    this.#end = end;
    const slots = Math.max(1, Math.min(pages, Math.ceil(end / PAGE)));
    this.#pages = kernel.allocate(slots * PAGE);
    this.#held = new Float64Array(slots).fill(-1);
  }

  /** Calls `use` with the bytes from `position` on, `length` of them or as many as there are. */
  with<T>(position: number, length: number, use: (packed: Block) => T): T {
    const wanted = Math.max(0, Math.min(length, this.#end - position));
    const page = Math.floor(position / PAGE);
    const within = position - page * PAGE;
    if (within + wanted > PAGE) return this.#alone(position, wanted, use);
    const slot = page % this.#held.length;
    const at = this.#pages.at + slot * PAGE;
    if (this.#held[slot] !== page) {
      this.#held[slot] = -1;
      const filled = this.#fill({ at, length: PAGE }, page * PAGE);
      if (filled < within + wanted) return use({ at: at + within, length: Math.max(0, filled - within) });
      this.#held[slot] = page;
    }
    return use({ at: at + within, length: wanted });
  }

  close(): void {
    this.#kernel.free(this.#pages);
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
      const count = this.#file.readAt(position + filled, filled === 0 ? bytes : bytes.subarray(filled));
      if (count === 0) break;
      filled += count;
    }
    return filled;
  }
}
