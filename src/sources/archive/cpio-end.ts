import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';

const TRAILER = 'TRAILER!!!';
/** The number of the format, and thirteen numbers of eight hexadecimal digits (cpio(5), newc). */
const HEADER = 110;
const SIZE = 54;
const NAME_SIZE = 94;
/** What follows is aligned to as much at most. */
const LONGEST_PADDING = 64 * 1024;

/** Where the next thing begins behind a cpio of the new format; `undefined` where there is nothing but padding. */
export function cpioEnd(access: RandomAccess): number | undefined {
  for (let at = 0; ; ) {
    const header = bytesAt(access, at, HEADER).toString('latin1');
    if (header.length < HEADER || !/^07070[12][0-9A-Fa-f]{104}$/.test(header)) return undefined;
    const nameSize = numberIn(header, NAME_SIZE);
    const name = bytesAt(access, at + HEADER, TRAILER.length).toString('latin1');
    const data = aligned(at + HEADER + nameSize);
    at = aligned(data + numberIn(header, SIZE));
    if (name === TRAILER && nameSize === TRAILER.length + 1) return behindPadding(access, at);
  }
}

function behindPadding(access: RandomAccess, at: number): number | undefined {
  const filled = bytesAt(access, at, LONGEST_PADDING).findIndex((byte) => byte !== 0);
  return filled < 0 ? undefined : at + filled;
}

function numberIn(header: string, at: number): number {
  return Number.parseInt(header.slice(at, at + 8), 16);
}

function aligned(at: number): number {
  return Math.ceil(at / 4) * 4;
}
