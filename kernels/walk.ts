// Walks whole delta trees of a git pack without leaving WebAssembly: each entry is inflated once, each object rebuilt
// from its base where something is built on it, and what no object before it held goes to the OUT buffer, which the
// host searches. A tree in which anything is out of the ordinary is given back to the host, whole.
//
// A window of REACH + 1 bytes that stands in an object stands in its base, or in OUT: copies longer than twice REACH
// are cut short in the middle there. So a literal no longer than that can't be in a tree unless OUT shows it.
import { HEAD, isContainer, setMarks } from './container';
import { lineBefore, lines, links } from './names';
import { REACH, begin, drain, emit, finish, giveBack, putTo, roomFor } from './out';
import {
  DONE,
  SLACK,
  applyDelta,
  baseSize,
  consumed,
  copy,
  copyFields,
  followingBytes,
  freshCount,
  inflate,
  instructions,
  readSizes,
  resultSize,
  written,
} from './pack';

export { link, readHeaders, sortOffsets } from './ground';
export { addIds, setIds } from './known';
export * from './out';
export * from './pack';

/** Reads `length` bytes of the pack at `position`; gives how many there were. */
// @ts-ignore: decorator
@external('env', 'read')
declare function read(position: f64, length: i32, target: usize): i32;

const NONE: i32 = -1;
const TREE: i32 = 2;
const BLOB: i32 = 3;
const TAG: i32 = 4;

/** A part of the pack that is read at once, and what is read beyond it, so that few entries lie across an end. */
export const PAGE: i32 = 4096;
export const BEYOND: i32 = 1024;
export const STRIDE: i32 = PAGE + BEYOND + SLACK;
/** Deflate can't do better (zlib's technical notes). */
const BEST_RATIO: f64 = 1032;
/** Of long copies in a tree that nothing is built on, the ends are enough to read its new lines. */
const ENDS: i32 = 2048;
const WHOLE: i32 = 0x7ffffffe;

const head: usize = memory.data(HEAD + 80, 16);

// Columns: one value an entry. Where the entry begins (and of one more, where the last ends), how long its header is...
let offsets: usize = 0;
let sizes: usize = 0;
let headers: usize = 0;
let types: usize = 0;
let firsts: usize = 0;
let nexts: usize = 0;
let pages: usize = 0;
let held: usize = 0;
let slots: i32 = 0;
let spill: usize = 0;
let spillRoom: i32 = 0;
let arena: usize = 0;
let arenaEnd: usize = 0;
let frames: usize = 0;
let frameRoom: i32 = 0;
let fresh: usize = 0;
let freshRoom: i32 = 0;
let largest: u32 = 0;
let ratio: f64 = 0;
let ratioFloor: f64 = 0;

let root: i32 = 0;
let objects: i32 = 0;
let made: f64 = 0;
let packed: f64 = 0;

export function setColumns(a: usize, b: usize, c: usize, d: usize, e: usize, f: usize): void {
  offsets = a;
  sizes = b;
  headers = c;
  types = d;
  firsts = e;
  nexts = f;
}

export function setPages(at: usize, heldAt: usize, count: i32, spillAt: usize, room: i32): void {
  pages = at;
  held = heldAt;
  slots = count;
  spill = spillAt;
  spillRoom = room;
  memory.fill(held, 0xff, count << 3);
}

export function setArena(at: usize, end: usize, framesAt: usize, room: i32, freshAt: usize, stretches: i32): void {
  arena = at;
  arenaEnd = end;
  frames = framesAt;
  frameRoom = room;
  fresh = freshAt;
  freshRoom = stretches;
}

/** `marksAt`: see `setMarks`. */
export function setRules(mostBytes: u32, mostRatio: f64, floor: f64, marksAt: usize, count: i32): void {
  largest = mostBytes;
  ratio = mostRatio;
  ratioFloor = floor;
  setMarks(marksAt, count);
}

/** Walks the delta trees whose bases are plain entries of [from, to). */
export function walk(from: i32, to: i32): void {
  for (let entry = from; entry < to; entry++) {
    const type: i32 = load<u8>(types + entry);
    if (type >= 6) continue;
    root = entry;
    if (type > TAG || type == 0 || !walkTree(type)) giveBack(entry);
  }
  begin(NONE);
  drain();
}

function walkTree(type: i32): bool {
  const size: u32 = load<u32>(sizes + (<usize>root << 2));
  if (size > largest || <usize>size + 2 * SLACK > arenaEnd - arena) return false;
  objects = 1;
  made = <f64>size;
  packed = 0;
  if (!unpack(root, arena, size)) return false;
  begin(root);
  emit(arena, size);
  if (type == BLOB) {
    if (isContainer(arena, size)) return false;
  } else if (type == TREE) {
    lines(root, arena, size, 0, size, false);
  } else {
    links(root, arena, size);
  }
  const first: i32 = load<i32>(firsts + (<usize>root << 2));
  if (first != NONE && !walkDeltas(type, first, size)) return false;
  finish(objects, made, packed);
  return true;
}

// A frame: the next child, where the object stands, how long it is, and what is free once it is done with.
function walkDeltas(type: i32, first: i32, rootSize: i32): bool {
  let depth: i32 = 1;
  setFrame(frames, first, arena, rootSize, arena);
  let top: usize = after(arena, rootSize);
  const half: usize = arena + ((arenaEnd - arena) >> 1);
  while (depth > 0) {
    const frame: usize = frames + ((depth - 1) << 4);
    const child: i32 = load<i32>(frame);
    const base: usize = load<u32>(frame, 4);
    const baseLength: i32 = load<i32>(frame, 8);
    const free: usize = load<u32>(frame, 12);
    const next: i32 = load<i32>(nexts + (<usize>child << 2));
    const grandchild: i32 = load<i32>(firsts + (<usize>child << 2));

    const deltaLength: u32 = load<u32>(sizes + (<usize>child << 2));
    if (deltaLength > largest || <usize>deltaLength + 2 * SLACK + top > arenaEnd) return false;
    const delta: usize = (arenaEnd - SLACK - deltaLength) & ~15;
    if (!unpack(child, delta, deltaLength)) return false;
    if (!readSizes(delta, deltaLength) || <u32>baseLength != baseSize || resultSize > largest) return false;
    const size: i32 = resultSize;
    objects++;
    made += <f64>size;
    if (made > ratioFloor && made > packed * ratio) return false;

    const leaf: bool = grandchild == NONE;
    if (leaf && type == BLOB) {
      if (!applyBlob(base, baseLength, delta, deltaLength, 0, size)) return false;
    } else {
      if (top + size + SLACK > delta) return false;
      if (type == BLOB) {
        if (!applyBlob(base, baseLength, delta, deltaLength, top, size)) return false;
      } else {
        const most: i32 = leaf ? ENDS : WHOLE;
        if (applyDelta(base, baseLength, delta, deltaLength, top, size, fresh, freshRoom, 64, most) != DONE) {
          return false;
        }
        if (!emitFresh(child, type, top, size)) {
          if (applyDelta(base, baseLength, delta, deltaLength, top, size, fresh, freshRoom, 64, WHOLE) != DONE) {
            return false;
          }
          lines(child, top, size, 0, size, false);
        }
      }
    }
    if (next == NONE) depth--;
    else store<i32>(frame, next);
    if (!leaf) {
      if (depth == frameRoom) return false;
      let at: usize = top;
      let under: usize = top;
      if (next == NONE) {
        // Nothing more is built on its base: once there is little room, it moves there.
        under = free;
        if (top > half && top - free >= <usize>size) {
          memory.copy(free, top, size);
          at = free;
        }
      }
      setFrame(frames + (depth++ << 4), grandchild, at, size, under);
      top = after(at, size);
    } else if (next == NONE) {
      top = free;
    }
  }
  return true;
}

// @ts-ignore: decorator
@inline
function setFrame(frame: usize, child: i32, at: usize, size: i32, free: usize): void {
  store<i32>(frame, child);
  store<u32>(frame, <u32>at, 4);
  store<i32>(frame, size, 8);
  store<u32>(frame, <u32>free, 12);
}

// @ts-ignore: decorator
@inline
function after(at: usize, size: i32): usize {
  return (at + size + SLACK + 15) & ~15;
}

/** Inflates an entry, which has to be exactly as long, packed and unpacked, as everything else says. */
function unpack(entry: i32, target: usize, size: u32): bool {
  const position: f64 = load<f64>(offsets + (<usize>entry << 3)) + <f64>load<u8>(headers + entry);
  const room: f64 = load<f64>(offsets + (<usize>entry << 3), 8) - position;
  if (room <= 0 || room > <f64>i32.MAX_VALUE || <f64>size > room * BEST_RATIO) return false;
  const length: i32 = <i32>room;
  const source: usize = fetch(position, length);
  if (source == 0 || inflate(source, length, target, size) != DONE || consumed != length) return false;
  packed += room;
  return true;
}

function fetch(position: f64, length: i32): usize {
  const page: f64 = Math.floor(position / <f64>PAGE);
  const within: i32 = <i32>(position - page * <f64>PAGE);
  if (within + length > PAGE + BEYOND) {
    return length <= spillRoom && read(position, length, spill) == length ? spill : 0;
  }
  const slot: i32 = <i32>(<i64>page % <i64>slots);
  const at: usize = pages + slot * STRIDE;
  const note: usize = held + (<usize>slot << 3);
  if (load<i32>(note) != <i32>page) {
    store<i32>(note, -1);
    const filled: i32 = read(page * <f64>PAGE, PAGE + BEYOND, at);
    store<i32>(note, filled, 4);
    store<i32>(note, <i32>page);
  }
  return within + length <= load<i32>(note, 4) ? at + within : 0;
}

/**
 * What a commit, a tag or a tree has that its base hadn't, with what stands around it; and what is named there. False when the
 * tree has to be looked at whole.
 */
function emitFresh(entry: i32, type: i32, bytes: usize, size: i32): bool {
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
