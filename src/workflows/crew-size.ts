import { availableParallelism, totalmem } from 'node:os';

/** How many threads may search: so many, or one a core as far as there is memory for them. */
export type Threads = number | 'auto';

/** More threads wait for the same disk and the same memory. */
const MOST = 8;
/**
 * What a thread holds of a repository, by the bytes of its packs' indexes: those themselves, and where each object lies, what it
 * is and what it is built on. Measured with 4 million objects.
 */
const HELD = 2.5;
/** The part of the memory that all threads together may take for that. */
const SHARE = 1 / 4;

/**
 * @param indexed bytes of the indexes of the largest repository
 * @param memory bytes that this process may use
 */
export function crewSize(threads: Threads, indexed: number, memory = usableMemory()): number {
  if (threads !== 'auto') return threads;
  const fitting = Math.floor((memory * SHARE) / (indexed * HELD));
  return Math.max(1, Math.min(availableParallelism(), MOST, fitting));
}

/** A container may use less than the machine has. */
function usableMemory(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
