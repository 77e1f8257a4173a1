import { randomInt } from 'node:crypto';

/** What marks, in a layer, what it takes away from those below (OCI image-spec, layer.md). */
const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';
/** Entries of all layers of an image that are remembered; of more, it can't be said what became of them. */
export const MOST_ENTRIES = 1_000_000;

const FOLDER = 1;
const OTHER = 2;
const DELETED = 4;
const EMPTIED = 8;

/** What a layer does to a path of a layer below. */
export type Fate = 'deleted' | 'replaced';

/** The paths of one layer, as far as they say what becomes of what lies below; names are kept as hashes. */
export class Layer {
  readonly #paths = new Map<number, number>();
  readonly #room: { left: number };

  constructor(room: { left: number }) {
    this.#room = room;
  }

  /** @param path without `.` and empty parts. */
  note(path: string, folder: boolean): void {
    const slash = path.lastIndexOf('/') + 1;
    const name = path.slice(slash);
    if (name === OPAQUE) this.#add(path.slice(0, Math.max(0, slash - 1)), EMPTIED);
    else if (name.startsWith(WHITEOUT))
      this.#add(path.slice(0, slash) + name.slice(WHITEOUT.length), DELETED);
    else this.#add(path, folder ? FOLDER : OTHER);
  }

  /** What becomes, in this layer, of a file that a layer below has; undefined where it stays. */
  fateOf(path: string): Fate | undefined {
    const own = this.#paths.get(hash(path)) ?? 0;
    if (own & DELETED) return 'deleted';
    if (own & (FOLDER | OTHER)) return 'replaced';
    for (let end = path.lastIndexOf('/'); ; end = path.lastIndexOf('/', end - 1)) {
      const above = this.#paths.get(hash(end < 0 ? '' : path.slice(0, end))) ?? 0;
      if (above & (DELETED | EMPTIED | OTHER)) return 'deleted';
      if (end <= 0) return undefined;
    }
  }

  #add(path: string, what: number): void {
    const key = hash(path);
    const known = this.#paths.get(key);
    if (known === undefined && this.#room.left-- <= 0) return;
    this.#paths.set(key, (known ?? 0) | what);
  }
}

const SEEDS = [randomInt(2 ** 31), randomInt(2 ** 31)] as const;

/** 52 bits of a hash that nobody can make collide, because nobody knows its seeds. */
function hash(text: string): number {
  let [a, b] = SEEDS as readonly [number, number];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    a = Math.imul(a ^ code, 0x85ebca6b);
    a ^= a >>> 13;
    b = Math.imul(b ^ code, 0xc2b2ae35);
    b ^= b >>> 16;
  }
  return (a >>> 0) * 2 ** 20 + ((b >>> 0) & 0xfffff);
}
