import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';

const WINDOW = 256 * 1024;
/** What may follow `PK`: a member, a descriptor, an entry of the directory, its end (plain and zip64). */
const MARKS = [0x0304, 0x0708, 0x0102, 0x0506, 0x0606];

/** Where the mark of a member stands next, from `start` on and before `end`. */
export function nextLocalHeader(access: RandomAccess, start: number, end: number): number | undefined {
  for (let position = start; position < end; ) {
    const window = bytesAt(access, position, Math.min(WINDOW, end - position));
    const at = window.indexOf('PK\x03\x04', 0, 'latin1');
    if (at >= 0) return position + at;
    position += Math.max(window.length - 3, 1);
  }
  return undefined;
}

/** How far data of unknown size may reach: to the next mark of the format. */
export function extentOf(access: RandomAccess, start: number): number {
  let position = start;
  for (;;) {
    const window = bytesAt(access, position, WINDOW);
    for (
      let at = window.indexOf('PK');
      at >= 0 && at + 4 <= window.length;
      at = window.indexOf('PK', at + 1)
    ) {
      if (MARKS.includes(window.readUInt16BE(at + 2))) return position + at - start;
    }
    if (window.length < WINDOW) return position + window.length - start;
    position += window.length - 3;
  }
}
