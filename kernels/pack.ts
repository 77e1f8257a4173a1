// The hot loops of reading a git pack: inflating an entry (RFC 1950, RFC 1951) and applying a delta to its base
// (gitformat-pack). Everything lies in this module's memory; the caller lays it out.
//
// Room around what is handed in: SLACK bytes after every input and every output may be read or overwritten.

export const SLACK: i32 = 64;

// Outcomes.
export const DONE: i32 = 0;
export const CUT_SHORT: i32 = 1;
export const DAMAGED: i32 = 2;
export const TOO_LONG: i32 = 3;
export const TOO_SHORT: i32 = 4;
export const CHECKSUM: i32 = 5;

// Table entries: value << 16 | flags | extra bits << 8 | bits of the code. A subtable's value is where it begins, and
// its "extra bits" are how many bits index it.
const LITERAL: u32 = 0x1000;
const END: u32 = 0x2000;
const INVALID: u32 = 0x4000;
const SUBTABLE: u32 = 0x8000;
const SPECIAL: u32 = END | INVALID | SUBTABLE;

const LITERAL_BITS: i32 = 10;
const DISTANCE_BITS: i32 = 8;
const PRECODE_BITS: i32 = 7;

const LITERAL_TABLE: usize = memory.data(4 * 2048, 16);
const DISTANCE_TABLE: usize = memory.data(4 * 1024, 16);
const PRECODE_TABLE: usize = memory.data(4 * 128, 16);
const FIXED_LITERAL_TABLE: usize = memory.data(4 * 2048, 16);
const FIXED_DISTANCE_TABLE: usize = memory.data(4 * 1024, 16);
const LENGTHS: usize = memory.data(320 + 16, 16);
const COUNTS: usize = memory.data(4 * 16, 16);
const STARTS: usize = memory.data(4 * 16, 16);
const SORTED: usize = memory.data(2 * 320, 16);

const PRECODE_ORDER: usize = memory.data<u8>([
  16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
]);
const LENGTH_BASE: usize = memory.data<u16>([
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
]);
const LENGTH_EXTRA: usize = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
]);
const DISTANCE_BASE: usize = memory.data<u16>([
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
]);
const DISTANCE_EXTRA: usize = memory.data<u8>([
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
]);

const OF_PRECODE: i32 = 0;
const OF_LITERALS: i32 = 1;
const OF_DISTANCES: i32 = 2;

let fixedTablesBuilt: bool = false;

/** Bytes of input that the last `inflate` used, and bytes of output that it made, also when it failed. */
export let consumed: i32 = 0;
export let produced: i32 = 0;

export function heapBase(): usize {
  return __heap_base;
}

let room: i32 = 0;

/** Inflates the zlib stream at `source`, which has to become exactly `size` bytes at `target`. */
export function inflate(source: usize, length: i32, target: usize, size: i32): i32 {
  consumed = 0;
  produced = 0;
  room = size;
  if (length < 2) return CUT_SHORT;
  const head: u32 = ((<u32>load<u8>(source)) << 8) | load<u8>(source, 1);
  if ((head & 0x0f00) != 0x0800 || (head & 0x20) != 0 || head >> 12 > 7 || head % 31 != 0) return DAMAGED;

  const inputEnd: usize = source + length;
  const outputEnd: usize = target + size;
  let input: usize = source + 2;
  let output: usize = target;
  let bits: u64 = 0;
  let count: i32 = 0;
  let last: bool = false;

  while (!last) {
    if (input > inputEnd + 8) return fail(CUT_SHORT, output, target);
    bits |= load<u64>(input) << <u64>count;
    input += (63 - count) >> 3;
    count |= 56;
    last = (bits & 1) != 0;
    const kind: i32 = <i32>((bits >> 1) & 3);
    bits >>= 3;
    count -= 3;

    if (kind == 0) {
      input -= count >> 3;
      if (input + 4 > inputEnd) return fail(CUT_SHORT, output, target);
      const stored: i32 = load<u16>(input);
      if ((stored ^ 0xffff) != load<u16>(input, 2)) return fail(DAMAGED, output, target);
      input += 4;
      if (input + stored > inputEnd) return fail(CUT_SHORT, output, target);
      if (output + stored > outputEnd) return fail(TOO_LONG, output, target);
      memory.copy(output, input, stored);
      input += stored;
      output += stored;
      bits = 0;
      count = 0;
      continue;
    }
    if (kind == 3) return fail(DAMAGED, output, target);

    let literals: usize = FIXED_LITERAL_TABLE;
    let distances: usize = FIXED_DISTANCE_TABLE;
    if (kind == 1) {
      if (!fixedTablesBuilt) buildFixedTables();
    } else {
      literals = LITERAL_TABLE;
      distances = DISTANCE_TABLE;
      const literalCount: i32 = <i32>(bits & 31) + 257;
      const distanceCount: i32 = <i32>((bits >> 5) & 31) + 1;
      const precodeCount: i32 = <i32>((bits >> 10) & 15) + 4;
      bits >>= 14;
      count -= 14;
      if (literalCount > 286 || distanceCount > 30) return fail(DAMAGED, output, target);
      memory.fill(LENGTHS, 0, 19);
      for (let index = 0; index < precodeCount; index++) {
        if (count < 3) {
          if (input > inputEnd + 8) return fail(CUT_SHORT, output, target);
          bits |= load<u64>(input) << <u64>count;
          input += (63 - count) >> 3;
          count |= 56;
        }
        store<u8>(LENGTHS + load<u8>(PRECODE_ORDER + index), <u8>(bits & 7));
        bits >>= 3;
        count -= 3;
      }
      if (!buildTable(19, PRECODE_TABLE, PRECODE_BITS, OF_PRECODE)) return fail(DAMAGED, output, target);
      const total: i32 = literalCount + distanceCount;
      let at: i32 = 0;
      while (at < total) {
        if (count < 14) {
          if (input > inputEnd + 8) return fail(CUT_SHORT, output, target);
          bits |= load<u64>(input) << <u64>count;
          input += (63 - count) >> 3;
          count |= 56;
        }
        const entry: u32 = load<u32>(PRECODE_TABLE + ((<usize>bits & 127) << 2));
        if ((entry & INVALID) != 0) return fail(DAMAGED, output, target);
        bits >>= <u64>(entry & 0xff);
        count -= entry & 0xff;
        const symbol: i32 = entry >> 16;
        if (symbol < 16) {
          store<u8>(LENGTHS + at++, <u8>symbol);
          continue;
        }
        let value: u8 = 0;
        let repeat: i32;
        if (symbol == 16) {
          if (at == 0) return fail(DAMAGED, output, target);
          value = load<u8>(LENGTHS + at - 1);
          repeat = 3 + <i32>(bits & 3);
          bits >>= 2;
          count -= 2;
        } else if (symbol == 17) {
          repeat = 3 + <i32>(bits & 7);
          bits >>= 3;
          count -= 3;
        } else {
          repeat = 11 + <i32>(bits & 127);
          bits >>= 7;
          count -= 7;
        }
        if (at + repeat > total) return fail(DAMAGED, output, target);
        for (; repeat > 0; repeat--) store<u8>(LENGTHS + at++, value);
      }
      if (load<u8>(LENGTHS + 256) == 0) return fail(DAMAGED, output, target);
      if (!buildTable(literalCount, literals, LITERAL_BITS, OF_LITERALS)) return fail(DAMAGED, output, target);
      memory.copy(LENGTHS, LENGTHS + literalCount, distanceCount);
      if (!buildTable(distanceCount, distances, DISTANCE_BITS, OF_DISTANCES)) return fail(DAMAGED, output, target);
    }

    // Of `count`, only the lowest byte counts: what is subtracted below has more than the length of a code in it. Shifts
    // look at their lowest six bits anyway.
    while (true) {
      // Beyond the end lie other bytes: what they seem to say is thrown away once it is known that it was too much.
      if (input > inputEnd + 8) return fail(CUT_SHORT, output, target);
      bits |= load<u64>(input) << <u64>count;
      input += 7 - ((count >> 3) & 7);
      count |= 56;
      let entry: u32 = load<u32>(literals + ((<usize>bits & ((1 << LITERAL_BITS) - 1)) << 2));
      if ((entry & LITERAL) != 0) {
        // Three literals, of at most ten bits each, before anything is looked at again; there is room for them.
        store<u8>(output++, <u8>(entry >> 16));
        bits >>= <u64>entry;
        count -= entry;
        entry = load<u32>(literals + ((<usize>bits & ((1 << LITERAL_BITS) - 1)) << 2));
        if ((entry & LITERAL) != 0) {
          store<u8>(output++, <u8>(entry >> 16));
          bits >>= <u64>entry;
          count -= entry;
          entry = load<u32>(literals + ((<usize>bits & ((1 << LITERAL_BITS) - 1)) << 2));
          if ((entry & LITERAL) != 0) {
            store<u8>(output++, <u8>(entry >> 16));
            bits >>= <u64>entry;
            count -= entry;
            if (output > outputEnd) return fail(TOO_LONG, output, target);
            continue;
          }
        }
      }
      if ((entry & SPECIAL) != 0) {
        if ((entry & SUBTABLE) != 0) {
          const index: usize = (<usize>(bits >> LITERAL_BITS)) & ((1 << ((entry >> 8) & 15)) - 1);
          entry = load<u32>(literals + ((<usize>(entry >> 16) + index) << 2));
          if ((entry & LITERAL) != 0) {
            store<u8>(output++, <u8>(entry >> 16));
            bits >>= <u64>entry;
            count -= entry;
            if (output > outputEnd) return fail(TOO_LONG, output, target);
            continue;
          }
        }
        if ((entry & INVALID) != 0) return fail(DAMAGED, output, target);
        if ((entry & END) != 0) {
          bits >>= <u64>entry;
          count -= entry;
          break;
        }
      }
      bits >>= <u64>entry;
      count -= entry;
      let extra: u32 = (entry >> 8) & 15;
      const run: i32 = (entry >> 16) + <i32>(bits & ((1 << <u64>extra) - 1));
      bits >>= <u64>extra;
      count -= extra;

      bits |= load<u64>(input) << <u64>count;
      input += 7 - ((count >> 3) & 7);
      count |= 56;
      entry = load<u32>(distances + ((<usize>bits & ((1 << DISTANCE_BITS) - 1)) << 2));
      if ((entry & SUBTABLE) != 0) {
        const index: usize = (<usize>(bits >> DISTANCE_BITS)) & ((1 << ((entry >> 8) & 15)) - 1);
        entry = load<u32>(distances + ((<usize>(entry >> 16) + index) << 2));
      }
      if ((entry & INVALID) != 0) return fail(DAMAGED, output, target);
      bits >>= <u64>entry;
      count -= entry;
      extra = (entry >> 8) & 15;
      const distance: usize = (entry >> 16) + <usize>(bits & ((1 << <u64>extra) - 1));
      bits >>= <u64>extra;
      count -= extra;

      if (distance > output - target) return fail(DAMAGED, output, target);
      const end: usize = output + run;
      if (end > outputEnd) return fail(TOO_LONG, output, target);
      let from: usize = output - distance;
      if (distance >= 16) {
        do {
          v128.store(output, v128.load(from));
          from += 16;
          output += 16;
        } while (output < end);
      } else if (distance == 1) {
        const filled: v128 = i8x16.splat(load<i8>(from));
        do {
          v128.store(output, filled);
          output += 16;
        } while (output < end);
      } else if (distance >= 8) {
        do {
          store<u64>(output, load<u64>(from));
          from += 8;
          output += 8;
        } while (output < end);
      } else {
        do {
          store<u8>(output++, load<u8>(from++));
        } while (output < end);
      }
      output = end;
    }
    if (output > outputEnd) return fail(TOO_LONG, output, target);
    count &= 0xff;
  }

  input -= count >> 3;
  if (input + 4 > inputEnd) return fail(CUT_SHORT, output, target);
  produced = <i32>(output - target);
  if (produced != size) return TOO_SHORT;
  if (bswap<u32>(load<u32>(input)) != adler32(target, size)) return CHECKSUM;
  consumed = <i32>(input + 4 - source);
  return DONE;
}

function fail(outcome: i32, output: usize, target: usize): i32 {
  produced = min(<i32>(output - target), room);
  return outcome;
}

function buildFixedTables(): void {
  for (let symbol = 0; symbol < 288; symbol++) {
    store<u8>(LENGTHS + symbol, symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8);
  }
  buildTable(288, FIXED_LITERAL_TABLE, LITERAL_BITS, OF_LITERALS);
  memory.fill(LENGTHS, 5, 32);
  buildTable(32, FIXED_DISTANCE_TABLE, DISTANCE_BITS, OF_DISTANCES);
  fixedTablesBuilt = true;
}

/** Builds the table of a canonical code from its LENGTHS; false when they are no code that zlib would take. */
function buildTable(symbols: i32, table: usize, tableBits: i32, kind: i32): bool {
  memory.fill(COUNTS, 0, 64);
  for (let symbol = 0; symbol < symbols; symbol++) {
    const at: usize = COUNTS + ((<usize>load<u8>(LENGTHS + symbol)) << 2);
    store<i32>(at, load<i32>(at) + 1);
  }
  let longest: i32 = 15;
  while (longest > 0 && load<i32>(COUNTS + (longest << 2)) == 0) longest--;
  let left: i32 = 1;
  for (let length = 1; length <= 15; length++) {
    left = (left << 1) - load<i32>(COUNTS + (length << 2));
    if (left < 0) return false;
  }
  if (left > 0) {
    if (longest > 1 || kind == OF_PRECODE) return false;
    for (let index = 0; index < 1 << tableBits; index++) store<u32>(table + (index << 2), INVALID | 1);
    if (longest == 0) return true;
  }

  let start: i32 = 0;
  for (let length = 1; length <= 15; length++) {
    store<i32>(STARTS + (length << 2), start);
    start += load<i32>(COUNTS + (length << 2));
  }
  for (let symbol = 0; symbol < symbols; symbol++) {
    const length: usize = load<u8>(LENGTHS + symbol);
    if (length == 0) continue;
    const at: i32 = load<i32>(STARTS + (length << 2));
    store<u16>(SORTED + (at << 1), <u16>symbol);
    store<i32>(STARTS + (length << 2), at + 1);
  }

  // Codes in their order, bits reversed as they are read.
  let code: u32 = 0;
  let next: u32 = 1 << tableBits;
  let prefix: u32 = 0xffffffff;
  let subtable: u32 = 0;
  let subtableBits: i32 = 0;
  let at: i32 = 0;
  for (let length = 1; length <= longest; length++) {
    let remaining: i32 = load<i32>(COUNTS + (length << 2));
    for (; remaining > 0; remaining--) {
      const symbol: i32 = load<u16>(SORTED + (at++ << 1));
      const entry: u32 = entryOf(symbol, kind) | length;
      if (length <= tableBits) {
        for (let index: u32 = code; index < <u32>1 << tableBits; index += 1 << length) {
          store<u32>(table + (index << 2), entry);
        }
      } else {
        const low: u32 = code & ((1 << tableBits) - 1);
        if (low != prefix) {
          prefix = low;
          subtable = next;
          subtableBits = length - tableBits;
          let room: i32 = 1 << subtableBits;
          while (subtableBits + tableBits < longest) {
            const here: i32 = subtableBits + tableBits == length
              ? remaining
              : load<i32>(COUNTS + ((subtableBits + tableBits) << 2));
            room -= here;
            if (room <= 0) break;
            subtableBits++;
            room <<= 1;
          }
          next += 1 << subtableBits;
          store<u32>(table + (low << 2), (subtable << 16) | SUBTABLE | (subtableBits << 8) | tableBits);
        }
        for (let index: u32 = code >> tableBits; index < <u32>1 << subtableBits; index += 1 << (length - tableBits)) {
          store<u32>(table + ((subtable + index) << 2), entry);
        }
      }
      // Adds one to the reversed code: carries run from its highest bit down.
      let bit: u32 = 1 << (length - 1);
      while ((code & bit) != 0) bit >>= 1;
      code = bit == 0 ? 0 : (code & (bit - 1)) | bit;
    }
  }
  return true;
}

// @ts-ignore: decorator
@inline
function entryOf(symbol: i32, kind: i32): u32 {
  if (kind == OF_PRECODE) return symbol << 16;
  if (kind == OF_LITERALS) {
    if (symbol < 256) return (symbol << 16) | LITERAL;
    if (symbol == 256) return END;
    if (symbol > 285) return INVALID;
    const index: usize = symbol - 257;
    return ((<u32>load<u16>(LENGTH_BASE + (index << 1))) << 16) | ((<u32>load<u8>(LENGTH_EXTRA + index)) << 8);
  }
  if (symbol > 29) return INVALID;
  return ((<u32>load<u16>(DISTANCE_BASE + (symbol << 1))) << 16) | ((<u32>load<u8>(DISTANCE_EXTRA + symbol)) << 8);
}

/** The checksum of RFC 1950, 16 bytes at a time. */
export function adler32(at: usize, length: i32): u32 {
  let a: u32 = 1;
  let b: u32 = 0;
  const weights: v128 = i16x8(16, 15, 14, 13, 12, 11, 10, 9);
  const more: v128 = i16x8(8, 7, 6, 5, 4, 3, 2, 1);
  let left: i32 = length;
  while (left > 0) {
    // So many bytes of 255 don't overflow 32 bits (zlib's NMAX).
    let block: i32 = min(left, 5552);
    left -= block;
    if (block >= 16) {
      let sums: v128 = i32x4(0, 0, 0, 0);
      let before: v128 = i32x4(0, 0, 0, 0);
      let weighted: v128 = i32x4(0, 0, 0, 0);
      const rounds: i32 = block >> 4;
      for (let round = 0; round < rounds; round++) {
        const bytes: v128 = v128.load(at);
        const low: v128 = i16x8.extend_low_i8x16_u(bytes);
        const high: v128 = i16x8.extend_high_i8x16_u(bytes);
        before = i32x4.add(before, sums);
        sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_u(i16x8.add(low, high)));
        weighted = i32x4.add(weighted, i32x4.add(i32x4.dot_i16x8_s(low, weights), i32x4.dot_i16x8_s(high, more)));
        at += 16;
      }
      b += a * (rounds << 4) + (total(before) << 4) + total(weighted);
      a += total(sums);
      block &= 15;
    }
    for (; block > 0; block--) {
      a += load<u8>(at++);
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return (b << 16) | a;
}

// @ts-ignore: decorator
@inline
function total(sums: v128): u32 {
  return (
    i32x4.extract_lane(sums, 0) +
    i32x4.extract_lane(sums, 1) +
    i32x4.extract_lane(sums, 2) +
    i32x4.extract_lane(sums, 3)
  );
}

/** What the last `readSizes` found; sizes over 4 GiB are capped. */
export let baseSize: u32 = 0;
export let resultSize: u32 = 0;
export let instructions: i32 = 0;

/** Reads what a delta declares; false when it is cut short. */
export function readSizes(delta: usize, length: i32): bool {
  const end: usize = delta + length;
  let at: usize = delta;
  for (let which = 0; which < 2; which++) {
    let value: u64 = 0;
    let shift: u64 = 0;
    let byte: u64;
    do {
      if (at >= end || shift > 56) return false;
      byte = load<u8>(at++);
      value |= (byte & 0x7f) << shift;
      shift += 7;
    } while ((byte & 0x80) != 0);
    const capped: u32 = value > 0xffffffff ? 0xffffffff : <u32>value;
    if (which == 0) baseSize = capped;
    else resultSize = capped;
  }
  instructions = <i32>(at - delta);
  return true;
}

// Outcomes of `applyDelta`, beside DONE.
export const RESERVED: i32 = 6;
export const BEYOND_BASE: i32 = 7;
export const OTHER_SIZE: i32 = 8;

/** How many stretches the last `applyDelta` wrote to `fresh`. */
export let freshCount: i32 = 0;

/**
 * Builds `size` bytes at `target` from a base and the instructions of a delta, and writes to `fresh` which stretches of
 * them no single copy brought along: pairs of start and end, with an empty one where two copies meet. Stretches with no
 * more than `join` bytes between them become one; the last of `room` goes to the end when there are more.
 */
export function applyDelta(
  base: usize,
  baseLength: i32,
  delta: usize,
  deltaLength: i32,
  target: usize,
  size: i32,
  fresh: usize,
  room: i32,
  join: i32,
): i32 {
  const end: usize = delta + deltaLength;
  const outputEnd: usize = target + size;
  let at: usize = delta + instructions;
  let output: usize = target;
  let expected: i32 = 0;
  let from: i32 = -1;
  let to: i32 = -1;
  freshCount = 0;
  while (at < end) {
    const opcode: u32 = load<u8>(at++);
    let start: i32 = <i32>(output - target);
    if ((opcode & 0x80) != 0) {
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
      if (at > end) return CUT_SHORT;
      if (<u64>offset + length > <u64>baseLength) return BEYOND_BASE;
      if (<u64>(output - target) + length > <u64>size) return TOO_LONG;
      copy(output, base + offset, length);
      output += length;
      const seam: bool = <i32>offset != expected;
      expected = <i32>(offset + length);
      if (!seam) continue;
    } else {
      if (opcode == 0) return RESERVED;
      if (at + opcode > end) return CUT_SHORT;
      if (output + opcode > outputEnd) return TOO_LONG;
      copy(output, at, opcode);
      output += opcode;
      at += opcode;
      expected = -1;
    }
    // What begins here is new, or meets what stands before it for the first time.
    const stop: i32 = expected < 0 ? <i32>(output - target) : start;
    if (from >= 0 && (start - to <= join || freshCount >= room - 1)) {
      to = stop;
    } else {
      if (from >= 0) {
        store<i32>(fresh + (freshCount << 3), from);
        store<i32>(fresh + (freshCount << 3), to, 4);
        freshCount++;
      }
      from = start;
      to = stop;
    }
  }
  if (output != outputEnd) return OTHER_SIZE;
  // The end of the base may be missing: what ran into more bytes now runs into the end.
  if (expected >= 0 && expected != baseLength && to != size) {
    if (from >= 0 && (size - to <= join || freshCount >= room - 1)) {
      to = size;
    } else {
      if (from >= 0) {
        store<i32>(fresh + (freshCount << 3), from);
        store<i32>(fresh + (freshCount << 3), to, 4);
        freshCount++;
      }
      from = size;
      to = size;
    }
  }
  if (from >= 0) {
    store<i32>(fresh + (freshCount << 3), from);
    store<i32>(fresh + (freshCount << 3), to, 4);
    freshCount++;
  }
  return DONE;
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
