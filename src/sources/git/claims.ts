import { createHash } from 'node:crypto';
import type { Share } from '../../model/share.js';

/** Packs that can be divided this way at once; the others are divided beforehand. */
const SLOTS = 64;
/** Stretches that a pack is divided into. */
export const STRETCHES = 256;
const KEY_WORDS = 5;
const SLOT = KEY_WORDS + STRETCHES;

/** Bytes of {@link Share.board}: a lock, how many slots are taken, and the slots, each a key and who has which stretch. */
export const BOARD = 4 * (2 + SLOTS * SLOT);

/** How often each share has come by a pack: who reads a repository twice does so with two slots. */
const visits = new WeakMap<Share, Map<string, number>>();

/**
 * Divides a pack's stretches among threads while they work: each takes the next that nobody has. Gives the numbers of
 * those that are this share's, or undefined where there is no room on the board: no thread finds any, then.
 *
 * @param pack names the pack and the repository, the same in every thread.
 */
export function claims(pack: string, share: Share): Generator<number> | undefined {
  if (share.board === undefined) return undefined;
  const board = new Int32Array(share.board);
  const seen = visits.get(share) ?? new Map<string, number>();
  visits.set(share, seen);
  const visit = (seen.get(pack) ?? 0) + 1;
  seen.set(pack, visit);
  const slot = slotOf(board, `${visit} ${pack}`);
  return slot === undefined ? undefined : claimed(board, slot + KEY_WORDS, share);
}

function* claimed(board: Int32Array, at: number, { index, again }: Share): Generator<number> {
  for (let stretch = 0; stretch < STRETCHES; stretch++) {
    const mine =
      again === true
        ? Atomics.load(board, at + stretch) === index + 1
        : Atomics.compareExchange(board, at + stretch, 0, index + 1) === 0;
    if (mine) yield stretch;
  }
}

function slotOf(board: Int32Array, name: string): number | undefined {
  const digest = createHash('sha1').update(name).digest();
  const key = Array.from({ length: KEY_WORDS }, (_, word) => digest.readInt32LE(4 * word));
  while (Atomics.compareExchange(board, 0, 0, 1) !== 0) Atomics.wait(board, 0, 1, 1);
  const taken = board[1]!;
  let slot = 2;
  while (slot < 2 + taken * SLOT && !key.every((word, at) => board[slot + at] === word)) slot += SLOT;
  const found = slot < 2 + taken * SLOT;
  if (!found && taken < SLOTS) {
    board.set(key, slot);
    board[1] = taken + 1;
  }
  Atomics.store(board, 0, 0);
  Atomics.notify(board, 0);
  return found || taken < SLOTS ? slot : undefined;
}
