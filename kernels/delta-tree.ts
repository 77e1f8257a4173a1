// Goes through all that is built on one plain entry of a pack, depth first: each object is made of its base, and kept as
// long as something is built on it. Whoever asks for it says what is to be done with an object.
import { SLACK, baseSize, readSizes, resultSize } from './pack';
import { NONE, countAnew, firstOn, nextTo, packed, sizeOf, unpack } from './entries';

/** Bytes of a frame: the next child, where the object stands, how long it is, what is free once it is done with, and its entry. */
export const FRAME: i32 = 20;

let arena: usize = 0;
let arenaEnd: usize = 0;
let frames: usize = 0;
let frameRoom: i32 = 0;
let largest: u32 = 0;
let ratio: f64 = 0;
let ratioFloor: f64 = 0;
let keptBits: u32 = 31;

/** Objects of the tree so far, and their bytes. */
export let objects: i32 = 0;
export let made: f64 = 0;

export function setArena(at: usize, end: usize, framesAt: usize, room: i32): void {
  arena = at;
  arenaEnd = end;
  frames = framesAt;
  frameRoom = room;
}

/** No object has more than `mostBytes`; once there are `floor` bytes, they are no more than `mostRatio` times the packed ones. */
export function setLimits(mostBytes: u32, mostRatio: f64, floor: f64): void {
  largest = mostBytes;
  ratio = mostRatio;
  ratioFloor = floor;
}

/** Behind each object that is kept there is room for what is known of it: `size >> shift` bytes, and 16 more. */
export function keepBehind(shift: u32): void {
  keptBits = shift;
}

/** Where what is kept behind an object begins. */
// @ts-ignore: decorator
@inline
export function behind(at: usize, size: i32): usize {
  return (at + size + SLACK + 15) & ~15;
}

// @ts-ignore: decorator
@inline
function after(at: usize, size: i32): usize {
  return (behind(at, size) + ((<u32>size >> keptBits) + 31)) & ~15;
}

/** Inflates a plain entry; gives where it stands, or 0. */
export function plant(root: i32): usize {
  const size: u32 = sizeOf(root);
  if (size > largest || after(arena, size) + SLACK > arenaEnd) return 0;
  objects = 1;
  made = <f64>size;
  countAnew();
  return unpack(root, arena, size) ? arena : 0;
}

/** Whether an object of `size` bytes can be made at `target` without touching its delta. */
// @ts-ignore: decorator
@inline
export function fits(target: usize, size: i32, delta: usize): bool {
  return after(target, size) <= delta;
}

/**
 * Told of an object, `child`, that becomes of the bytes of `parent` and of a delta, about which `readSizes` was asked
 * last. Makes it at `target` if it fits there; what is a leaf need not be made. False to stop.
 */
type Visit = (
  child: i32,
  parent: i32,
  base: usize,
  baseLength: i32,
  delta: usize,
  deltaLength: i32,
  target: usize,
  leaf: bool,
) => bool;

/** Visits all that is built on the entry that was planted last; false when something is out of the ordinary, or `visit` says so. */
export function grow(root: i32, visit: Visit): bool {
  const first: i32 = firstOn(root);
  if (first == NONE) return true;
  const rootSize: i32 = sizeOf(root);
  let depth: i32 = 1;
  setFrame(frames, first, arena, rootSize, arena, root);
  let top: usize = after(arena, rootSize);
  const half: usize = arena + ((arenaEnd - arena) >> 1);
  while (depth > 0) {
    const frame: usize = frames + (depth - 1) * FRAME;
    const child: i32 = load<i32>(frame);
    const base: usize = load<u32>(frame, 4);
    const baseLength: i32 = load<i32>(frame, 8);
    const free: usize = load<u32>(frame, 12);
    const parent: i32 = load<i32>(frame, 16);
    const next: i32 = nextTo(child);
    const grandchild: i32 = firstOn(child);
    const leaf: bool = grandchild == NONE;

    const deltaLength: u32 = sizeOf(child);
    if (deltaLength > largest || <usize>deltaLength + 2 * SLACK + top > arenaEnd) return false;
    const delta: usize = (arenaEnd - SLACK - deltaLength) & ~15;
    if (!unpack(child, delta, deltaLength)) return false;
    if (!readSizes(delta, deltaLength) || <u32>baseLength != baseSize || resultSize > largest) return false;
    const size: i32 = resultSize;
    objects++;
    made += <f64>size;
    if (made > ratioFloor && made > packed * ratio) return false;
    if (!visit(child, parent, base, baseLength, delta, deltaLength, top, leaf)) return false;

    if (next == NONE) depth--;
    else store<i32>(frame, next);
    if (!leaf) {
      if (depth == frameRoom) return false;
      let at: usize = top;
      let under: usize = top;
      if (next == NONE) {
        // Nothing more is built on its base: once there is little room, it moves there.
        under = free;
        if (top > half && top - free >= after(0, size)) {
          memory.copy(free, top, after(0, size));
          at = free;
        }
      }
      setFrame(frames + depth++ * FRAME, grandchild, at, size, under, child);
      top = after(at, size);
    } else if (next == NONE) {
      top = free;
    }
  }
  return true;
}

// @ts-ignore: decorator
@inline
function setFrame(frame: usize, child: i32, at: usize, size: i32, free: usize, entry: i32): void {
  store<i32>(frame, child);
  store<u32>(frame, <u32>at, 4);
  store<i32>(frame, size, 8);
  store<u32>(frame, <u32>free, 12);
  store<i32>(frame, entry, 16);
}
