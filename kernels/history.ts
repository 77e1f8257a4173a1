// Reads the commits and trees of a git pack without leaving WebAssembly: each entry is inflated once, each object
// rebuilt from its base. Of a commit the OUT buffer gets what it names, of a tree the lines that its base doesn't have,
// and those of the base that it hasn't: only folders, and what is wanted. A delta tree in which anything is out of the
// ordinary is given back to the host.
import {
  DONE,
  SLACK,
  baseSize,
  consumed,
  inflate,
  instructions,
  readSizes,
  resultSize,
} from './pack';

export { heapBase } from './pack';

/** Reads `length` bytes of the pack at `position`; gives how many there were. */
// @ts-ignore: decorator
@external('env', 'read')
declare function read(position: f64, length: i32, target: usize): i32;

/** Takes note of OUT, which is empty afterwards. */
// @ts-ignore: decorator
@external('env', 'flush')
declare function flush(): void;

const NONE: i32 = -1;
const COMMIT: i32 = 1;
const TREE: i32 = 2;
const FOLDER: i32 = 0o40000;
const SUBMODULE: i32 = 0o160000;

// Records of OUT, in words of 32 bits. The lowest byte of the first is the kind, the rest is a count.
/** A tree: its entry, and the entry of its base or -1. Its lines follow. */
const OF_TREE: u32 = 1;
/** A line that the base hasn't (the count: bytes of the name), or that only the base has: an ID, and the name, filled up with zeros. */
const ADDED: u32 = 2;
const ADDED_FOLDER: u32 = 3;
const REMOVED: u32 = 4;
const REMOVED_FOLDER: u32 = 5;
/** A commit: its entry, the committer's seconds as f64, the ID of its tree, and those of its parents, so many as the count says. */
const OF_COMMIT: u32 = 6;
/** The root of a delta tree that is given back; what was told of its objects holds. */
const RETURNED: u32 = 7;

/** A part of the pack that is read at once, and what is read beyond it, so that few entries lie across an end. */
export const PAGE: i32 = 16384;
export const BEYOND: i32 = 2048;
export const STRIDE: i32 = PAGE + BEYOND + SLACK;
/** Deflate can't do better (zlib's technical notes). */
const BEST_RATIO: f64 = 1032;
/** Longer names, and commits of more parents, are nothing that has to be fast. */
const LONGEST_NAME: i32 = 4096;
const MOST_PARENTS: i32 = 256;

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
let copies: usize = 0;
let copyRoom: i32 = 0;
let out: usize = 0;
let outRoom: i32 = 0;
let wanted: usize = 0;
let wantedBits: i32 = 0;
let seed: u64 = 0;
let idBytes: i32 = 20;
let largest: u32 = 0;
let ratio: f64 = 0;
let ratioFloor: f64 = 0;

/** Bytes in OUT. */
export let outUsed: i32 = 0;

let made: f64 = 0;
let packed: f64 = 0;
let copyCount: i32 = 0;

/** One value an entry each: where it begins (and of one more, where the last ends), its size, its header's length, its
 * type, the first entry built on it, and the next built on the same. */
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

/** `copiesAt`: room for so many pieces that a delta copies, three words each. */
export function setArena(at: usize, end: usize, framesAt: usize, room: i32, copiesAt: usize, most: i32): void {
  arena = at;
  arenaEnd = end;
  frames = framesAt;
  frameRoom = room;
  copies = copiesAt;
  copyRoom = most;
}

export function setOut(at: usize, room: i32): void {
  out = at;
  outRoom = room;
}

export function setRules(bytes: i32, mostBytes: u32, mostRatio: f64, floor: f64): void {
  idBytes = bytes;
  largest = mostBytes;
  ratio = mostRatio;
  ratioFloor = floor;
}

/** A set of object IDs, eight bytes of each, in 2 ** `bits` slots. */
export function setWanted(at: usize, bits: i32, random: f64): void {
  wanted = at;
  wantedBits = bits;
  seed = <u64>(random * 9007199254740992.0) | 1;
  seed |= seed << 40;
  memory.fill(wanted, 0, <usize>8 << bits);
}

export function addWanted(at: usize): void {
  const mask: u32 = (1 << wantedBits) - 1;
  const key = keyOf(at);
  for (let slot = slotOf(key); ; slot = (slot + 1) & mask) {
    const known = load<u64>(wanted + ((<usize>slot) << 3));
    if (known == key) return;
    if (known != 0) continue;
    store<u64>(wanted + ((<usize>slot) << 3), key);
    return;
  }
}

// @ts-ignore: decorator
@inline
function isWanted(at: usize): bool {
  const mask: u32 = (1 << wantedBits) - 1;
  const key = keyOf(at);
  let slot = slotOf(key);
  let known = load<u64>(wanted + ((<usize>slot) << 3));
  while (known != key && known != 0) {
    slot = (slot + 1) & mask;
    known = load<u64>(wanted + ((<usize>slot) << 3));
  }
  return known == key;
}

// @ts-ignore: decorator
@inline
function slotOf(key: u64): u32 {
  return <u32>((key * seed) >> <u64>(64 - wantedBits));
}

// @ts-ignore: decorator
@inline
function keyOf(at: usize): u64 {
  const key = load<u64>(at);
  return key == 0 ? 1 : key;
}

/** Walks the delta trees whose bases are commits and trees among the entries of [from, to). */
export function walk(from: i32, to: i32): void {
  for (let entry = from; entry < to; entry++) {
    const type: i32 = load<u8>(types + entry);
    if (type != COMMIT && type != TREE) continue;
    if (walkTree(entry, type)) continue;
    reserve(8);
    word(RETURNED);
    word(entry);
  }
  drain();
}

function walkTree(root: i32, type: i32): bool {
  const size: u32 = load<u32>(sizes + (<usize>root << 2));
  if (size > largest || after(arena, size) + SLACK > arenaEnd) return false;
  made = <f64>size;
  packed = 0;
  if (!unpack(root, arena, size)) return false;
  if (type == TREE) wholeTree(root, arena, size);
  else if (!links(root, arena, size)) return false;
  const first: i32 = load<i32>(firsts + (<usize>root << 2));
  return first == NONE || walkDeltas(root, type, first, size);
}

// A frame: the next child, where the object stands, how long it is, what is free once it is done with, and its entry.
function walkDeltas(root: i32, type: i32, first: i32, rootSize: i32): bool {
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
    const next: i32 = load<i32>(nexts + (<usize>child << 2));
    const grandchild: i32 = load<i32>(firsts + (<usize>child << 2));

    const deltaLength: u32 = load<u32>(sizes + (<usize>child << 2));
    if (deltaLength > largest || <usize>deltaLength + 2 * SLACK + top > arenaEnd) return false;
    const delta: usize = (arenaEnd - SLACK - deltaLength) & ~15;
    if (!unpack(child, delta, deltaLength)) return false;
    if (!readSizes(delta, deltaLength) || <u32>baseLength != baseSize || resultSize > largest) return false;
    const size: i32 = resultSize;
    made += <f64>size;
    if (made > ratioFloor && made > packed * ratio) return false;
    if (after(top, size) > delta) return false;
    if (!rebuild(base, baseLength, delta, deltaLength, top, size)) return false;
    if (type == TREE) grownTree(child, parent, base, baseLength, top, size);
    else if (!links(child, top, size)) return false;

    if (next == NONE) depth--;
    else store<i32>(frame, next);
    if (grandchild != NONE) {
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

export const FRAME: i32 = 20;

// @ts-ignore: decorator
@inline
function setFrame(frame: usize, child: i32, at: usize, size: i32, free: usize, entry: i32): void {
  store<i32>(frame, child);
  store<u32>(frame, <u32>at, 4);
  store<i32>(frame, size, 8);
  store<u32>(frame, <u32>free, 12);
  store<i32>(frame, entry, 16);
}

/** Behind an object stand bits that say where its lines begin, and where the last ends. */
// @ts-ignore: decorator
@inline
function bitsOf(at: usize, size: i32): usize {
  return (at + size + SLACK + 15) & ~15;
}

// @ts-ignore: decorator
@inline
function after(at: usize, size: i32): usize {
  return (bitsOf(at, size) + (size >> 3) + 32) & ~15;
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

/** Builds an object from its base, and notes which pieces were copied: where to, where from, how many bytes. */
function rebuild(base: usize, baseLength: i32, delta: usize, deltaLength: i32, target: usize, size: i32): bool {
  const end: usize = delta + deltaLength;
  let at: usize = delta + instructions;
  let output: i32 = 0;
  copyCount = 0;
  while (at < end) {
    const opcode: u32 = load<u8>(at++);
    if ((opcode & 0x80) == 0) {
      if (opcode == 0 || at + opcode > end || output + <i32>opcode > size) return false;
      copy(target + output, at, opcode);
      at += opcode;
      output += opcode;
      continue;
    }
    let offset: u32 = 0;
    let length: u32 = 0;
    if ((opcode & 0x01) != 0) offset = load<u8>(at++);
    if ((opcode & 0x02) != 0) offset |= (<u32>load<u8>(at++)) << 8;
    if ((opcode & 0x04) != 0) offset |= (<u32>load<u8>(at++)) << 16;
    if ((opcode & 0x08) != 0) offset |= (<u32>load<u8>(at++)) << 24;
    if ((opcode & 0x10) != 0) length = load<u8>(at++);
    if ((opcode & 0x20) != 0) length |= (<u32>load<u8>(at++)) << 8;
    if ((opcode & 0x40) != 0) length |= (<u32>load<u8>(at++)) << 16;
    if (length == 0) length = 0x10000;
    if (at > end || <u64>offset + length > <u64>baseLength || <u64>output + length > <u64>size) return false;
    copy(target + output, base + offset, length);
    noteCopy(output, offset, length);
    output += length;
  }
  return output == size;
}

/** What goes on where the last copy ended is one with it; beyond the room, lines count as new. */
function noteCopy(to: i32, from: i32, length: i32): void {
  const last: usize = copies + (copyCount - 1) * 12;
  if (copyCount > 0) {
    const before: i32 = load<i32>(last, 8);
    if (load<i32>(last) + before == to && load<i32>(last, 4) + before == from) {
      store<i32>(last, before + length, 8);
      return;
    }
  }
  if (copyCount == copyRoom) return;
  store<i32>(last + 12, to);
  store<i32>(last + 12, from, 4);
  store<i32>(last + 12, length, 8);
  copyCount++;
}

// @ts-ignore: decorator
@inline
function copy(target: usize, source: usize, length: i32): void {
  if (length > 256) {
    memory.copy(target, source, length);
    return;
  }
  for (let done = 0; done < length; done += 16) v128.store(target + done, v128.load(source + done));
}

// What `lineEnd` has read.
let mode: i32 = 0;
let nameAt: usize = 0;
let idAt: usize = 0;

/** Reads the line at `at`; gives where the next begins, or 0 where it is malformed. */
// @ts-ignore: decorator
@inline
function lineEnd(at: usize, end: usize): usize {
  mode = 0;
  let digits: i32 = 0;
  for (; digits <= 7; digits++) {
    const byte: i32 = load<u8>(at + digits);
    if (byte == 0x20) break;
    mode = mode * 8 + byte - 0x30;
  }
  if (digits > 7) return 0;
  nameAt = at + digits + 1;
  for (at = nameAt; at < end; at += 16) {
    const zeros: i32 = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0)));
    if (zeros == 0) continue;
    idAt = at + ctz(zeros) + 1;
    return idAt + idBytes <= end ? idAt + idBytes : 0;
  }
  return 0;
}

function wholeTree(entry: i32, bytes: usize, size: i32): void {
  const bits: usize = bitsOf(bytes, size);
  const end: usize = bytes + size;
  memory.fill(bits, 0, (size >> 3) + 16);
  begin(entry, NONE);
  let at: usize = bytes;
  while (at < end) {
    const next: usize = lineEnd(at, end);
    if (next == 0) return;
    mark(bits, <i32>(at - bytes));
    tell(ADDED);
    at = next;
  }
  mark(bits, size);
}

/**
 * What a tree has that its base hasn't. A line inside one copied piece is the base's, as long as one begins there in
 * the base, too; from then on both go in step. Pieces that were copied out of order count as new.
 */
function grownTree(entry: i32, parent: i32, base: usize, baseLength: i32, bytes: usize, size: i32): void {
  const bits: usize = bitsOf(bytes, size);
  const known: usize = bitsOf(base, baseLength);
  const end: usize = bytes + size;
  memory.fill(bits, 0, (size >> 3) + 16);
  begin(entry, parent);
  let at: i32 = 0;
  let kept: i32 = 0;
  for (let index = 0; index <= copyCount; index++) {
    const piece: usize = copies + index * 12;
    const to: i32 = index == copyCount ? size : load<i32>(piece);
    const from: i32 = index == copyCount ? 0 : load<i32>(piece, 4);
    const stop: i32 = index == copyCount ? size : to + load<i32>(piece, 8);
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
      tell(ADDED);
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
    tell(REMOVED);
  }
}

// @ts-ignore: decorator
@inline
function mark(bits: usize, place: i32): void {
  const at: usize = bits + (place >> 3);
  store<u8>(at, load<u8>(at) | (<u8>1 << <u8>(place & 7)));
}

// @ts-ignore: decorator
@inline
function isMarked(bits: usize, place: i32): bool {
  return (load<u8>(bits + (place >> 3)) & (1 << (place & 7))) != 0;
}

/** The last place of [from, to] that is marked; `from` is. */
function lastMark(bits: usize, from: i32, to: i32): i32 {
  let at: i32 = to;
  while (at > from && !isMarked(bits, at)) {
    if ((at & 7) == 7 && load<u8>(bits + (at >> 3)) == 0 && at - 8 > from) at -= 8;
    else at--;
  }
  return at;
}

/** The target's bits are zero. Whole words are only written: to read what was written a moment ago takes its time. */
function copyBits(target: usize, to: i32, source: usize, from: i32, count: i32): void {
  const head: i32 = min(count, (64 - (to & 63)) & 63);
  if (head > 0) {
    orBits(target, to, wordAt(source, from), head);
    to += head;
    from += head;
    count -= head;
  }
  for (; count >= 64; count -= 64) {
    store<u64>(target + (to >> 3), wordAt(source, from));
    to += 64;
    from += 64;
  }
  if (count > 0) orBits(target, to, wordAt(source, from), count);
}

// @ts-ignore: decorator
@inline
function wordAt(bits: usize, place: i32): u64 {
  const at: usize = bits + (place >> 3);
  const shift: u64 = place & 7;
  return (load<u64>(at) >> shift) | ((<u64>load<u8>(at, 8) << 1) << (63 - shift));
}

// @ts-ignore: decorator
@inline
function orBits(target: usize, to: i32, word: u64, count: i32): void {
  const at: usize = target + ((to >> 6) << 3);
  store<u64>(at, load<u64>(at) | ((word & ((<u64>1 << <u64>count) - 1)) << <u64>(to & 63)));
}

/** Writes the line that was read last, if it is a folder or wanted. */
// @ts-ignore: decorator
@inline
function tell(kind: u32): void {
  if (mode == SUBMODULE) return;
  if (mode == FOLDER || isWanted(idAt)) tellLine(mode == FOLDER ? kind + 1 : kind);
}

function tellLine(kind: u32): void {
  const length: i32 = min(<i32>(idAt - 1 - nameAt), LONGEST_NAME);
  reserve(4 + idBytes + length + SLACK);
  word(kind | (<u32>length << 8));
  copy(out + outUsed, idAt, idBytes);
  outUsed += idBytes;
  memory.copy(out + outUsed, nameAt, length);
  outUsed += length;
  for (; (outUsed & 3) != 0; outUsed++) store<u8>(out + outUsed, 0);
}

function begin(entry: i32, base: i32): void {
  reserve(12);
  word(OF_TREE);
  word(entry);
  word(base);
}

/** What the header of a commit names, and when it was committed; false where it isn't as git writes it. */
function links(entry: i32, bytes: usize, size: i32): bool {
  const digits: i32 = idBytes * 2;
  const end: usize = bytes + size;
  reserve(16 + (MOST_PARENTS + 1) * idBytes);
  const record: usize = out + outUsed;
  let at: usize = bytes;
  let target: usize = record + 16;
  if (at + 6 + digits > end || load<u32>(at) != 0x65657274 || !readHex(at + 5, target)) return false;
  at += 6 + digits;
  target += idBytes;
  let parents: i32 = 0;
  while (at + 8 + digits < end && load<u32>(at) == 0x65726170 && load<u32>(at, 3) == 0x20746e65) {
    if (parents == MOST_PARENTS || !readHex(at + 7, target)) return false;
    at += 8 + digits;
    target += idBytes;
    parents++;
  }
  if (at + 7 > end || load<u32>(at) != 0x68747561) return false;
  at = newline(at, end);
  if (at + 11 > end || !isCommitter(at + 1)) return false;
  store<u32>(record, OF_COMMIT | (<u32>parents << 8));
  store<i32>(record, entry, 4);
  store<f64>(record, seconds(at + 1, newline(at + 1, end)), 8);
  outUsed += <i32>(target - record);
  return true;
}

// @ts-ignore: decorator
@inline
function isCommitter(at: usize): bool {
  return load<u64>(at) == 0x657474696d6d6f63 && load<u16>(at, 8) == 0x2072;
}

function newline(at: usize, end: usize): usize {
  while (at < end && load<u8>(at) != 0x0a) at++;
  return at;
}

/** The seconds in `… <mail> seconds +hhmm`, which ends at `end`; 0 when there are none. */
function seconds(start: usize, end: usize): f64 {
  let at: usize = end - 5;
  if (at < start + 12 || (load<u8>(at) != 0x2b && load<u8>(at) != 0x2d) || load<u8>(at - 1) != 0x20) return 0;
  for (let digit = 1; digit < 5; digit++) if (!isDigit(load<u8>(at + digit))) return 0;
  at -= 2;
  let value: f64 = 0;
  let scale: f64 = 1;
  let digits: i32 = 0;
  for (; digits < 15 && isDigit(load<u8>(at)); at--, digits++) {
    value += scale * <f64>(load<u8>(at) - 0x30);
    scale *= 10;
  }
  if (digits == 0) return 0;
  return load<u8>(at) == 0x2d ? -value : value;
}

// @ts-ignore: decorator
@inline
function isDigit(byte: i32): bool {
  return byte >= 0x30 && byte <= 0x39;
}

function readHex(at: usize, target: usize): bool {
  for (let index = 0; index < idBytes; index++) {
    const high: i32 = digitOf(load<u8>(at + (index << 1)));
    const low: i32 = digitOf(load<u8>(at + (index << 1), 1));
    if ((high | low) < 0) return false;
    store<u8>(target + index, <u8>((high << 4) | low));
  }
  return load<u8>(at + (idBytes << 1)) == 0x0a;
}

// @ts-ignore: decorator
@inline
function digitOf(byte: i32): i32 {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1;
}

// @ts-ignore: decorator
@inline
function reserve(bytes: i32): void {
  if (outUsed + bytes > outRoom) drain();
}

// @ts-ignore: decorator
@inline
function word(value: u32): void {
  store<u32>(out + outUsed, value);
  outUsed += 4;
}

function drain(): void {
  flush();
  outUsed = 0;
}
