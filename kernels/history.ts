// Reads the commits and trees of a git pack without leaving WebAssembly: each entry is inflated once, each object
// rebuilt from its base. Of a commit the OUT buffer gets what it names, of a tree the lines that its base doesn't have,
// and those of the base that it hasn't: only folders, and what is wanted. A delta tree in which anything is out of the
// ordinary is given back to the host.
import { readCommit } from './commit';
import { rebuild } from './copied';
import { fits, grow, keepBehind, plant, setLimits } from './delta-tree';
import { COMMIT, TREE, sizeOf, typeOf } from './entries';
import { resultSize } from './pack';
import { drain, tellReturned } from './records';
import { grownTree, wholeTree } from './tree-lines';
import { setIdBytes } from './tree-line';

export { setCopies } from './copied';
export { FRAME, setArena } from './delta-tree';
export { STRIDE, setColumns, setPages } from './entries';
export { heapBase } from './pack';
export { outUsed, setOut } from './records';
export { addWanted, setWanted } from './wanted';

/** A bit for each byte says where the lines of a tree begin. */
keepBehind(3);

export function setRules(idBytes: i32, mostBytes: u32, mostRatio: f64, floor: f64): void {
  setIdBytes(idBytes);
  setLimits(mostBytes, mostRatio, floor);
}

/** Walks the delta trees whose bases are commits and trees among the entries of [from, to). */
export function walk(from: i32, to: i32): void {
  for (let entry = from; entry < to; entry++) {
    const type: i32 = typeOf(entry);
    const done: bool = type == TREE ? walkTrees(entry) : type != COMMIT || walkCommits(entry);
    if (!done) tellReturned(entry);
  }
  drain();
}

function walkTrees(root: i32): bool {
  const bytes: usize = plant(root);
  if (bytes == 0) return false;
  wholeTree(root, bytes, sizeOf(root));
  return grow(root, tellGrownTree);
}

function tellGrownTree(
  child: i32,
  parent: i32,
  base: usize,
  baseLength: i32,
  delta: usize,
  deltaLength: i32,
  target: usize,
  _leaf: bool,
): bool {
  const size: i32 = resultSize;
  if (!fits(target, size, delta) || !rebuild(base, baseLength, delta, deltaLength, target, size)) return false;
  grownTree(child, parent, base, baseLength, target, size);
  return true;
}

function walkCommits(root: i32): bool {
  const bytes: usize = plant(root);
  return bytes != 0 && readCommit(root, bytes, sizeOf(root)) && grow(root, tellGrownCommit);
}

function tellGrownCommit(
  child: i32,
  _parent: i32,
  base: usize,
  baseLength: i32,
  delta: usize,
  deltaLength: i32,
  target: usize,
  _leaf: bool,
): bool {
  const size: i32 = resultSize;
  if (!fits(target, size, delta) || !rebuild(base, baseLength, delta, deltaLength, target, size)) return false;
  return readCommit(child, target, size);
}
