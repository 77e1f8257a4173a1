// Unpacks Zstandard (RFC 8878), one block a call of `step`. Everything lies in this module's memory, which several
// threads may share: the host writes the packed bytes into a ring and reads the content out of the window.
//
// Reads and writes may go up to SLACK bytes beyond what they are meant for; what they do there is never looked at.

const SLACK: i32 = 64;
/** The most that a block may become (RFC 8878, 3.1.1.2.4). */
export const BLOCK: i32 = 131072;
/** Every match is three bytes at least. */
const MOST_SEQUENCES: i32 = BLOCK / 3;

// What is needed below is at fixed places; tables that are the same for every frame come first.
const HUFFMAN: usize = 0x4000;
const LENGTHS: usize = 0x8000;
const MATCHES: usize = 0x9000;
const OFFSETS: usize = 0xa000;
const ONE_LENGTH: usize = 0xa800;
const ONE_MATCH: usize = 0xa810;
const ONE_OFFSET: usize = 0xa820;
const WEIGHTS_TABLE: usize = 0xaa00;
const USUAL_LENGTHS: usize = 0xb000;
const USUAL_MATCHES: usize = 0xb200;
const USUAL_OFFSETS: usize = 0xb400;
const SHARES: usize = 0xb600;
const NEXT: usize = 0xb800;
const WEIGHTS: usize = 0xba00;
const STARTS: usize = 0xbc00;
const LITERALS: usize = 0x10000;
const SEQUENCES: usize = 0x30100;
/** A ring; behind it is room for a block that goes over its end, to be had in one piece. */
export const INPUT: usize = 0x90000;
export const INPUT_SIZE: i32 = 0x100000;
/** From here on to the end of the memory: the window, a ring as well. */
export const WINDOW: usize = 0x1b0100;

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

// Blocks, literals, and how the tables of a block are given.
const RAW: i32 = 0;
const RLE: i32 = 1;
const PACKED: i32 = 2;
const USUAL: i32 = 0;
const REPEATED: i32 = 3;

const HUFFMAN_LOG: i32 = 11;
/** Stands for every offset that is as far or farther: no window is. */
const FARTHEST: i32 = 0x3fffffff;

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
let lengthTable: usize = 0;
let matchTable: usize = 0;
let offsetTable: usize = 0;
let lengthLog: i32 = 0;
let matchLog: i32 = 0;
let offsetLog: i32 = 0;
let repeat1: i32 = 0;
let repeat2: i32 = 0;
let repeat3: i32 = 0;

// Of the block that is being unpacked.
let literalsAt: usize = 0;
let literalCount: i32 = 0;
let produced: i32 = 0;
let tableLog: i32 = 0;

// Tables of the specification: 3.1.1.3.2.1.1 and 3.1.1.3.2.2.
const LENGTH_BASE: usize = memory.data<u32>([
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 28, 32, 40, 48, 64, 128, 256, 512, 1024,
  2048, 4096, 8192, 16384, 32768, 65536,
]);
const LENGTH_EXTRA: usize = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
]);
/** Three less than the length: it fits into 17 bits then. */
const MATCH_BASE: usize = memory.data<u32>([
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
  32, 34, 36, 38, 40, 44, 48, 56, 64, 80, 96, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536,
]);
const MATCH_EXTRA: usize = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3,
  3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
]);
const LENGTH_SHARES: usize = memory.data<i16>([
  4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1,
]);
const MATCH_SHARES: usize = memory.data<i16>([
  1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
  1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
]);
const OFFSET_SHARES: usize = memory.data<i16>([
  1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1,
]);

const OF_LENGTHS: i32 = 0;
const OF_OFFSETS: i32 = 1;
const OF_MATCHES: i32 = 2;
const OF_WEIGHTS: i32 = 3;

const LENGTH_CODES: i32 = 36;
const OFFSET_CODES: i32 = 32;
const MATCH_CODES: i32 = 53;

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
  memory.copy(SHARES, LENGTH_SHARES, LENGTH_CODES << 1);
  buildTable(USUAL_LENGTHS, 6, LENGTH_CODES, OF_LENGTHS);
  memory.copy(SHARES, MATCH_SHARES, MATCH_CODES << 1);
  buildTable(USUAL_MATCHES, 6, MATCH_CODES, OF_MATCHES);
  memory.copy(SHARES, OFFSET_SHARES, 29 << 1);
  buildTable(USUAL_OFFSETS, 5, 29, OF_OFFSETS);
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
  lengthTable = 0;
  matchTable = 0;
  offsetTable = 0;
  repeat1 = 1;
  repeat2 = 4;
  repeat3 = 8;
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

/** Reads the description of a Huffman code and makes its table; how long it is, or -1. */
function huffmanTable(at: usize, size: i32): i32 {
  if (size < 1) return -1;
  const header: i32 = load<u8>(at);
  let count: i32 = header - 127;
  let length: i32 = 1;
  if (count > 0) {
    length += (count + 1) >> 1;
    if (length > size) return -1;
    for (let symbol = 0; symbol < count; symbol += 2) {
      const pair: u8 = load<u8>(at + 1 + (symbol >> 1));
      store<u8>(WEIGHTS + symbol, pair >> 4);
      store<u8>(WEIGHTS + symbol, pair & 15, 1);
    }
  } else {
    length += header;
    if (header == 0 || length > size) return -1;
    count = packedWeights(at + 1, header);
    if (count < 0) return -1;
  }
  return codeFromWeights(count) ? length : -1;
}

/** Weights that are packed by an FSE code with two states in turns; how many, or -1. */
function packedWeights(at: usize, size: i32): i32 {
  const header: i32 = readShares(at, size, 6, 12);
  if (header < 0 || header >= size) return -1;
  const log: i32 = tableLog;
  if (!buildTable(WEIGHTS_TABLE, log, 13, OF_WEIGHTS)) return -1;
  const from: usize = at + header;
  const last: i32 = load<u8>(at + size - 1);
  if (last == 0) return -1;
  let left: i32 = ((size - header - 1) << 3) + 31 - clz(last);
  let first: i32 = bitsBefore(from, left, log);
  left -= log;
  let second: i32 = bitsBefore(from, left, log);
  left -= log;
  if (left < 0) return -1;
  for (let count = 0; count < 254; ) {
    const entry: u64 = load<u64>(WEIGHTS_TABLE + (first << 3));
    const bits: i32 = <i32>(entry >> 24) & 0xff;
    store<u8>(WEIGHTS + count++, <u8>(entry >> 32));
    if (left < bits) {
      store<u8>(WEIGHTS + count++, load<u8>(WEIGHTS_TABLE + (second << 3), 4));
      return count;
    }
    first = second;
    left -= bits;
    second = (<i32>entry & 0xffff) + bitsBefore(from, left + bits, bits);
  }
  return -1;
}

/** `count` bits, of those that end `left` bits behind the start; bits before the start are anything. */
function bitsBefore(start: usize, left: i32, count: i32): i32 {
  const bytes: i32 = (left + 7) >> 3;
  const bits: u64 = load<u64>(start + bytes - 8) << <u64>(-left & 7);
  return <i32>((bits >> 1) >> <u64>(63 - count));
}

/** The table for the weights of the first `count` symbols: by the next 11 bits, symbol << 8 | bits used. */
function codeFromWeights(count: i32): bool {
  memory.fill(STARTS, 0, 64);
  let sum: u32 = 0;
  for (let symbol = 0; symbol < count; symbol++) {
    const weight: i32 = load<u8>(WEIGHTS + symbol);
    if (weight > 11) return false;
    store<i32>(STARTS + (weight << 2), load<i32>(STARTS + (weight << 2)) + 1);
    sum += (1 << weight) >> 1;
  }
  if (sum == 0) return false;
  const log: i32 = 32 - clz(sum);
  if (log > HUFFMAN_LOG) return false;
  const left: u32 = (<u32>1 << log) - sum;
  if ((left & (left - 1)) != 0) return false;
  const implied: i32 = 32 - clz(left);
  store<u8>(WEIGHTS + count, <u8>implied);
  store<i32>(STARTS + (implied << 2), load<i32>(STARTS + (implied << 2)) + 1);
  // Codes of ones and twos must come in pairs.
  if (load<i32>(STARTS, 4) < 2 || (load<i32>(STARTS, 4) & 1) != 0) return false;
  const scale: i32 = HUFFMAN_LOG - log;
  let start: i32 = 0;
  for (let weight = 1; weight <= log; weight++) {
    const symbols: i32 = load<i32>(STARTS + (weight << 2));
    store<i32>(STARTS + (weight << 2), start);
    start += symbols << (weight - 1 + scale);
  }
  for (let symbol = 0; symbol <= count; symbol++) {
    const weight: i32 = load<u8>(WEIGHTS + symbol);
    if (weight == 0) continue;
    const entry: u32 = (symbol << 8) | (log + 1 - weight);
    const from: i32 = load<i32>(STARTS + (weight << 2));
    const length: i32 = 1 << (weight - 1 + scale);
    store<i32>(STARTS + (weight << 2), from + length);
    const at: usize = HUFFMAN + (from << 1);
    if (length == 1) {
      store<u16>(at, <u16>entry);
    } else if (length < 8) {
      for (let i = 0; i < length << 1; i += 4) store<u32>(at + i, entry | (entry << 16));
    } else {
      const many: v128 = i16x8.splat(<i16>entry);
      for (let i = 0; i < length << 1; i += 16) v128.store(at + i, many);
    }
  }
  return true;
}

function fourStreams(at: usize, size: i32, count: i32): bool {
  if (size < 10) return false;
  const from0: usize = at + 6;
  const from1: usize = from0 + load<u16>(at);
  const from2: usize = from1 + load<u16>(at, 2);
  const from3: usize = from2 + load<u16>(at, 4);
  const end: usize = at + size;
  if (from3 >= end || from1 == from0 || from2 == from1 || from3 == from2) return false;
  const part: i32 = (count + 3) >> 2;
  const lastPart: i32 = count - 3 * part;
  if (lastPart < 0) return false;
  const last0: u32 = load<u8>(from1 - 1);
  const last1: u32 = load<u8>(from2 - 1);
  const last2: u32 = load<u8>(from3 - 1);
  const last3: u32 = load<u8>(end - 1);
  if (last0 == 0 || last1 == 0 || last2 == 0 || last3 == 0) return false;

  // A one below the bits tells how many of them were used: as many zeros are behind it.
  let in0: usize = from1 - 8;
  let in1: usize = from2 - 8;
  let in2: usize = from3 - 8;
  let in3: usize = end - 8;
  let bits0: u64 = (load<u64>(in0) | 1) << <u64>(clz(last0) - 23);
  let bits1: u64 = (load<u64>(in1) | 1) << <u64>(clz(last1) - 23);
  let bits2: u64 = (load<u64>(in2) | 1) << <u64>(clz(last2) - 23);
  let bits3: u64 = (load<u64>(in3) | 1) << <u64>(clz(last3) - 23);
  let out: usize = LITERALS;
  const outEnd: usize = LITERALS + lastPart;
  const step1: usize = part;
  const step2: usize = part << 1;
  const step3: usize = part * 3;
  while (true) {
    // Five symbols are 55 bits at most: with what is left of a byte, seven bytes.
    const room: i32 = min(
      min(<i32>(in0 - from0), <i32>(in1 - from1)),
      min(<i32>(in2 - from2), <i32>(in3 - from3)),
    );
    const rounds: i32 = min(room / 7, <i32>(outEnd - out) / 5);
    if (rounds <= 0) break;
    const stop: usize = out + rounds * 5;
    while (out < stop) {
      let entry: u32;
      entry = load<u16>(HUFFMAN + (<usize>(bits0 >> 53) << 1));
      store<u8>(out, <u8>(entry >> 8));
      bits0 <<= <u64>entry;
      entry = load<u16>(HUFFMAN + (<usize>(bits1 >> 53) << 1));
      store<u8>(out + step1, <u8>(entry >> 8));
      bits1 <<= <u64>entry;
      entry = load<u16>(HUFFMAN + (<usize>(bits2 >> 53) << 1));
      store<u8>(out + step2, <u8>(entry >> 8));
      bits2 <<= <u64>entry;
      entry = load<u16>(HUFFMAN + (<usize>(bits3 >> 53) << 1));
      store<u8>(out + step3, <u8>(entry >> 8));
      bits3 <<= <u64>entry;
      entry = load<u16>(HUFFMAN + (<usize>(bits0 >> 53) << 1));
      store<u8>(out, <u8>(entry >> 8), 1);
      bits0 <<= <u64>entry;
      entry = load<u16>(HUFFMAN + (<usize>(bits1 >> 53) << 1));
      store<u8>(out + step1, <u8>(entry >> 8), 1);
      bits1 <<= <u64>entry;
      entry = load<u16>(HUFFMAN + (<usize>(bits2 >> 53) << 1));
      store<u8>(out + step2, <u8>(entry >> 8), 1);
      bits2 <<= <u64>entry;
      entry = load<u16>(HUFFMAN + (<usize>(bits3 >> 53) << 1));
      store<u8>(out + step3, <u8>(entry >> 8), 1);
      bits3 <<= <u64>entry;
      entry = load<u16>(HUFFMAN + (<usize>(bits0 >> 53) << 1));
      store<u8>(out, <u8>(entry >> 8), 2);
      bits0 <<= <u64>entry;
      entry = load<u16>(HUFFMAN + (<usize>(bits1 >> 53) << 1));
      store<u8>(out + step1, <u8>(entry >> 8), 2);
      bits1 <<= <u64>entry;
      entry = load<u16>(HUFFMAN + (<usize>(bits2 >> 53) << 1));
      store<u8>(out + step2, <u8>(entry >> 8), 2);
      bits2 <<= <u64>entry;
      entry = load<u16>(HUFFMAN + (<usize>(bits3 >> 53) << 1));
      store<u8>(out + step3, <u8>(entry >> 8), 2);
      bits3 <<= <u64>entry;
      entry = load<u16>(HUFFMAN + (<usize>(bits0 >> 53) << 1));
      store<u8>(out, <u8>(entry >> 8), 3);
      bits0 <<= <u64>entry;
      entry = load<u16>(HUFFMAN + (<usize>(bits1 >> 53) << 1));
      store<u8>(out + step1, <u8>(entry >> 8), 3);
      bits1 <<= <u64>entry;
      entry = load<u16>(HUFFMAN + (<usize>(bits2 >> 53) << 1));
      store<u8>(out + step2, <u8>(entry >> 8), 3);
      bits2 <<= <u64>entry;
      entry = load<u16>(HUFFMAN + (<usize>(bits3 >> 53) << 1));
      store<u8>(out + step3, <u8>(entry >> 8), 3);
      bits3 <<= <u64>entry;
      entry = load<u16>(HUFFMAN + (<usize>(bits0 >> 53) << 1));
      store<u8>(out, <u8>(entry >> 8), 4);
      bits0 <<= <u64>entry;
      entry = load<u16>(HUFFMAN + (<usize>(bits1 >> 53) << 1));
      store<u8>(out + step1, <u8>(entry >> 8), 4);
      bits1 <<= <u64>entry;
      entry = load<u16>(HUFFMAN + (<usize>(bits2 >> 53) << 1));
      store<u8>(out + step2, <u8>(entry >> 8), 4);
      bits2 <<= <u64>entry;
      entry = load<u16>(HUFFMAN + (<usize>(bits3 >> 53) << 1));
      store<u8>(out + step3, <u8>(entry >> 8), 4);
      bits3 <<= <u64>entry;
      const used0: u64 = ctz(bits0);
      in0 -= <usize>(used0 >> 3);
      bits0 = (load<u64>(in0) | 1) << (used0 & 7);
      const used1: u64 = ctz(bits1);
      in1 -= <usize>(used1 >> 3);
      bits1 = (load<u64>(in1) | 1) << (used1 & 7);
      const used2: u64 = ctz(bits2);
      in2 -= <usize>(used2 >> 3);
      bits2 = (load<u64>(in2) | 1) << (used2 & 7);
      const used3: u64 = ctz(bits3);
      in3 -= <usize>(used3 >> 3);
      bits3 = (load<u64>(in3) | 1) << (used3 & 7);
      out += 5;
    }
  }
  const done: i32 = <i32>(out - LITERALS);
  return (
    rest(from0, ((<i32>(in0 - from0) + 8) << 3) - <i32>ctz(bits0), out, part - done) &&
    rest(from1, ((<i32>(in1 - from1) + 8) << 3) - <i32>ctz(bits1), out + step1, part - done) &&
    rest(from2, ((<i32>(in2 - from2) + 8) << 3) - <i32>ctz(bits2), out + step2, part - done) &&
    rest(from3, ((<i32>(in3 - from3) + 8) << 3) - <i32>ctz(bits3), out + step3, lastPart - done)
  );
}

function stream(at: usize, size: i32, target: usize, count: i32): bool {
  if (size < 1) return false;
  const last: u32 = load<u8>(at + size - 1);
  return last != 0 && rest(at, ((size - 1) << 3) + 31 - <i32>clz(last), target, count);
}

/** `count` symbols out of the last `left` bits behind `start`, which have to be just as many. */
function rest(start: usize, left: i32, target: usize, count: i32): bool {
  let out: usize = target;
  const end: usize = target + count;
  while (out + 5 <= end) {
    if (left < 0) return false;
    let bits: u64 = load<u64>(start + ((left + 7) >> 3) - 8) << <u64>(-left & 7);
    for (let i = 0; i < 5; i++) {
      const entry: u32 = load<u16>(HUFFMAN + (<usize>(bits >> 53) << 1));
      store<u8>(out + i, <u8>(entry >> 8));
      bits <<= <u64>entry;
      left -= entry & 63;
    }
    out += 5;
  }
  while (out < end) {
    if (left < 0) return false;
    const bits: u64 = load<u64>(start + ((left + 7) >> 3) - 8) << <u64>(-left & 7);
    const entry: u32 = load<u16>(HUFFMAN + (<usize>(bits >> 53) << 1));
    store<u8>(out++, <u8>(entry >> 8));
    left -= entry & 63;
  }
  return left == 0;
}

/** Finds or makes the table that `mode` calls for; where its description ends, or 0. */
function tableFor(mode: i32, use: i32, at: usize, end: usize): usize {
  if (mode == REPEATED) return tableOf(use) == 0 ? 0 : at;
  if (mode == USUAL) {
    if (use == OF_LENGTHS) setTable(use, USUAL_LENGTHS, 6);
    else if (use == OF_OFFSETS) setTable(use, USUAL_OFFSETS, 5);
    else setTable(use, USUAL_MATCHES, 6);
    return at;
  }
  const codes: i32 = use == OF_LENGTHS ? LENGTH_CODES : use == OF_OFFSETS ? OFFSET_CODES : MATCH_CODES;
  if (mode == RLE) {
    const code: i32 = at < end ? load<u8>(at) : codes;
    if (code >= codes) return 0;
    const one: usize = use == OF_LENGTHS ? ONE_LENGTH : use == OF_OFFSETS ? ONE_OFFSET : ONE_MATCH;
    store<u64>(one, entryFor(code, use));
    setTable(use, one, 0);
    return at + 1;
  }
  const taken: i32 = readShares(at, <i32>(end - at), use == OF_OFFSETS ? 8 : 9, codes - 1);
  if (taken < 0) return 0;
  const table: usize = use == OF_LENGTHS ? LENGTHS : use == OF_OFFSETS ? OFFSETS : MATCHES;
  if (!buildTable(table, tableLog, codes, use)) return 0;
  setTable(use, table, tableLog);
  return at + taken;
}

function tableOf(use: i32): usize {
  return use == OF_LENGTHS ? lengthTable : use == OF_OFFSETS ? offsetTable : matchTable;
}

function setTable(use: i32, table: usize, log: i32): void {
  if (use == OF_LENGTHS) {
    lengthTable = table;
    lengthLog = log;
  } else if (use == OF_OFFSETS) {
    offsetTable = table;
    offsetLog = log;
  } else {
    matchTable = table;
    matchLog = log;
  }
}

/**
 * Reads how the states of an FSE code are shared out (4.1.1) to SHARES, and `tableLog`; how long that is, or -1.
 * @param most the highest symbol there may be
 */
function readShares(at: usize, size: i32, mostLog: i32, most: i32): i32 {
  if (size < 1) return -1;
  memory.fill(SHARES, 0, (most + 1) << 1);
  tableLog = (load<u8>(at) & 15) + 5;
  if (tableLog > mostLog) return -1;
  let bit: i32 = 4;
  let left: i32 = 1 << tableLog;
  let symbol: i32 = 0;
  while (left > 0) {
    if (symbol > most || bit >> 3 >= size) return -1;
    // Reads beyond the end are noticed when it is known how much was read.
    const bits: i32 = <i32>(load<u32>(at + (bit >> 3)) >> (bit & 7));
    const width: i32 = 32 - clz(left + 1);
    const few: i32 = (1 << width) - 2 - left;
    let value: i32 = bits & ((1 << (width - 1)) - 1);
    if (value < few) {
      bit += width - 1;
    } else {
      value = bits & ((1 << width) - 1);
      if (value >= 1 << (width - 1)) value -= few;
      bit += width;
    }
    const share: i32 = value - 1;
    left -= abs(share);
    store<i16>(SHARES + (symbol << 1), <i16>share);
    symbol++;
    if (share != 0) continue;
    let zeros: i32 = 3;
    while (zeros == 3) {
      if (bit >> 3 >= size) return -1;
      zeros = (load<u16>(at + (bit >> 3)) >> (bit & 7)) & 3;
      bit += 2;
      symbol += zeros;
    }
  }
  const length: i32 = (bit + 7) >> 3;
  return left == 0 && length <= size && symbol <= most + 1 ? length : -1;
}

/** An entry: where the next state begins (16 bits), bits of the extra value (8), bits of the state (8), base (32). */
function entryFor(code: i32, use: i32): u64 {
  if (use == OF_LENGTHS) {
    return (<u64>load<u32>(LENGTH_BASE + (code << 2)) << 32) | (<u64>load<u8>(LENGTH_EXTRA + code) << 16);
  }
  if (use == OF_MATCHES) {
    return (<u64>load<u32>(MATCH_BASE + (code << 2)) << 32) | (<u64>load<u8>(MATCH_EXTRA + code) << 16);
  }
  if (use == OF_WEIGHTS) return <u64>code << 32;
  // Offsets are three less than what is written; what is below is a repetition and comes of the bits alone.
  const base: i64 = code < 2 ? code : ((<i64>1) << code) - 3;
  return (<u64>base << 32) | (<u64>code << 16);
}

/** The table of an FSE code (4.1.1) whose shares are in SHARES. */
function buildTable(table: usize, log: i32, codes: i32, use: i32): bool {
  const size: i32 = 1 << log;
  const mask: i32 = size - 1;
  let high: i32 = size;
  for (let code = 0; code < codes; code++) {
    const share: i32 = load<i16>(SHARES + (code << 1));
    if (share < 0) {
      high--;
      store<u8>(table + (high << 3), <u8>code);
      store<u16>(NEXT + (code << 1), 1);
    } else {
      store<u16>(NEXT + (code << 1), <u16>share);
    }
  }
  const stride: i32 = (size >> 1) + (size >> 3) + 3;
  let at: i32 = 0;
  for (let code = 0; code < codes; code++) {
    const share: i32 = load<i16>(SHARES + (code << 1));
    for (let i = 0; i < share; i++) {
      store<u8>(table + (at << 3), <u8>code);
      do {
        at = (at + stride) & mask;
      } while (at >= high);
    }
  }
  if (at != 0) return false;
  for (let index = 0; index < size; index++) {
    const code: i32 = load<u8>(table + (index << 3));
    const next: i32 = load<u16>(NEXT + (code << 1));
    store<u16>(NEXT + (code << 1), <u16>(next + 1));
    const bits: i32 = log - 31 + clz(next);
    const state: u64 = <u64>((next << bits) - size);
    store<u64>(table + (index << 3), entryFor(code, use) | state | (<u64>bits << 24));
  }
  return true;
}

/** The highest bits, as many as the lowest six bits of `count` say; what is above those may be anything. */
// @ts-ignore: decorator
@inline
function top(bits: u64, count: u64): u64 {
  return (bits >> 1) >> ~count;
}

let longOffset: i32 = 0;
let longMatch: u64 = 0;
let longLength: u64 = 0;

/** The values of a sequence that takes many bits; gives how many are left, negative where there were not enough. */
function longSequence(start: usize, left: i32, lengthEntry: u64, matchEntry: u64, offsetEntry: u64): i32 {
  const offsetBits: i32 = <i32>(offsetEntry >> 16) & 31;
  const matchBits: i32 = <i32>(matchEntry >> 16) & 31;
  const lengthBits: i32 = <i32>(lengthEntry >> 16) & 31;
  longOffset = offsetBits > 29 ? FARTHEST : <i32>(offsetEntry >> 32) + bitsBefore(start, left, offsetBits);
  longMatch = (matchEntry >> 32) + bitsBefore(start, left - offsetBits, matchBits);
  longLength = (lengthEntry >> 32) + bitsBefore(start, left - offsetBits - matchBits, lengthBits);
  return left - offsetBits - matchBits - lengthBits;
}

/**
 * Reads `count` sequences out of `size` bytes at `start`, which are read backwards, to SEQUENCES: offset << 34 | (match
 * length - 3) << 17 | literals. Gives how many could be read.
 */
function readSequences(start: usize, size: i32, count: i32): i32 {
  const mark: u32 = load<u8>(start + size - 1);
  // `filled` bits are at the top of `bits`; those that follow end where the word at `input` ends.
  let input: usize = start + size - 16;
  let bits: u64 = load<u64>(input, 8) << <u64>(clz(mark) - 23);
  let filled: i32 = 64 - (<i32>clz(mark) - 23);
  const lengths: usize = lengthTable;
  const matches: usize = matchTable;
  const offsets: usize = offsetTable;
  let lengthState: usize = <usize>top(bits, lengthLog);
  bits <<= <u64>lengthLog;
  let offsetState: usize = <usize>top(bits, offsetLog);
  bits <<= <u64>offsetLog;
  let matchState: usize = <usize>top(bits, matchLog);
  bits <<= <u64>matchLog;
  filled -= lengthLog + offsetLog + matchLog;
  let first: i32 = repeat1;
  let second: i32 = repeat2;
  let third: i32 = repeat3;
  let out: usize = SEQUENCES;
  const last: usize = SEQUENCES + ((count - 1) << 3);
  while (<i32>input >= <i32>start - 16) {
    // The load does not wait for what is being decoded: where it is was known a round before.
    bits |= load<u64>(input) >> <u64>filled;
    input -= (63 - filled) >> 3;
    filled |= 56;
    const lengthEntry: u64 = load<u64>(lengths + (lengthState << 3));
    const matchEntry: u64 = load<u64>(matches + (matchState << 3));
    const offsetEntry: u64 = load<u64>(offsets + (offsetState << 3));
    // Field by field: none overflows into the next.
    const sum: u64 = lengthEntry + matchEntry + offsetEntry;
    let extra: i32 = <i32>(sum >> 16) & 0xff;
    let offset: i32 = <i32>(offsetEntry >> 32);
    let match: u64 = matchEntry >> 32;
    let literalLength: u64 = lengthEntry >> 32;
    // 56 bits are at hand; the states take 26 of them at most.
    if (extra <= 30) {
      offset += <i32>top(bits, offsetEntry >> 16);
      // Lengths mostly come without.
      if ((<i32>((lengthEntry + matchEntry) >> 16) & 0xff) != 0) {
        const later: u64 = bits << (offsetEntry >> 16);
        match += top(later, matchEntry >> 16);
        literalLength += top(later << (matchEntry >> 16), lengthEntry >> 16);
      }
      bits <<= sum >> 16;
    } else {
      const after: i32 = longSequence(start, (<i32>(input + 8 - start) << 3) + filled, lengthEntry, matchEntry, offsetEntry);
      if (after < 0) break;
      offset = longOffset;
      match = longMatch;
      literalLength = longLength;
      input = start + (after >> 3) - 8;
      filled = after & 7;
      bits = (<u64>load<u8>(input, 8) << 56) << <u64>(8 - filled);
      bits |= load<u64>(input) >> <u64>filled;
      input -= (63 - filled) >> 3;
      filled |= 56;
      extra = 0;
    }
    if ((<i32>offsetEntry & 0xfe0000) != 0) {
      third = second;
      second = first;
      first = offset;
    } else {
      offset += i32(literalLength == 0);
      if (offset != 0) {
        const again: i32 = offset == 1 ? second : offset == 2 ? third : first - 1;
        if (again == 0) break;
        if (offset != 1) third = second;
        second = first;
        first = again;
      }
    }
    store<u64>(out, (<u64>first << 34) | (match << 17) | literalLength);
    out += 8;
    if (out > last) {
      if ((<i32>(input + 8 - start) << 3) + filled != extra) return count - 1;
      break;
    }
    lengthState = (<usize>lengthEntry & 0xffff) + <usize>top(bits, lengthEntry >> 24);
    const second2: u64 = bits << (lengthEntry >> 24);
    matchState = (<usize>matchEntry & 0xffff) + <usize>top(second2, matchEntry >> 24);
    offsetState = (<usize>offsetEntry & 0xffff) + <usize>top(second2 << (matchEntry >> 24), offsetEntry >> 24);
    bits <<= sum >> 24;
    filled -= extra + (<i32>(sum >> 24) & 0xff);
  }
  repeat1 = first;
  repeat2 = second;
  repeat3 = third;
  return <i32>((out - SEQUENCES) >> 3);
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

// The checksum: XXH64 with seed 0 (xxHash specification, 1.0).

const PRIME1: u64 = 0x9e3779b185ebca87;
const PRIME2: u64 = 0xc2b2ae3d27d4eb4f;
const PRIME3: u64 = 0x165667b19e3779f9;
const PRIME4: u64 = 0x85ebca77c2b2ae63;
const PRIME5: u64 = 0x27d4eb2f165667c5;
const STRIPE: i32 = 32;
const TAIL: usize = memory.data(32, 16);
let lane1: u64 = 0;
let lane2: u64 = 0;
let lane3: u64 = 0;
let lane4: u64 = 0;
let hashed: u64 = 0;

function hashBegin(): void {
  lane1 = PRIME1 + PRIME2;
  lane2 = PRIME2;
  lane3 = 0;
  lane4 = 0 - PRIME1;
  hashed = 0;
}

function hash(at: usize, length: i32): void {
  const waiting: i32 = <i32>(hashed & 31);
  hashed += length;
  let from: usize = at;
  let left: i32 = length;
  if (waiting > 0) {
    const part: i32 = min(STRIPE - waiting, length);
    memory.copy(TAIL + waiting, at, part);
    if (waiting + part < STRIPE) return;
    stripes(TAIL, STRIPE);
    from += part;
    left -= part;
  }
  stripes(from, left & ~31);
  memory.copy(TAIL, from + (left & ~31), left & 31);
}

function stripes(at: usize, length: i32): void {
  let a: u64 = lane1;
  let b: u64 = lane2;
  let c: u64 = lane3;
  let d: u64 = lane4;
  for (const end: usize = at + length; at < end; at += 32) {
    a = rotl(a + load<u64>(at) * PRIME2, 31) * PRIME1;
    b = rotl(b + load<u64>(at, 8) * PRIME2, 31) * PRIME1;
    c = rotl(c + load<u64>(at, 16) * PRIME2, 31) * PRIME1;
    d = rotl(d + load<u64>(at, 24) * PRIME2, 31) * PRIME1;
  }
  lane1 = a;
  lane2 = b;
  lane3 = c;
  lane4 = d;
}

function merged(hash: u64, lane: u64): u64 {
  return (hash ^ (rotl(lane * PRIME2, 31) * PRIME1)) * PRIME1 + PRIME4;
}

function hashEnd(): u32 {
  let hash: u64 = PRIME5;
  if (hashed >= <u64>STRIPE) {
    hash = rotl(lane1, 1) + rotl(lane2, 7) + rotl(lane3, 12) + rotl(lane4, 18);
    hash = merged(merged(merged(merged(hash, lane1), lane2), lane3), lane4);
  }
  hash += hashed;
  let at: usize = TAIL;
  let left: i32 = <i32>(hashed & 31);
  for (; left >= 8; left -= 8, at += 8) {
    hash ^= rotl(load<u64>(at) * PRIME2, 31) * PRIME1;
    hash = rotl(hash, 27) * PRIME1 + PRIME4;
  }
  if (left >= 4) {
    hash ^= <u64>load<u32>(at) * PRIME1;
    hash = rotl(hash, 23) * PRIME2 + PRIME3;
    left -= 4;
    at += 4;
  }
  for (; left > 0; left--, at++) {
    hash ^= <u64>load<u8>(at) * PRIME5;
    hash = rotl(hash, 11) * PRIME1;
  }
  hash = (hash ^ (hash >> 33)) * PRIME2;
  hash = (hash ^ (hash >> 29)) * PRIME3;
  return <u32>(hash ^ (hash >> 32));
}
