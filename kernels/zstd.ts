// Unpacks Zstandard (RFC 8878), one block a call of `step`. Everything lies in this module's memory, which several
// threads may share: the host writes the packed bytes into a ring and reads the content out of the window.

import { makePatterns, produced, setWindow, unpackBlock } from './zstd/block';
import {
  BAD_BLOCK,
  BEYOND_WINDOW,
  CUT_SHORT,
  DICTIONARY,
  NO_FRAME,
  NO_MEMORY,
  RESERVED,
  WRONG_CHECKSUM,
  WRONG_SIZE,
} from './zstd/faults';
import { makeUsualTables } from './zstd/fse';
import { BLOCK, INPUT, INPUT_SIZE, SLACK, WINDOW } from './zstd/layout';
import { forgetHuffman } from './zstd/literals';
import { beginSequences } from './zstd/sequences';
import { hash, hashBegin, hashEnd } from './zstd/xxh64';

export * from './zstd/faults';
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

// What comes next in the input.
const AT_FRAME: i32 = 0;
const AT_BLOCK: i32 = 1;
const AT_CHECKSUM: i32 = 2;
const IN_SKIPPABLE: i32 = 3;
const LOST: i32 = 4;

const MAGIC: u32 = 0xfd2fb528;
const SKIPPABLE: u32 = 0x184d2a50;
const LONGEST_HEADER: i32 = 18;

// Kinds of blocks; the other one is packed.
const RAW: i32 = 0;
const RLE: i32 = 1;

export let pieceStart: usize = 0;
export let pieceLength: i32 = 0;
export let fault: i32 = 0;
export let faultAt: f64 = 0;
export let faultDetail: f64 = 0;
/** Packed bytes before what comes next. */
export let position: f64 = 0;

let prepared: bool = false;
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
  if (!prepared) {
    makePatterns();
    makeUsualTables();
    prepared = true;
  }
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
  forgetHuffman();
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
  let length: i32 = 0;
  if (kind == RAW) {
    memory.copy(head, at, there);
    length = there;
  } else if (there == packed) {
    if (kind == RLE) {
      memory.fill(head, load<u8>(at), size);
      length = size;
    } else if (!passing) {
      setWindow(head, formerEnd, reach(), lookBack, frameBytes);
      const problem: i32 = unpackBlock(at, size);
      length = problem == 0 ? produced : giveUp(problem, last);
    }
  }
  if (hasChecksum && whole) hash(head, length);
  if (there < packed) note(CUT_SHORT);
  use(3 + there);
  frameBytes += length;
  if (there < packed) state = AT_FRAME;
  else if (last) state = AT_CHECKSUM;
  return tell(CONTENT, length);
}

/**
 * A block is damaged: gives how many bytes count as its content. What comes behind it stands where it stood, so that
 * matches find it: most blocks are full.
 */
function giveUp(problem: i32, last: bool): i32 {
  fail(problem);
  if (problem == BEYOND_WINDOW) passing = true;
  if (last || passing) return produced;
  const full: i32 = <i32>min<u64>(<u64>BLOCK, max<u64>(lookBack, 1024));
  if (produced < full) memory.fill(head + produced, 0, full - produced);
  return max(produced, full);
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

