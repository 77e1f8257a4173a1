import type { Span } from '../../model/span.js';
import { isSubmodule, lineBefore, treeLines } from './tree-object.js';

/** Bits of the filter that most IDs fail at first sight. */
const FILTER = 1 << 20;

/**
 * Which trees name which objects, kept small: of a tree that is a delta only the lines that its base didn't have. What
 * it gives is therefore a superset of the trees that hold something, and never less.
 */
export class TreeEdges {
  readonly #idBytes: number;
  readonly #ids: (() => string)[] = [];
  /** The tree that each is a delta of, or -1. It comes before. */
  #bases = new Int32Array(1024);
  /** The objects named, by the first 53 bits of their IDs, and the tree that names each. */
  #named = new Float64Array(4096);
  #by = new Int32Array(4096);
  #count = 0;

  constructor(idBytes: number) {
    this.#idBytes = idBytes;
  }

  /** Takes a tree in; gives its number. `known` says what it was built on, and what is new in it. */
  add(id: () => string, bytes: Uint8Array, known?: { base: number; fresh: readonly Span[] }): number {
    const tree = this.#ids.push(id) - 1;
    if (tree === this.#bases.length) this.#bases = doubled(this.#bases, Int32Array);
    this.#bases[tree] = known?.base ?? -1;
    if (known === undefined) {
      this.#addLines(tree, bytes, 0, bytes.length);
    } else {
      for (const { start, end } of known.fresh) {
        this.#addLines(tree, bytes, lineBefore(bytes, start, this.#idBytes), end);
      }
    }
    return tree;
  }

  /** The trees that may hold one of `wanted`, or a folder that may. */
  holders(wanted: Iterable<string>): ReadonlySet<string> {
    const found = new Set<string>();
    const hot = new Uint8Array(this.#ids.length);
    let keys = new Set([...wanted].map(keyOfHex));
    while (keys.size > 0) {
      const filter = new Uint8Array(FILTER);
      for (const key of keys) filter[key % FILTER] = 1;
      const next = new Set<number>();
      const direct = new Uint8Array(hot.length);
      for (let edge = 0; edge < this.#count; edge++) {
        const key = this.#named[edge]!;
        if (filter[key % FILTER] === 1 && keys.has(key)) direct[this.#by[edge]!] = 1;
      }
      for (let tree = 0; tree < hot.length; tree++) {
        const base = this.#bases[tree]!;
        if (base >= 0 && direct[base] === 1) direct[tree] = 1;
        if (direct[tree] === 0 || hot[tree] === 1) continue;
        hot[tree] = 1;
        const id = this.#ids[tree]!();
        found.add(id);
        next.add(keyOfHex(id));
      }
      keys = next;
    }
    return found;
  }

  #addLines(tree: number, bytes: Uint8Array, from: number, to: number): void {
    for (const { mode, idAt } of treeLines(bytes, this.#idBytes, from)) {
      if (!isSubmodule(mode)) this.#addEdge(tree, keyAt(bytes, idAt));
      if (idAt + this.#idBytes > to) break;
    }
  }

  #addEdge(tree: number, key: number): void {
    if (this.#count === this.#by.length) {
      this.#named = doubled(this.#named, Float64Array);
      this.#by = doubled(this.#by, Int32Array);
    }
    this.#named[this.#count] = key;
    this.#by[this.#count++] = tree;
  }
}

/** The first 53 bits of an object ID, as a number. */
export function keyAt(bytes: Uint8Array, at: number): number {
  const high = bytes[at]! * 0x10000 + bytes[at + 1]! * 0x100 + bytes[at + 2]!;
  const low =
    ((bytes[at + 3]! << 24) | (bytes[at + 4]! << 16) | (bytes[at + 5]! << 8) | bytes[at + 6]!) >>> 0;
  return (high & 0x1fffff) * 2 ** 32 + low;
}

export function keyOfHex(id: string): number {
  return keyAt(Buffer.from(id.slice(0, 14), 'hex'), 0);
}

function doubled<T extends Int32Array | Float64Array>(array: T, Type: new (length: number) => T): T {
  const larger = new Type(array.length * 2);
  larger.set(array);
  return larger;
}
