// Walks whole delta trees of a git pack without leaving WebAssembly: each entry is inflated once, each object rebuilt
// from its base where something is built on it, and what no object before it held goes to the OUT buffer, which the
// host searches. A tree in which anything is out of the ordinary is given back to the host, whole.
//
// A window of REACH + 1 bytes that stands in an object stands in its base, or in OUT: copies longer than twice REACH
// are cut short in the middle there. So a literal no longer than that can't be in a tree unless OUT shows it.
import { HEAD, isContainer, setMarks } from './container';
import { fits, grow, made, objects, plant, setLimits } from './delta-tree';
import { BLOB, NONE, TAG, TREE, packed, sizeOf, typeOf } from './entries';
import { lineBefore, lines, links } from './names';
import { REACH, SEAM, begin, drain, emit, finish, giveBack, putTo, roomFor, settlePassed } from './out';
import {
  DONE,
  applyDelta,
  copy,
  copyFields,
  followingBytes,
  freshCount,
  instructions,
  resultSize,
  written,
} from './pack';

export { FRAME, setArena } from './delta-tree';
export { STRIDE, setColumns, setPages } from './entries';
export { link, mapEntries, readHeaders, readOffsets, sortOffsets } from './ground';
export { addIds, setIds } from './known';
export { entryEnds, mayBegin, wantsMore } from './entry-ends';
export { makeAll } from './naming';
export * from './out';
export * from './pack';

/** Of long copies in a tree that nothing is built on, the ends are enough to read its new lines. */
const ENDS: i32 = 2048;
const WHOLE: i32 = 0x7ffffffe;

const head: usize = memory.data(HEAD + 80, 16);

let fresh: usize = 0;
let freshRoom: i32 = 0;
/** The type of the objects of the tree that is being walked. */
let type: i32 = 0;

/** Room for so many stretches of what is new in an object. */
export function setFresh(at: usize, stretches: i32): void {
  fresh = at;
  freshRoom = stretches;
}

/** `marksAt`: see `setMarks`. */
export function setRules(mostBytes: u32, mostRatio: f64, floor: f64, marksAt: usize, count: i32): void {
  setLimits(mostBytes, mostRatio, floor);
  setMarks(marksAt, count);
}

/** Walks the delta trees whose bases are plain entries of [from, to). */
export function walk(from: i32, to: i32): void {
  for (let entry = from; entry < to; entry++) {
    type = typeOf(entry);
    if (type >= 6) continue;
    if (type > TAG || type == 0 || !walkTree(entry)) giveBack(entry);
  }
  begin(NONE);
  drain();
  settlePassed();
}

function walkTree(root: i32): bool {
  const bytes: usize = plant(root);
  if (bytes == 0) return false;
  const size: i32 = sizeOf(root);
  begin(root);
  emit(bytes, size);
  if (type == BLOB) {
    if (isContainer(bytes, size)) return false;
  } else if (type == TREE) {
    lines(root, bytes, size, 0, size, false);
  } else {
    links(root, bytes, size);
  }
  if (!grow(root, emitNew)) return false;
  finish(objects, made, packed);
  return true;
}

/** What an object has that its base hasn't goes to OUT. */
function emitNew(
  child: i32,
  _parent: i32,
  base: usize,
  baseLength: i32,
  delta: usize,
  deltaLength: i32,
  target: usize,
  leaf: bool,
): bool {
  const size: i32 = resultSize;
  if (type == BLOB && leaf) return applyBlob(base, baseLength, delta, deltaLength, 0, size);
  if (!fits(target, size, delta)) return false;
  if (type == BLOB) return applyBlob(base, baseLength, delta, deltaLength, target, size);
  const most: i32 = leaf ? ENDS : WHOLE;
  if (applyDelta(base, baseLength, delta, deltaLength, target, size, fresh, freshRoom, 64, most) != DONE) return false;
  if (emitFresh(child, target, size)) return true;
  // What is left out in the middle is needed all the same.
  if (applyDelta(base, baseLength, delta, deltaLength, target, size, fresh, freshRoom, 64, WHOLE) != DONE) return false;
  lines(child, target, size, 0, size, false);
  return true;
}

/**
 * What a commit, a tag or a tree has that its base hadn't, with what stands around it; and what is named there. False when the
 * tree has to be looked at whole.
 */
function emitFresh(entry: i32, bytes: usize, size: i32): bool {
  let clean: bool = true;
  for (let index = 0; index < freshCount; index++) {
    const start: i32 = load<i32>(fresh + (index << 3));
    const end: i32 = load<i32>(fresh + (index << 3), 4);
    const from: i32 = max(0, start - REACH);
    emit(bytes + from, min(written, end + REACH) - from);
    if (type == TREE && clean) {
      const line: i32 = lineBefore(bytes, written, start);
      // Where lines begin was found by their looks, or pieces are left out before: what seems to be missing is looked up
      // from the first line on.
      clean = lines(entry, bytes, written, line, end, line > 0 || written != size);
    }
  }
  if (type != TREE) links(entry, bytes, size);
  return clean;
}

/** Builds a blob at `target`, unless that is 0, and puts into OUT what its base hadn't. False: not an ordinary blob. */
function applyBlob(base: usize, baseLength: i32, delta: usize, deltaLength: i32, target: usize, size: i32): bool {
  const end: usize = delta + deltaLength;
  let at: usize = delta + instructions;
  let output: i32 = 0;
  let sameHead: bool = false;
  // A piece has at most 127 bytes, and up to 32 more are overwritten.
  let out: usize = roomFor(PIECES);
  let outEnd: usize = out + PIECES - 160;
  store<u8>(out++, SEAM);
  while (at < end) {
    if (out > outEnd) {
      putTo(out);
      out = roomFor(PIECES);
      outEnd = out + PIECES - 160;
    }
    const opcode: u32 = load<u8>(at++);
    let source: usize = at;
    let length: u32 = opcode;
    if ((opcode & 0x80) != 0) {
      const fields: v128 = copyFields(opcode, at);
      at += followingBytes(opcode);
      const offset: u32 = i32x4.extract_lane(fields, 0);
      length = i32x4.extract_lane(fields, 1);
      if (length == 0) length = 0x10000;
      if (at > end || <u64>offset + length > <u64>baseLength) return false;
      source = base + offset;
      if (output == 0 && offset == 0 && length >= <u32>HEAD) sameHead = true;
      // Both ends, or all of it.
      v128.store(out, v128.load(source));
      v128.store(out + REACH, v128.load(length > 2 * <u32>REACH ? source + length - REACH : source + REACH));
      out += min(length, 2 * <u32>REACH);
    } else {
      if (opcode == 0 || at + opcode > end) return false;
      at += opcode;
      copy(out, source, length);
      out += length;
    }
    if (<u64>output + length > <u64>size) return false;
    if (target != 0) copy(target + output, source, length);
    else if (output < HEAD && !sameHead) copy(head + output, source, min<i32>(length, HEAD - output));
    output += length;
  }
  putTo(out);
  if (output != size) return false;
  return sameHead || !isContainer(target == 0 ? head : target, size);
}

/** So much of OUT is asked for at once. */
const PIECES: i32 = 4096;
