// Unpacks Zstandard (RFC 8878), one block a call of `step`. Everything lies in this module's memory, which several
// threads may share: the host writes the packed bytes into a ring and reads the content out of the window.

import { makeUsualTables, OF_LENGTHS, OF_MATCHES, OF_OFFSETS } from './zstd/fse';
import { fourStreams, huffmanTable, stream } from './zstd/huffman';
import { BLOCK, INPUT, INPUT_SIZE, LITERALS, MOST_SEQUENCES, SEQUENCES, SLACK, WINDOW } from './zstd/layout';
import { beginSequences, readSequences, tableFor } from './zstd/sequences';
import { hash, hashBegin, hashEnd } from './zstd/xxh64';

export { BLOCK, INPUT, INPUT_SIZE, WINDOW };

const MARGIN: i32 = BLOCK + SLACK;
/** By how much the window is larger than what a frame looks back: how far the reader may be behind. */
const AHEAD: i32 = 1 << 20;
/** What a window begins with. */
const LEAST: i32 = 1 << 19;
const PAGE: i32 = 65536;

// What `step` returns.
/** It needs more packed bytes, or to know that there are no more. */
export const HUNGRY: i32 = 0;
/** The reader has to catch up. */
export const FULL: i32 = 1;
/** Content, of `pieceLength` bytes at `pieceStart`. */
export const CONTENT: i32 = 2;
/** Bytes that belong to no content. */
export const SCRAP: i32 = 3;
/** Something is wrong at `faultAt`: `fault`, `faultDetail`. It goes on where it can. */
export const FAULT: i32 = 4;
export const END: i32 = 5;
const ON: i32 = 6;

// Faults.
export const CUT_SHORT: i32 = 1;
export const NO_FRAME: i32 = 2;
export const RESERVED: i32 = 3;
export const BAD_BLOCK: i32 = 4;
export const BAD_LITERALS: i32 = 5;
export const BAD_TABLE: i32 = 6;
export const BAD_SEQUENCES: i32 = 7;
export const BEYOND_START: i32 = 8;
export const BEYOND_WINDOW: i32 = 9;
export const DICTIONARY: i32 = 10;
export const WRONG_CHECKSUM: i32 = 11;
export const WRONG_SIZE: i32 = 12;
export const NO_MEMORY: i32 = 13;

// What comes next in the input.
const AT_FRAME: i32 = 0;
const AT_BLOCK: i32 = 1;
const AT_CHECKSUM: i32 = 2;
const IN_SKIPPABLE: i32 = 3;
const LOST: i32 = 4;

const MAGIC: u32 = 0xfd2fb528;
const SKIPPABLE: u32 = 0x184d2a50;
const LONGEST_HEADER: i32 = 18;

// Kinds of blocks and of literals.
const RAW: i32 = 0;
const RLE: i32 = 1;
const PACKED: i32 = 2;

export let pieceStart: usize = 0;
export let pieceLength: i32 = 0;
export let fault: i32 = 0;
export let faultAt: f64 = 0;
export let faultDetail: f64 = 0;
/** Packed bytes before what comes next. */
export let position: f64 = 0;

let state: i32 = AT_FRAME;
/** Packed bytes used and content made so far, modulo 2^32. */
let used: u32 = 0;
let made: u32 = 0;
let available: i32 = 0;
let skipLeft: u32 = 0;
/** Whether the fault is yet to be told of: after the content before it. */
let pending: bool = false;

// The window. The content goes on at `head`; what stood there before it was wrapped round ends at `formerEnd`.
let head: usize = WINDOW;
let formerEnd: usize = WINDOW;
let capacity: i32 = 0;
let limit: i32 = 0;

// The frame.
let frameBytes: u64 = 0;
let declared: u64 = 0;
let hasSize: bool = false;
let hasChecksum: bool = false;
let lookBack: u64 = 0;
/** Blocks of the frame are passed over: it needs what is not there. */
let passing: bool = false;
/** Nothing was wrong in it so far. */
let whole: bool = true;

let hasHuffman: bool = false;

// Of the block that is being unpacked.
let literalsAt: usize = 0;
let literalCount: i32 = 0;
let produced: i32 = 0;

/** To repeat what is shorter than 16 bytes: where each of 16 bytes comes from, a row for each distance. */
const PATTERNS: usize = memory.data(256, 16);
const STRIDES: usize = memory.data(16, 16);

/** Begins anew, with a window that looks back no further than `most` bytes, whatever a frame asks for. */
export function reset(most: i32): void {
  state = AT_FRAME;
  pending = false;
  used = 0;
  made = 0;
  position = 0;
  head = WINDOW;
  formerEnd = WINDOW;
  capacity = 0;
  limit = most;
  if (load<u8>(STRIDES, 1) == 0) prepare();
}

function prepare(): void {
  for (let distance = 1; distance < 16; distance++) {
    for (let at = 0; at < 16; at++) store<u8>(PATTERNS + (distance << 4) + at, <u8>(at % distance));
    store<u8>(STRIDES + distance, <u8>(16 - (16 % distance)));
  }
  makeUsualTables();
}

/**
 * Goes on until there is something to tell.
 * @param written packed bytes in the ring so far, and
 * @param read content and scraps that were read so far, both modulo 2^32
 * @param ended whether no more packed bytes will come
 */
export function step(written: u32, read: u32, ended: bool): i32 {
  let outcome: i32 = ON;
  while (outcome == ON) {
    if (pending) {
      pending = false;
      return FAULT;
    }
    available = <i32>(written - used);
    const unread: i32 = <i32>(made - read);
    if (state == AT_BLOCK) outcome = nextBlock(unread, ended);
    else if (state == AT_FRAME) outcome = nextFrame(unread, ended);
    else if (state == AT_CHECKSUM) outcome = endOfFrame(ended);
    else if (state == IN_SKIPPABLE) outcome = skippable(unread, ended);
    else outcome = lost(unread, ended);
  }
  return outcome;
}

/** How large the window of the frame may grow. */
export function room(): i32 {
  return wantedFor(lookBack);
}

/** How much of the ring was used, modulo 2^32. */
export function inputUsed(): u32 {
  return used;
}

function use(count: i32): void {
  used += count;
  position += <f64>count;
  available -= count;
}

/** Where the next `length` packed bytes are, in one piece. */
function contiguous(length: i32): usize {
  const at: i32 = <i32>(used & (INPUT_SIZE - 1));
  const over: i32 = at + length - INPUT_SIZE;
  if (over > 0) memory.copy(INPUT + INPUT_SIZE, INPUT, over);
  return INPUT + at;
}

function note(what: i32, detail: f64 = 0): void {
  fault = what;
  faultAt = position;
  faultDetail = detail;
  pending = true;
}

/** The input ends in the middle of something. */
function cutShort(): i32 {
  note(CUT_SHORT);
  use(available);
  state = AT_FRAME;
  return ON;
}

/** What comes next is nothing that is known: the next frame has to be looked for. */
function lose(what: i32): i32 {
  note(what);
  state = LOST;
  return ON;
}

function nextFrame(unread: i32, ended: bool): i32 {
  if (available < LONGEST_HEADER && !ended) return HUNGRY;
  if (available == 0) return END;
  if (available < 5) return lose(NO_FRAME);
  const at = contiguous(min(available, LONGEST_HEADER));
  const magic: u32 = load<u32>(at);
  if (magic == MAGIC) return frameHeader(at, unread);
  if ((magic & ~15) != SKIPPABLE) return lose(NO_FRAME);
  if (available < 8) return cutShort();
  skipLeft = load<u32>(at, 4);
  use(8);
  state = IN_SKIPPABLE;
  return ON;
}

function frameHeader(at: usize, unread: i32): i32 {
  const descriptor: i32 = load<u8>(at, 4);
  const single: bool = (descriptor & 0x20) != 0;
  const idBytes: i32 = (0x4210 >> ((descriptor & 3) << 2)) & 15;
  const sizeFlag: i32 = descriptor >> 6;
  const sizeBytes: i32 = sizeFlag == 0 ? i32(single) : 1 << sizeFlag;
  const length: i32 = 5 + i32(!single) + idBytes + sizeBytes;
  if (available < length) return cutShort();
  if ((descriptor & 8) != 0) {
    lose(RESERVED);
    use(4);
    return ON;
  }
  let from: usize = at + 5;
  let back: u64 = 0;
  if (!single) {
    const window: i32 = load<u8>(from++);
    const base: u64 = <u64>1 << (10 + (window >> 3));
    back = base + (base >> 3) * (window & 7);
  }
  const id: u32 = idBytes == 0 ? 0 : load<u32>(from) & <u32>(((<u64>1) << (idBytes << 3)) - 1);
  from += idBytes;
  declared = 0;
  if (sizeBytes == 1) declared = load<u8>(from);
  else if (sizeBytes == 2) declared = <u64>load<u16>(from) + 256;
  else if (sizeBytes == 4) declared = load<u32>(from);
  else if (sizeBytes == 8) declared = load<u64>(from);
  hasSize = sizeBytes != 0;
  if (single) back = declared;
  if (!makeRoom(back, unread)) return FULL;
  hasChecksum = (descriptor & 4) != 0;
  lookBack = back;
  frameBytes = 0;
  whole = true;
  passing = id != 0;
  hasHuffman = false;
  beginSequences();
  hashBegin();
  if (id != 0) fail(DICTIONARY, <f64>id);
  use(length);
  state = AT_BLOCK;
  return ON;
}

/** Something in the frame can't be read; what follows may be all the same. */
function fail(what: i32, detail: f64 = 0): void {
  note(what, detail);
  whole = false;
}

/** A frame that looks back further than those before begins with an empty window: only then it can grow. */
function makeRoom(back: u64, unread: i32): bool {
  if (formerEnd == WINDOW || wantedFor(back) <= capacity) return true;
  if (unread != 0) return false;
  head = WINDOW;
  formerEnd = WINDOW;
  return true;
}

function wantedFor(back: u64): i32 {
  return <i32>min<u64>(back, <u64>limit) + AHEAD + 2 * MARGIN;
}

/** Makes sure that a block can be written at `head`, where nothing may be that was not read yet. */
function roomAtHead(unread: i32): i32 {
  if (<i32>(head - WINDOW) + MARGIN > capacity) {
    const wanted: i32 = wantedFor(lookBack);
    // Only as far as there is content to fill it: what a header says costs nothing.
    if (formerEnd == WINDOW && capacity < wanted && grow(min(wanted, max(capacity << 1, LEAST)))) return ON;
    if (capacity < LEAST) return NO_MEMORY;
    if (unread > <i32>(head - WINDOW) - MARGIN) return FULL;
    formerEnd = head;
    head = WINDOW;
  } else if (formerEnd != WINDOW && unread > <i32>(formerEnd - WINDOW) - MARGIN) {
    return FULL;
  }
  return ON;
}

function grow(size: i32): bool {
  const lacking: i32 = <i32>WINDOW + size - memory.size() * PAGE;
  if (lacking > 0 && memory.grow((lacking + PAGE - 1) / PAGE) < 0) return false;
  capacity = size;
  return true;
}

/** How far back a match may reach from `head`: to what the window still holds of this frame. */
function reach(): i32 {
  const former: i32 = max(0, <i32>(formerEnd - head) - MARGIN);
  return <i32>min<u64>(frameBytes, <u64>(<i32>(head - WINDOW) + former));
}

function nextBlock(unread: i32, ended: bool): i32 {
  if (available < 3) return ended ? cutShort() : HUNGRY;
  const header: u32 = load<u32>(contiguous(3)) & 0xffffff;
  const last: bool = (header & 1) != 0;
  const kind: i32 = <i32>((header >> 1) & 3);
  const size: i32 = <i32>(header >> 3);
  if (kind == 3 || size > BLOCK) return lose(BAD_BLOCK);
  const packed: i32 = kind == RLE ? 1 : size;
  const there: i32 = min(available - 3, packed);
  if (there < packed && !ended) return HUNGRY;
  const room: i32 = roomAtHead(unread);
  if (room == NO_MEMORY) return lose(NO_MEMORY);
  if (room != ON) return room;
  const at: usize = contiguous(3 + there) + 3;
  produced = 0;
  if (kind == RAW) {
    memory.copy(head, at, there);
    produced = there;
  } else if (there == packed) {
    if (kind == RLE) {
      memory.fill(head, load<u8>(at), size);
      produced = size;
    } else if (!passing) {
      const problem: i32 = unpackBlock(at, size);
      if (problem != 0) giveUp(problem, last);
    }
  }
  if (hasChecksum && whole) hash(head, produced);
  if (there < packed) note(CUT_SHORT);
  use(3 + there);
  frameBytes += produced;
  if (there < packed) state = AT_FRAME;
  else if (last) state = AT_CHECKSUM;
  return tell(CONTENT, produced);
}

/** A block is damaged. What comes behind it stands where it stood, so that matches find it: most blocks are full. */
function giveUp(problem: i32, last: bool): void {
  fail(problem);
  if (problem == BEYOND_WINDOW) passing = true;
  if (last || passing) return;
  const full: i32 = <i32>min<u64>(<u64>BLOCK, max<u64>(lookBack, 1024));
  if (produced < full) memory.fill(head + produced, 0, full - produced);
  produced = max(produced, full);
}

/** Hands over `length` bytes at the head. */
function tell(kind: i32, length: i32): i32 {
  pieceStart = head;
  pieceLength = length;
  head += length;
  made += length;
  return length == 0 ? ON : kind;
}

function endOfFrame(ended: bool): i32 {
  if (hasChecksum) {
    if (available < 4) return ended ? cutShort() : HUNGRY;
    if (whole && load<u32>(contiguous(4)) != hashEnd()) fail(WRONG_CHECKSUM);
    use(4);
  }
  if (whole && hasSize && declared != frameBytes) fail(WRONG_SIZE, <f64>declared);
  state = AT_FRAME;
  return ON;
}

function skippable(unread: i32, ended: bool): i32 {
  if (skipLeft == 0) {
    state = AT_FRAME;
    return ON;
  }
  if (available == 0) return ended ? cutShort() : HUNGRY;
  const length: i32 = <i32>min<u32>(skipLeft, <u32>available);
  return scrap(length, unread);
}

/** Up to `length` bytes of the input as they are. */
function scrap(length: i32, unread: i32): i32 {
  const room: i32 = roomAtHead(unread);
  if (room == FULL) return FULL;
  const part: i32 = min(length, BLOCK);
  const at: usize = contiguous(part);
  use(part);
  if (state == IN_SKIPPABLE) skipLeft -= part;
  if (room == NO_MEMORY) return ON;
  memory.copy(head, at, part);
  return tell(SCRAP, part);
}

/** Looks for the next frame. */
function lost(unread: i32, ended: bool): i32 {
  if (available < 5 && !ended) return HUNGRY;
  const length: i32 = min(available, BLOCK);
  const at: usize = contiguous(length);
  for (let from = 0; from + 5 <= length; from++) {
    // A reserved bit tells the magic number from most of what looks like it.
    if (load<u32>(at + from) == MAGIC && (load<u8>(at + from, 4) & 8) == 0) {
      if (from > 0) return scrap(from, unread);
      state = AT_FRAME;
      return ON;
    }
  }
  if (length < available || !ended) return scrap(length - 4, unread);
  const outcome: i32 = scrap(length, unread);
  if (available == 0) state = AT_FRAME;
  return outcome;
}

/** Unpacks the block of `size` bytes at `at` to `head`. */
function unpackBlock(at: usize, size: i32): i32 {
  const end: usize = at + size;
  const taken: i32 = literals(at, size);
  if (taken < 0) return BAD_LITERALS;
  let from: usize = at + taken;
  if (from >= end) return BAD_SEQUENCES;
  let count: i32 = load<u8>(from++);
  if (count > 127) {
    if (from + 2 > end) return BAD_SEQUENCES;
    if (count < 255) {
      count = ((count - 128) << 8) + load<u8>(from++);
    } else {
      count = load<u16>(from) + 0x7f00;
      from += 2;
    }
  }
  if (count == 0) {
    if (from != end) return BAD_SEQUENCES;
    memory.copy(head, literalsAt, literalCount);
    produced = literalCount;
    return 0;
  }
  if (count > MOST_SEQUENCES || from >= end) return BAD_SEQUENCES;
  const modes: i32 = load<u8>(from++);
  if ((modes & 3) != 0) return BAD_SEQUENCES;
  from = tableFor(modes >> 6, OF_LENGTHS, from, end);
  if (from == 0) return BAD_TABLE;
  from = tableFor((modes >> 4) & 3, OF_OFFSETS, from, end);
  if (from == 0) return BAD_TABLE;
  from = tableFor((modes >> 2) & 3, OF_MATCHES, from, end);
  if (from == 0) return BAD_TABLE;
  if (from >= end || load<u8>(end - 1) == 0) return BAD_SEQUENCES;
  const read: i32 = readSequences(from, <i32>(end - from), count);
  const problem: i32 = execute(read);
  return problem == 0 && read != count ? BAD_SEQUENCES : problem;
}

/** The literals section: leaves them at `literalsAt` and gives how long it is, -1 where it is damaged. */
function literals(at: usize, size: i32): i32 {
  if (size < 2) return -1;
  const kind: i32 = load<u8>(at) & 3;
  const form: i32 = (load<u8>(at) >> 2) & 3;
  let header: i32 = 1;
  if (kind < PACKED) {
    if ((form & 1) == 0) {
      literalCount = load<u8>(at) >> 3;
    } else {
      header = form == 1 ? 2 : 3;
      literalCount = form == 1 ? load<u16>(at) >> 4 : (load<u32>(at) & 0xffffff) >> 4;
    }
    const packed: i32 = kind == RLE ? 1 : literalCount;
    if (literalCount > BLOCK || header + packed > size) return -1;
    literalsAt = at + header;
    if (kind == RLE) {
      literalsAt = LITERALS;
      memory.fill(LITERALS, load<u8>(at + header), literalCount);
    }
    return header + packed;
  }
  const bits: i32 = form < 2 ? 10 : form == 2 ? 14 : 18;
  header = form < 2 ? 3 : form + 2;
  const sizes: u64 = load<u64>(at) >> 4;
  literalCount = <i32>sizes & ((1 << bits) - 1);
  let packed: i32 = <i32>(sizes >> bits) & ((1 << bits) - 1);
  if (literalCount > BLOCK || header + packed > size) return -1;
  const section: i32 = header + packed;
  let from: usize = at + header;
  if (kind == PACKED) {
    const tree: i32 = huffmanTable(from, packed);
    if (tree < 0) return -1;
    hasHuffman = true;
    from += tree;
    packed -= tree;
  } else if (!hasHuffman) return -1;
  literalsAt = LITERALS;
  const fits: bool =
    form == 0 ? stream(from, packed, LITERALS, literalCount) : fourStreams(from, packed, literalCount);
  return fits ? section : -1;
}

/** Carries out the first `count` sequences, and appends the literals that are left when all went well. */
function execute(count: i32): i32 {
  const target: usize = head;
  const limit: usize = target + BLOCK;
  /** Where the oldest byte would be that a match may begin with, had the window not been wrapped round. */
  const low: i32 = <i32>target - reach();
  const former: usize = formerEnd - WINDOW;
  let out: usize = target;
  let literal: usize = literalsAt;
  const literalEnd: usize = literal + literalCount;
  const end: usize = SEQUENCES + (count << 3);
  for (let at: usize = SEQUENCES; at < end; at += 8) {
    const sequence: u64 = load<u64>(at);
    const literalLength: usize = <usize>sequence & 0x1ffff;
    const match: usize = (<usize>(sequence >> 17) & 0x1ffff) + 3;
    const offset: usize = <usize>(sequence >> 34);
    const matchAt: usize = out + literalLength;
    const next: usize = matchAt + match;
    if (next > limit || literal + literalLength > literalEnd) {
      produced = <i32>(out - target);
      return BAD_SEQUENCES;
    }
    v128.store(out, v128.load(literal));
    for (let done: usize = 16; done < literalLength; done += 16) v128.store(out + done, v128.load(literal + done));
    literal += literalLength;
    const straight: i32 = <i32>(matchAt - offset);
    if (straight < low) {
      produced = <i32>(matchAt - target);
      return tooFar(matchAt, offset);
    }
    // Nobody can guess on which side of the wrap it is: no branch.
    const from: usize = <usize>straight + select<usize>(former, 0, straight < <i32>WINDOW);
    if (u32(straight < <i32>WINDOW) & u32(from + match > formerEnd)) {
      copyAcross(matchAt, from, offset, match);
    } else if (offset >= 16) {
      // Most matches are no longer.
      v128.store(matchAt, v128.load(from));
      v128.store(matchAt, v128.load(from, 16), 16);
      for (let done: usize = 32; done < match; done += 16) v128.store(matchAt + done, v128.load(from + done));
    } else {
      repeatPattern(matchAt, from, offset, match);
    }
    out = next;
  }
  const left: i32 = <i32>(literalEnd - literal);
  if (out + left > limit) {
    produced = <i32>(out - target);
    return BAD_SEQUENCES;
  }
  memory.copy(out, literal, left);
  produced = <i32>(out - target) + left;
  return 0;
}

/** A match of less than 16 bytes back. */
function repeatPattern(at: usize, from: usize, offset: usize, length: usize): void {
  const pattern: v128 = i8x16.swizzle(v128.load(from), v128.load(PATTERNS + (offset << 4)));
  const stride: usize = load<u8>(STRIDES + offset);
  for (let done: usize = 0; done < length; done += stride) v128.store(at + done, pattern);
}

/** A match that begins before the end of what the window held before, and goes on at its beginning. */
function copyAcross(at: usize, from: usize, offset: usize, length: usize): void {
  const part: usize = formerEnd - from;
  memory.copy(at, from, part);
  const left: usize = length - part;
  if (offset < 16) {
    repeatPattern(at + part, at + part - offset, offset, left);
    return;
  }
  for (let done: usize = 0; done < left; done += 16) v128.store(at + part + done, v128.load(WINDOW + done));
}

/** Why there is nothing so far back. */
function tooFar(at: usize, offset: usize): i32 {
  const beyond: bool = <u64>offset > lookBack || <u64>offset > frameBytes + <u64>(at - head);
  return beyond ? BEYOND_START : BEYOND_WINDOW;
}
