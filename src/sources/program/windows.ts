import type { RandomAccess } from '../file-tree.js';
import { fill } from '../random-access.js';
import type { Segment } from './program.js';

/** What is read at a time, and what of it is read again before and behind. */
const WINDOW = 1024 * 1024;
export const AROUND = 64;

/** Some bytes of a segment, of which `[first, last)` are to be looked at; what is around them is there to be read. */
export interface Window {
  readonly bytes: Uint8Array;
  /** The same, in words; where the file is as aligned as memory is. */
  readonly words: Uint32Array;
  readonly first: number;
  readonly last: number;
  /** Where the first byte of `bytes` stands in memory. */
  readonly address: number;
}

/** A segment, window by window; words begin where they do in memory. Each is valid until the next is asked for. */
export function* windowsOf(access: RandomAccess, { offset, size, address }: Segment): Generator<Window> {
  // Words of memory are words here, too.
  const shift = ((address % 8) + 8) % 8;
  const total = Math.min(size, access.size - offset);
  const step = Math.min(WINDOW, (Math.max(0, total) + shift + 7) & ~7);
  const memory = new Uint8Array(AROUND + step + AROUND);
  const words = new Uint32Array(memory.buffer);
  for (let at = -shift; at < total; at += step) {
    memory.fill(0);
    const from = Math.max(0, offset + at - AROUND);
    const into = AROUND - (offset + at - from);
    const end = Math.min(offset + total, offset + at + step + AROUND);
    fill(access, from, memory.subarray(into, into + Math.max(0, end - from)));
    const last = AROUND + Math.min(step, total - at);
    yield { bytes: memory, words, first: AROUND, last, address: address + at - AROUND };
  }
}
