import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';

const WINDOW = 256 * 1024;

interface Progress {
  found: number;
  window: Buffer;
  start: number;
}

/** Looks for texts (one character per byte) from front to back; of each it remembers what it found last, and what it has read. */
export class ForwardSearch {
  readonly #access: RandomAccess;
  readonly #progress = new Map<string, Progress>();

  constructor(access: RandomAccess) {
    this.#access = access;
  }

  /** The first place at or behind `from`, which never gets less for a text; -1 where there is none. */
  next(text: string, from: number): number {
    const progress = this.#progress.get(text) ?? { found: 0, window: Buffer.alloc(0), start: 0 };
    const isFirst = !this.#progress.has(text);
    if (isFirst) this.#progress.set(text, progress);
    else if (progress.found < 0 || progress.found >= from) return progress.found;
    progress.found = this.#look(text, from, progress);
    return progress.found;
  }

  #look(text: string, from: number, progress: Progress): number {
    let at = from;
    for (;;) {
      const end = progress.start + progress.window.length;
      if (at >= progress.start && at + text.length <= end) {
        const found = progress.window.indexOf(text, at - progress.start, 'latin1');
        if (found >= 0) return progress.start + found;
        at = end - text.length + 1;
      }
      if (at + text.length > this.#access.size) return -1;
      progress.start = at;
      progress.window = bytesAt(this.#access, at, WINDOW);
      if (progress.window.length < text.length) return -1;
    }
  }
}
