// Walks whole delta trees of a git pack without leaving WebAssembly: each entry is inflated once, each object rebuilt
// from its base where something is built on it, and what no object before it held goes to the OUT buffer, which the
// host searches. A tree in which anything is out of the ordinary is given back to the host, whole.
//
// A window of REACH + 1 bytes that stands in an object stands in its base, or in OUT: copies longer than twice REACH
// are cut short in the middle there. So a literal no longer than that can't be in a tree unless OUT shows it.
import {
  DONE,
  SLACK,
  applyDelta,
  baseSize,
  consumed,
  freshCount,
  inflate,
  instructions,
  readSizes,
  resultSize,
} from './pack';

export * from './pack';

/** Reads `length` bytes of the pack at `position`; gives how many there were. */
// @ts-ignore: decorator
@external('env', 'read')
declare function read(position: f64, length: i32, target: usize): i32;

/** Takes note of OUT and of the lists; all of them are empty afterwards. */
// @ts-ignore: decorator
@external('env', 'flush')
declare function flush(): void;

const NONE: i32 = -1;
const COMMIT: i32 = 1;
const TREE: i32 = 2;
const BLOB: i32 = 3;

/** The longest literal that is looked for, less one. */
export const REACH: i32 = 15;
/** A part of the pack that is read at once, and what is read beyond it, so that few entries lie across an end. */
export const PAGE: i32 = 4096;
export const BEYOND: i32 = 2048;
export const STRIDE: i32 = PAGE + BEYOND + SLACK;
/** Deflate can't do better (zlib's technical notes). */
const BEST_RATIO: f64 = 1032;
/** What tells a tar lies in so many bytes. */
const HEAD: i32 = 512;
const MARK: i32 = 32;
const SUBMODULE: i32 = 0o160000;

const head: usize = memory.data(HEAD + 80, 16);
const name: usize = memory.data(64, 16);

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
let out: usize = 0;
let outRoom: i32 = 0;
let lists: usize = 0;
let listRoom: i32 = 0;
let ids: usize = 0;
let idBits: i32 = 0;
let idBytes: i32 = 20;
let seed: u64 = 0;
let marks: usize = 0;
let markCount: i32 = 0;
let largest: u32 = 0;
let ratio: f64 = 0;
let ratioFloor: f64 = 0;

/** Bytes in OUT. */
export let outUsed: i32 = 0;
/** Lists of `listRoom` rows each, in this order: where in OUT what root begins (2 words), trees that were walked to the
 * end (root, objects, and as f64 bytes and packed bytes: 6 words), trees that are given back (1 word), what is named
 * and not there (namer, type, and an ID of 32 bytes: 10 words). */
export let startCount: i32 = 0;
export let finishedCount: i32 = 0;
export let returnedCount: i32 = 0;
export let missingCount: i32 = 0;

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

export function setOut(at: usize, room: i32, listsAt: usize, rows: i32): void {
  out = at;
  outRoom = room;
  lists = listsAt;
  listRoom = rows;
}

/** `marksAt`: beginnings that a container may have, each a length in 16 bytes and the text in 16 more. */
export function setRules(mostBytes: u32, mostRatio: f64, floor: f64, marksAt: usize, count: i32): void {
  largest = mostBytes;
  ratio = mostRatio;
  ratioFloor = floor;
  marks = marksAt;
  markCount = count;
}

/** A set of object IDs, eight bytes of each, in 2 ** `bits` slots. */
export function setIds(at: usize, bits: i32, bytes: i32, random: f64): void {
  ids = at;
  idBits = bits;
  idBytes = bytes;
  seed = <u64>(random * 9007199254740992.0) | 1;
  seed |= seed << 40;
  memory.fill(ids, 0, <usize>8 << bits);
}

// @ts-ignore: decorator
@inline
function slotOf(key: u64): u32 {
  return <u32>((key * seed) >> <u64>(64 - idBits));
}

// @ts-ignore: decorator
@inline
function keyOf(id: usize): u64 {
  const key = load<u64>(id);
  return key == 0 ? 1 : key;
}

export function addIds(at: usize, count: i32, step: i32): void {
  const mask: u32 = (1 << idBits) - 1;
  for (; count > 0; count--) {
    const key = keyOf(at);
    let slot = slotOf(key);
    for (;;) {
      const known = load<u64>(ids + ((<usize>slot) << 3));
      if (known == key) break;
      if (known == 0) {
        store<u64>(ids + ((<usize>slot) << 3), key);
        break;
      }
      slot = (slot + 1) & mask;
    }
    at += step;
  }
}

function isKnown(id: usize): bool {
  const mask: u32 = (1 << idBits) - 1;
  const key = keyOf(id);
  let slot = slotOf(key);
  let known = load<u64>(ids + ((<usize>slot) << 3));
  while (known != key && known != 0) {
    slot = (slot + 1) & mask;
    known = load<u64>(ids + ((<usize>slot) << 3));
  }
  return known == key;
}

/** Walks the delta trees whose bases are plain entries of [from, to). */
export function walk(from: i32, to: i32): void {
  for (let entry = from; entry < to; entry++) {
    const type: i32 = load<u8>(types + entry);
    if (type >= 6) continue;
    root = entry;
    if (type > BLOB || type == 0 || !walkTree(type)) {
      if (returnedCount == listRoom) drain();
      store<i32>(lists + listRoom * 32 + (returnedCount++ << 2), entry);
    }
  }
  root = NONE;
  drain();
}

function walkTree(type: i32): bool {
  const size: u32 = load<u32>(sizes + (<usize>root << 2));
  if (size > largest || <usize>size + 2 * SLACK > arenaEnd - arena) return false;
  objects = 1;
  made = <f64>size;
  packed = 0;
  if (!unpack(root, arena, size)) return false;
  if (startCount == listRoom) drain();
  noteStart();
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
  if (finishedCount == listRoom) drain();
  const row: usize = lists + listRoom * 8 + finishedCount++ * 24;
  store<i32>(row, root);
  store<i32>(row, objects, 4);
  store<f64>(row, made, 8);
  store<f64>(row, packed, 16);
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
        if (applyDelta(base, baseLength, delta, deltaLength, top, size, fresh, freshRoom, 64) != DONE) return false;
        emitFresh(child, type, top, size);
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

function noteStart(): void {
  store<i32>(lists + (startCount << 3), outUsed);
  store<i32>(lists + (startCount++ << 3), root, 4);
}

/** Lets the host look at OUT and the lists. The end of OUT is kept in front: literals may begin in it. */
function drain(): void {
  flush();
  const kept: i32 = min(REACH, outUsed);
  memory.copy(out, out + outUsed - kept, kept);
  outUsed = kept;
  startCount = 0;
  finishedCount = 0;
  returnedCount = 0;
  missingCount = 0;
  noteStart();
}

function emit(at: usize, length: i32): void {
  while (length > 0) {
    if (outUsed >= outRoom) drain();
    const part: i32 = min(length, outRoom - outUsed);
    memory.copy(out + outUsed, at, part);
    outUsed += part;
    at += part;
    length -= part;
  }
}

/** The same for little: up to 127 bytes. */
// @ts-ignore: decorator
@inline
function put(at: usize, length: i32): void {
  if (outUsed + 128 > outRoom) drain();
  const target: usize = out + outUsed;
  for (let done = 0; done < length; done += 16) v128.store(target + done, v128.load(at + done));
  outUsed += length;
}

/** What a commit or a tree has that its base hadn't, with what stands around it; and what is named there. */
function emitFresh(entry: i32, type: i32, bytes: usize, size: i32): void {
  let clean: bool = true;
  for (let index = 0; index < freshCount; index++) {
    const start: i32 = load<i32>(fresh + (index << 3));
    const end: i32 = load<i32>(fresh + (index << 3), 4);
    const from: i32 = max(0, start - REACH);
    emit(bytes + from, min(size, end + REACH) - from);
    if (type == TREE && clean) {
      const line: i32 = lineBefore(bytes, size, start);
      // Where lines begin was found by their looks: what seems to be missing is looked up from the first line on.
      clean = lines(entry, bytes, size, line, end, line > 0);
    }
  }
  if (type == COMMIT) links(entry, bytes, size);
  else if (!clean) lines(entry, bytes, size, 0, size, false);
}

/** Builds a blob at `target`, unless that is 0, and puts into OUT what its base hadn't. False: not an ordinary blob. */
function applyBlob(base: usize, baseLength: i32, delta: usize, deltaLength: i32, target: usize, size: i32): bool {
  const end: usize = delta + deltaLength;
  let at: usize = delta + instructions;
  let output: i32 = 0;
  let sameHead: bool = false;
  while (at < end) {
    const opcode: u32 = load<u8>(at++);
    let source: usize = at;
    let length: i32 = opcode;
    if ((opcode & 0x80) != 0) {
      let offset: u32 = 0;
      length = 0;
      if ((opcode & 0x01) != 0) offset = load<u8>(at++);
      if ((opcode & 0x02) != 0) offset |= (<u32>load<u8>(at++)) << 8;
      if ((opcode & 0x04) != 0) offset |= (<u32>load<u8>(at++)) << 16;
      if ((opcode & 0x08) != 0) offset |= (<u32>load<u8>(at++)) << 24;
      if ((opcode & 0x10) != 0) length = load<u8>(at++);
      if ((opcode & 0x20) != 0) length |= (<i32>load<u8>(at++)) << 8;
      if ((opcode & 0x40) != 0) length |= (<i32>load<u8>(at++)) << 16;
      if (length == 0) length = 0x10000;
      if (at > end || <u64>offset + length > <u64>baseLength) return false;
      source = base + offset;
      if (output == 0 && offset == 0 && length >= HEAD) sameHead = true;
      if (length <= 2 * REACH) {
        put(source, length);
      } else {
        put(source, REACH);
        put(source + length - REACH, REACH);
      }
    } else {
      if (opcode == 0 || at + opcode > end) return false;
      at += opcode;
      put(source, length);
    }
    if (<u64>output + length > <u64>size) return false;
    if (target != 0) copyPiece(target + output, source, length);
    else if (output < HEAD && !sameHead) memory.copy(head + output, source, min(length, HEAD - output));
    output += length;
  }
  if (output != size) return false;
  return sameHead || !isContainer(target == 0 ? head : target, size);
}

// @ts-ignore: decorator
@inline
function copyPiece(target: usize, source: usize, length: i32): void {
  if (length > 256) {
    memory.copy(target, source, length);
    return;
  }
  for (let done = 0; done < length; done += 16) v128.store(target + done, v128.load(source + done));
}

/** Whether the first bytes of a blob may be those of a container. */
function isContainer(at: usize, size: i32): bool {
  const beginning: v128 = v128.load(at);
  for (let index = 0; index < markCount; index++) {
    const mark: usize = marks + index * MARK;
    const length: u32 = load<u32>(mark);
    const alike: i32 = i8x16.bitmask(i8x16.eq(beginning, v128.load(mark + 16)));
    if (<u32>size >= length && <u32>ctz(~alike) >= length) return true;
  }
  return size >= HEAD && isTarHeader(at);
}

/** A block whose checksum, in octal at 148, is that of its bytes, taken as signed or as unsigned. */
function isTarHeader(block: usize): bool {
  let expected: i32 = 0;
  let digits: i32 = 0;
  for (let index = 148; index < 156; index++) {
    const byte: i32 = load<u8>(block + index);
    if (byte >= 0x30 && byte <= 0x37) {
      expected = expected * 8 + byte - 0x30;
      digits++;
    } else if (byte != 0x20 && byte != 0) {
      return false;
    } else if (digits > 0) {
      break;
    }
  }
  if (expected == 0) return false;
  let unsigned: i32 = 8 * 0x20;
  let signed: i32 = 8 * 0x20;
  for (let index = 0; index < HEAD; index++) {
    if (index >= 148 && index < 156) continue;
    unsigned += load<u8>(block + index);
    signed += load<i8>(block + index);
  }
  return expected == unsigned || expected == signed;
}

/** What the tree names on the lines from `from` until one begins after `to`; false when `doubtful` and not all is there. */
function lines(entry: i32, bytes: usize, size: i32, from: i32, to: i32, doubtful: bool): bool {
  const end: usize = bytes + size;
  let at: usize = bytes + from;
  while (at < end) {
    let mode: i32 = 0;
    let digits: i32 = 0;
    for (; digits <= 7; digits++) {
      const byte: i32 = load<u8>(at + digits);
      if (byte == 0x20) break;
      mode = mode * 8 + byte - 0x30;
    }
    if (digits > 7) return true;
    at += digits + 1;
    for (;;) {
      const zeros: i32 = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0)));
      if (zeros != 0) {
        at += ctz(zeros) + 1;
        break;
      }
      at += 16;
      if (at >= end) return true;
    }
    if (at + idBytes > end) return true;
    if (mode != SUBMODULE && !isKnown(at)) {
      if (doubtful) return false;
      miss(entry, mode == 0o40000 ? TREE : BLOB, at);
    }
    at += idBytes;
    if (at > bytes + to) break;
  }
  return true;
}

/** A place before `place` where a line begins, by its looks; 0 when none is near. */
function lineBefore(bytes: usize, size: i32, place: i32): i32 {
  for (let back = 128; back <= 512 && back < place; back *= 2) {
    for (let at = place - back; at <= place; at++) {
      if (!looksLikeMode(bytes + at)) continue;
      let end: i32 = at;
      while (end < size && load<u8>(bytes + end) != 0) end++;
      end += 1 + idBytes;
      if (end == size || (end < size && looksLikeMode(bytes + end))) return at;
    }
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function looksLikeMode(at: usize): bool {
  const first: i32 = load<u8>(at);
  if (first == 0x34) return load<u8>(at, 5) == 0x20 && load<u8>(at, 1) == 0x30 && load<u8>(at, 4) == 0x30;
  return first == 0x31 && load<u8>(at, 6) == 0x20 && load<u8>(at, 2) == 0x30 && load<u8>(at, 3) < 0x38;
}

/** What the header of a commit names. */
function links(entry: i32, bytes: usize, size: i32): void {
  const digits: i32 = idBytes * 2;
  const end: usize = bytes + size;
  let at: usize = bytes;
  if (at + 5 + digits < end && load<u32>(at) == 0x65657274) {
    if (readHex(at + 5) && !isKnown(name)) miss(entry, TREE, name);
    at += 6 + digits;
  }
  while (at + 7 + digits < end && load<u32>(at) == 0x65726170 && load<u32>(at, 3) == 0x20746e65) {
    if (readHex(at + 7) && !isKnown(name)) miss(entry, COMMIT, name);
    at += 8 + digits;
  }
}

function readHex(at: usize): bool {
  let any: i32 = 0;
  for (let index = 0; index < idBytes; index++) {
    const high: i32 = digitOf(load<u8>(at + (index << 1)));
    const low: i32 = digitOf(load<u8>(at + (index << 1), 1));
    if ((high | low) < 0) return false;
    store<u8>(name + index, <u8>((high << 4) | low));
    any |= high | low;
  }
  return any != 0;
}

// @ts-ignore: decorator
@inline
function digitOf(byte: i32): i32 {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1;
}

function miss(entry: i32, type: i32, id: usize): void {
  if (missingCount == listRoom) drain();
  const row: usize = lists + listRoom * 36 + missingCount++ * 40;
  store<i32>(row, entry);
  store<i32>(row, type, 4);
  memory.copy(row + 8, id, idBytes);
}

/** Where in OUT, from `from` on, stands what may mark the end of a zip or the head of an ISO image; -1 at the end. */
export function nextMark(from: i32): i32 {
  const p: v128 = i8x16.splat(0x50);
  const k: v128 = i8x16.splat(0x4b);
  const c: v128 = i8x16.splat(0x43);
  const d: v128 = i8x16.splat(0x44);
  for (let at = from; at < outUsed; at += 16) {
    const here: v128 = v128.load(out + at);
    const next: v128 = v128.load(out + at, 1);
    let pairs: i32 = i8x16.bitmask(
      v128.or(
        v128.and(i8x16.eq(here, p), i8x16.eq(next, k)),
        v128.and(i8x16.eq(here, c), i8x16.eq(next, d)),
      ),
    );
    for (; pairs != 0; pairs &= pairs - 1) {
      const place: i32 = at + ctz(pairs);
      const word: u32 = load<u32>(out + place);
      if (word == 0x06054b50 && place + 4 <= outUsed) return place;
      if (word == 0x30304443 && load<u8>(out + place, 4) == 0x31 && place + 5 <= outUsed) return place;
    }
  }
  return -1;
}
