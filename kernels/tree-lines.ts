// Which lines of a tree are new, and which of its base are gone: what it costs follows what its delta brings along.
// Behind each tree that is kept stand marks of where its lines begin.
import { copyCount, copyFrom, copyLength, copyTo } from './copied';
import { behind } from './delta-tree';
import { NONE } from './entries';
import { clear, copyBits, isMarked, lastMark, mark } from './line-marks';
import { ADDED, REMOVED, tellLine, tellTree } from './records';
import { lineEnd } from './tree-line';

/** Tells every line of a tree. */
export function wholeTree(entry: i32, bytes: usize, size: i32): void {
  const bits: usize = behind(bytes, size);
  const end: usize = bytes + size;
  clear(bits, size);
  tellTree(entry, NONE);
  let at: usize = bytes;
  while (at < end) {
    const next: usize = lineEnd(at, end);
    if (next == 0) return;
    mark(bits, <i32>(at - bytes));
    tellLine(ADDED);
    at = next;
  }
  mark(bits, size);
}

/**
 * Tells what a tree has that its base hasn't, and what only that has. A line inside one copied piece is the base's, as long as one begins there in
 * the base, too; from then on both go in step. Pieces that were copied out of order count as new.
 */
export function grownTree(entry: i32, parent: i32, base: usize, baseLength: i32, bytes: usize, size: i32): void {
  const bits: usize = behind(bytes, size);
  const known: usize = behind(base, baseLength);
  const end: usize = bytes + size;
  clear(bits, size);
  tellTree(entry, parent);
  let at: i32 = 0;
  let kept: i32 = 0;
  for (let index = 0; index <= copyCount; index++) {
    const to: i32 = index == copyCount ? size : copyTo(index);
    const from: i32 = index == copyCount ? 0 : copyFrom(index);
    const stop: i32 = index == copyCount ? size : to + copyLength(index);
    while (at < stop) {
      const source: i32 = from + at - to;
      if (at >= to && source >= kept && isMarked(known, source)) {
        const last: i32 = lastMark(known, source, from + stop - to);
        if (last > source) {
          gone(base, baseLength, kept, source);
          copyBits(bits, at, known, source, last - source);
          at += last - source;
          kept = last;
          continue;
        }
      }
      const next: usize = lineEnd(bytes + at, end);
      if (next == 0) {
        gone(base, baseLength, kept, baseLength);
        return;
      }
      mark(bits, at);
      tellLine(ADDED);
      at = <i32>(next - bytes);
    }
  }
  mark(bits, size);
  gone(base, baseLength, kept, baseLength);
}

/** Lines of the base, from one that begins at `from` to `to`, that the tree built on it hasn't. */
function gone(base: usize, baseLength: i32, from: i32, to: i32): void {
  const end: usize = base + baseLength;
  let at: usize = base + from;
  while (at < base + to) {
    at = lineEnd(at, end);
    if (at == 0) return;
    tellLine(REMOVED);
  }
}
