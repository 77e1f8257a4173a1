import { closeSync, constants, openSync, readSync } from 'node:fs';
import type { Screen } from '../model/screen.js';
import type { ExpansionOptions } from './archive/expansion-options.js';
import { mayExpandBytes } from './archive/look-into.js';
import { OPEN_FLAGS } from './disk-access.js';
import type { DiskTree } from './disk-tree.js';

/** Files from this size on are read as streams. */
export const SMALL = 128 * 1024;
/** What is searched at once: more does not stay in a processor's second cache between reading and searching. */
const ROOM = 3 * SMALL;
/** Stands between two files. */
const SEAM = 0x0a;
const FLAGS = OPEN_FLAGS | (constants.O_NOFOLLOW ?? 0);

/**
 * Looks at small files in bulk, read one behind the other into the memory that is searched. Most hold nothing and end
 * here, at the cost of the four system calls each; a tree of many files is made of them.
 */
export class Glance {
  readonly #tree: DiskTree;
  readonly #screen: Screen;
  readonly #options: ExpansionOptions;
  readonly #room: Buffer;
  #held: { path: string; start: number; size: number }[] = [];
  #filled = 0;

  constructor(tree: DiskTree, screen: Screen, options: ExpansionOptions) {
    this.#tree = tree;
    this.#screen = screen;
    this.#options = options;
    this.#room = Buffer.from(screen.room.buffer, screen.room.byteOffset, ROOM);
  }

  /** Those of the files that must be read one by one: what is no small plain file, can't be read, or may hold something. */
  unclear(paths: readonly string[]): string[] {
    const unclear: string[] = [];
    for (const path of paths) {
      if (this.#room.length - this.#filled < SMALL) this.#search(unclear);
      const end = this.#read(path);
      // What seems empty may be a pipe or a device.
      if (end === this.#filled || end === this.#filled + SMALL || this.#mayExpand(path, end)) {
        unclear.push(path);
        continue;
      }
      this.#held.push({ path, start: this.#filled, size: end - this.#filled });
      // What begins a file follows nothing: its neighbour's last byte would make a word of it.
      this.#room[end] = SEAM;
      this.#filled = end + 1;
    }
    this.#search(unclear);
    return unclear;
  }

  /** @returns where in the room its bytes end; where they begin when it can't be read */
  #read(path: string): number {
    const start = this.#filled;
    let end = start;
    let descriptor: number | undefined;
    try {
      descriptor = openSync(this.#tree.pathOf(path), FLAGS);
      while (end < start + SMALL) {
        const count = readSync(descriptor, this.#room, end, start + SMALL - end, null);
        if (count === 0) break;
        end += count;
      }
      return end;
    } catch {
      return start;
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }

  #mayExpand(path: string, end: number): boolean {
    return mayExpandBytes(path, this.#room.subarray(this.#filled, end), this.#options);
  }

  /** A literal over the seam of two files leads to a look too many, no more. */
  #search(unclear: string[]): void {
    const held = this.#held;
    const filled = this.#filled;
    if (held.length === 0) return;
    this.#held = [];
    this.#filled = 0;
    let files = held.length;
    let bytes = held.reduce((sum, { size }) => sum + size, 0);
    let last = -1;
    for (const at of [...this.#screen.suspectsInRoom(filled)].sort((a, b) => a - b)) {
      const index = held.findLastIndex(({ start }) => start <= at);
      if (index === last) continue;
      last = index;
      files--;
      bytes -= held[index]!.size;
      unclear.push(held[index]!.path);
    }
    this.#screen.passed('file', files, bytes);
  }
}
