import { createHash } from 'node:crypto';
import type { Share } from '../../model/share.js';
import { ENTRY, PARTS, SharedHeaders } from './shared-headers.js';

/** Packs that can be divided this way at once; the others are divided beforehand. */
const SLOTS = 64;
/** Stretches that a pack is divided into. */
export const STRETCHES = 256;
/** Words of the board before its slots: a lock, how many slots are taken, and how many bytes of the room for headers. */
const LOCK = 0;
const TAKEN = 1;
const FILLED = 2;
const FIRST_SLOT = 3;
/** Words of a slot: what names it, how many entries the pack has, where the room for their headers begins, and who has what. */
const KEY_WORDS = 5;
const COUNT = KEY_WORDS;
const HEADERS_AT = COUNT + 1;
const PARTS_AT = HEADERS_AT + 1;
const STRETCHES_AT = PARTS_AT + PARTS;
const SLOT = STRETCHES_AT + STRETCHES;
const WORDS = FIRST_SLOT + SLOTS * SLOT;
/** Room for the headers of sixteen million entries. Pages that are never written take no memory. */
const HEADERS = 160 * 1024 * 1024;

/** Bytes of {@link Share.board}. */
export const BOARD = 4 * WORDS + HEADERS;

/** How often each share has come by a pack: who reads a repository twice does so with two slots. */
const visits = new WeakMap<Share, Map<string, number>>();

/** What the threads that read one pack see of each other. */
export class SharedPack {
  readonly #board: SharedArrayBuffer;
  readonly #slot: Int32Array;
  readonly #share: Share;

  constructor(board: SharedArrayBuffer, slot: Int32Array, share: Share) {
    this.#board = board;
    this.#slot = slot;
    this.#share = share;
  }

  /** The numbers of the stretches that are this share's: each thread takes the next that nobody has. */
  *stretches(): Generator<number> {
    const { index, again } = this.#share;
    for (let stretch = 0; stretch < STRETCHES; stretch++) {
      const at = STRETCHES_AT + stretch;
      const mine =
        again === true
          ? Atomics.load(this.#slot, at) === index + 1
          : Atomics.compareExchange(this.#slot, at, 0, index + 1) === 0;
      if (mine) yield stretch;
    }
  }

  /** Where the headers of its entries are read together; undefined where there is no room. */
  headers(count: number): SharedHeaders | undefined {
    const slot = this.#slot;
    const fits = locked(this.#board, (words) => {
      const size = 8 * Math.ceil((count * ENTRY) / 8);
      if (slot[COUNT] === 0 && words[FILLED]! + size <= HEADERS) {
        slot[COUNT] = count;
        slot[HEADERS_AT] = 4 * WORDS + words[FILLED]!;
        words[FILLED]! += size;
      }
      return slot[COUNT] === count;
    });
    if (!fits || count === 0) return undefined;
    return new SharedHeaders(
      slot.subarray(PARTS_AT, PARTS_AT + PARTS),
      this.#board,
      slot[HEADERS_AT]!,
      count,
    );
  }
}

/**
 * The place on the board where threads divide a pack while they work, or undefined where there is no room: no thread
 * finds any, then.
 *
 * @param pack names the pack and the repository, the same in every thread.
 */
export function sharedPack(pack: string, share: Share): SharedPack | undefined {
  const { board } = share;
  if (board === undefined) return undefined;
  const seen = visits.get(share) ?? new Map<string, number>();
  visits.set(share, seen);
  const visit = (seen.get(pack) ?? 0) + 1;
  seen.set(pack, visit);
  const slot = locked(board, (words) => slotOf(words, `${visit} ${pack}`));
  return slot === undefined ? undefined : new SharedPack(board, slot, share);
}

function slotOf(words: Int32Array, name: string): Int32Array | undefined {
  const digest = createHash('sha1').update(name).digest();
  const key = Array.from({ length: KEY_WORDS }, (_, word) => digest.readInt32LE(4 * word));
  const end = FIRST_SLOT + words[TAKEN]! * SLOT;
  let at = FIRST_SLOT;
  while (at < end && !key.every((word, index) => words[at + index] === word)) at += SLOT;
  if (at === end) {
    if (words[TAKEN] === SLOTS) return undefined;
    words.set(key, at);
    words[TAKEN]! += 1;
  }
  return words.subarray(at, at + SLOT);
}

function locked<T>(board: SharedArrayBuffer, act: (words: Int32Array) => T): T {
  const words = new Int32Array(board, 0, WORDS);
  while (Atomics.compareExchange(words, LOCK, 0, 1) !== 0) Atomics.wait(words, LOCK, 1, 1);
  const result = act(words);
  Atomics.store(words, LOCK, 0);
  Atomics.notify(words, LOCK);
  return result;
}
