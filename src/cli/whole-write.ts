import { writeSync } from 'node:fs';

/**
 * Writes at once, and to the end: a disk that is almost full takes a part, and says so only by how much it took.
 *
 * @throws what the system says, such as ENOSPC, or EPIPE where the reader is gone.
 */
export function writeWhole(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      // A pipe whose reader is slow.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}
