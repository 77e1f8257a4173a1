import type { Mark } from './marks.js';
import { isAt } from './starts-with.js';

/** How revision histories other than git's begin: what they pack stands in streams that can be told by their beginnings. */
export const VERSION_STREAMS: readonly Omit<Mark, 'format'>[] = [
  // Mercurial: the index of a revlog that holds its revisions, with and without general deltas; bundles.
  { text: '\0\x01\0\x01', fits: isRevlog },
  { text: '\0\x03\0\x01', fits: isRevlog },
  { text: 'HG10GZ' },
  { text: 'HG10BZ' },
  { text: 'HG20\0\0\0' },
  // Subversion: what a revision adds, packed by zlib.
  { text: 'DELTA', fits: (head) => windowsOf(head) === 1 },
];

export const BAZAAR = 'Bazaar pack format 1';

/** The version of the windows (svndiff) in which the first revision of a file of Subversion's is written. */
export function windowsOf(head: Uint8Array): number | undefined {
  const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 80)).toString('latin1');
  return /^DELTA(?: \d+ \d+ \d+)?\nSVN([\0-\x02])/.exec(start)?.[1]?.charCodeAt(0);
}

/** The first entry of a revlog has no parents, and a SHA-1 in a field of 32 bytes. */
function isRevlog(head: Uint8Array): boolean {
  return isAt(head, 24, '\xff'.repeat(8)) && isAt(head, 52, '\0'.repeat(12));
}
