// Tables that decode the Huffman codes of deflate (RFC 1951, 3.2.2 and 3.2.5), several bits at a look.
//
// An entry is 32 bits: how many bits to pass over in the lowest byte, of these how many are the code itself in bits 8 to
// 11, and from bit 16 on the literal, or what extra bits are added to. Codes too long for the table lead on to a subtable:
// the entry says where it begins (bit 16 on) and how many bits choose there (bits 8 to 11).
//
// Codes are put in order by counting. That they were sorted by their looks, 16 at a time and length by length, cost as much
// again as building all tables does now: where in such a look a code is found can't be foretold.

export const LITERAL: u32 = 0x80000000;
export const UNUSUAL: u32 = 0x8000;
export const SUBTABLE: u32 = 0x4000;
export const END: u32 = 0x2000;
/** Neither of both: there is no such code. */

/** Of a code for lengths: the length is that before; otherwise it stands from bit 24 on. It counts as often as bit 16 on says. */
export const PREVIOUS: u32 = 0x80000000;

export const LITERAL_BITS: i32 = 11;
export const DISTANCE_BITS: i32 = 8;
export const PRECODE_BITS: i32 = 7;

// As many entries as such codes can need with their subtables, and room behind for a vector.
export const LITERAL_TABLE: usize = memory.data(4 * (2342 + 4), 64);
export const DISTANCE_TABLE: usize = memory.data(4 * (402 + 4), 64);
export const PRECODE_TABLE: usize = memory.data(4 * (128 + 4), 64);
const FIXED_LITERAL_TABLE: usize = memory.data(4 * 512, 64);
const FIXED_DISTANCE_TABLE: usize = memory.data(4 * 256, 64);

/** What a symbol means, as an entry without the length of its code. */
export const LITERAL_MEANINGS: usize = memory.data(4 * 288, 16);
export const DISTANCE_MEANINGS: usize = memory.data(4 * 32, 16);
export const PRECODE_MEANINGS: usize = memory.data(4 * 19, 16);

/** The lengths of the codes of a block: its literals and lengths, then its distances; vectors may run beyond. */
export const LENGTHS: usize = memory.data(320 + 32, 16);
/** How many codes have each length, a word each; the last for what is none. */
export const LITERAL_COUNTS: usize = memory.data(4 * 20, 16);
export const DISTANCE_COUNTS: usize = memory.data(4 * 20, 16);
export const PRECODE_COUNTS: usize = memory.data(4 * 20, 16);
export const NO_LENGTH: u32 = 16;
/** Where the next code of each length goes among those that are sorted. */
const PLACES: usize = memory.data(4 * 16, 16);
const SORTED: usize = memory.data(4 * 320, 16);
/** Of each code, its bits from the highest of eleven on, where in a table its entry stands, in bytes. */
const REVERSED: usize = memory.data(2 * 2048, 64);

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

/** How many bits index the table that was built last. */
export let tableBits: i32 = 0;

for (let symbol = 0; symbol < 288; symbol++) {
  let meaning: u32 = symbol < 256 ? LITERAL | (symbol << 16) : symbol == 256 ? UNUSUAL | END : UNUSUAL;
  const index: usize = symbol - 257;
  if (symbol > 256 && symbol < 286) {
    meaning = ((<u32>load<u16>(LENGTH_BASE + (index << 1))) << 16) | load<u8>(LENGTH_EXTRA + index);
  }
  store<u32>(LITERAL_MEANINGS + (symbol << 2), meaning);
}
for (let symbol = 0; symbol < 32; symbol++) {
  let meaning: u32 = UNUSUAL;
  if (symbol < 30) {
    meaning = ((<u32>load<u16>(DISTANCE_BASE + (symbol << 1))) << 16) | load<u8>(DISTANCE_EXTRA + symbol);
  }
  store<u32>(DISTANCE_MEANINGS + (symbol << 2), meaning);
}
for (let symbol = 0; symbol < 16; symbol++) store<u32>(PRECODE_MEANINGS + (symbol << 2), (symbol << 24) | (1 << 16));
store<u32>(PRECODE_MEANINGS, PREVIOUS | (3 << 16) | 2, 4 * 16);
store<u32>(PRECODE_MEANINGS, (3 << 16) | 3, 4 * 17);
store<u32>(PRECODE_MEANINGS, (11 << 16) | 7, 4 * 18);
for (let code = 0; code < 2048; code++) {
  let reversed: u32 = 0;
  for (let bit = 0; bit < 11; bit++) reversed |= ((code >> bit) & 1) << (10 - bit);
  store<u16>(REVERSED + (code << 1), <u16>(reversed << 2));
}

/**
 * Builds the table of a canonical code from the lengths of its codes, one byte each, and how many have each length; false
 * when they are no code that zlib would take: one that is complete, or has one code of one bit, or (not for the lengths
 * themselves) none.
 */
export function buildTable(
  lengths: usize,
  symbols: i32,
  counts: usize,
  table: usize,
  mostBits: i32,
  meanings: usize,
): bool {
  let left: i32 = 1;
  let lengthsUsed: u32 = 1;
  let place: u32 = <u32>SORTED;
  for (let length = 1; length < 16; length++) {
    const count: u32 = load<u32>(counts + (length << 2));
    left = (left << 1) - count;
    lengthsUsed |= <u32>(count != 0) << length;
    store<u32>(PLACES + (length << 2), place);
    place += count << 2;
  }
  const longest: i32 = 31 - clz(lengthsUsed);
  // Once it is below zero, it stays there.
  if (left < 0) return false;
  sort(lengths, symbols, meanings);
  if (left > 0) {
    if (longest > 1 || meanings == PRECODE_MEANINGS) return false;
    // No code at all, or half of one: what isn't there is an entry, too.
    tableBits = 1;
    store<u32>(table, longest == 0 ? UNUSUAL | 1 : load<u32>(SORTED));
    store<u32>(table, UNUSUAL | 1, 4);
    return true;
  }

  // Codes in their order, their bits reversed as they are read. What is filled so far is repeated for each further bit.
  tableBits = min(longest, mostBits);
  let sorted: usize = SORTED;
  let code: usize = REVERSED;
  let step: usize = 2 << (LITERAL_BITS - 1);
  let length: i32 = 1;
  for (; length <= tableBits; length++) {
    double(table, 1 << (length - 1));
    for (let stop = sorted + (load<u32>(counts + (length << 2)) << 2); sorted < stop; sorted += 4) {
      store<u32>(table + load<u16>(code), load<u32>(sorted));
      code += step;
    }
    step >>= 1;
  }
  if (longest > tableBits) fillSubtables(table, load<u16>(code) >> 2, sorted, length, counts);
  return true;
}

/** Repeats the table that was built last until `bits` index it. */
export function widen(table: usize, bits: i32): void {
  for (; tableBits < bits; tableBits++) double(table, 1 << tableBits);
}

let prepared: bool = false;

/** Puts the fixed codes of RFC 1951, 3.2.6, where those of a block stand. */
export function buildFixed(): void {
  if (!prepared) {
    prepared = true;
    for (let symbol = 0; symbol < 288; symbol++) {
      store<u8>(LENGTHS + symbol, symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8);
    }
    memory.fill(LITERAL_COUNTS, 0, 4 * 16);
    store<u32>(LITERAL_COUNTS, 24, 4 * 7);
    store<u32>(LITERAL_COUNTS, 152, 4 * 8);
    store<u32>(LITERAL_COUNTS, 112, 4 * 9);
    buildTable(LENGTHS, 288, LITERAL_COUNTS, LITERAL_TABLE, LITERAL_BITS, LITERAL_MEANINGS);
    memory.copy(FIXED_LITERAL_TABLE, LITERAL_TABLE, 4 * 512);
    memory.fill(LENGTHS, 5, 32);
    memory.fill(DISTANCE_COUNTS, 0, 4 * 16);
    store<u32>(DISTANCE_COUNTS, 32, 4 * 5);
    buildTable(LENGTHS, 32, DISTANCE_COUNTS, DISTANCE_TABLE, DISTANCE_BITS, DISTANCE_MEANINGS);
    widen(DISTANCE_TABLE, DISTANCE_BITS);
    memory.copy(FIXED_DISTANCE_TABLE, DISTANCE_TABLE, 4 * 256);
    return;
  }
  for (let at = 0; at < 4 * 512; at += 16) v128.store(LITERAL_TABLE + at, v128.load(FIXED_LITERAL_TABLE + at));
  for (let at = 0; at < 4 * 256; at += 16) v128.store(DISTANCE_TABLE + at, v128.load(FIXED_DISTANCE_TABLE + at));
}

/** Puts what the symbols that have a code mean in the order of their codes. */
// @ts-ignore: decorator
@inline
function sort(lengths: usize, symbols: i32, meanings: usize): void {
  for (; symbols > 0; symbols -= 64) {
    let used: u64 =
      used16(lengths) | (used16(lengths + 16) << 16) | (used16(lengths + 32) << 32) | (used16(lengths + 48) << 48);
    if (symbols < 64) used &= ((<u64>1) << <u64>symbols) - 1;
    for (; used != 0; used &= used - 1) {
      const symbol: usize = <usize>ctz(used);
      const length: u32 = load<u8>(lengths + symbol);
      const place: usize = PLACES + (length << 2);
      const at: usize = load<u32>(place);
      store<u32>(place, <u32>at + 4);
      store<u32>(at, load<u32>(meanings + (symbol << 2)) + ((length << 8) | length));
    }
    lengths += 64;
    meanings += 4 * 64;
  }
}

/** Which of 16 symbols have a code. */
// @ts-ignore: decorator
@inline
function used16(lengths: usize): u64 {
  return <u64><u32>i8x16.bitmask(i8x16.ne(v128.load(lengths), i8x16.splat(0)));
}

/** The next code of the same length, `top` being the last: one is added from the highest bit down. */
// @ts-ignore: decorator
@inline
function following(code: u32, top: u32): u32 {
  const zeros: u32 = code ^ top;
  if (zeros == 0) return code;
  const bit: u32 = <u32>0x80000000 >> clz(zeros);
  return (code & (bit - 1)) | bit;
}

// @ts-ignore: decorator
@inline
function double(table: usize, entries: u32): void {
  const target: usize = table + (entries << 2);
  if (entries == 1) {
    store<u32>(target, load<u32>(table));
  } else if (entries == 2) {
    store<u64>(target, load<u64>(table));
  } else {
    for (let at: usize = 0; at < <usize>entries << 2; at += 16) v128.store(target + at, v128.load(table + at));
  }
}

/** The codes from `sorted` on, of `length` bits or more, which begin like `code`. */
function fillSubtables(table: usize, code: u32, sorted: usize, length: i32, counts: usize): void {
  const mask: u32 = (1 << tableBits) - 1;
  const passed: u32 = (tableBits << 8) | tableBits;
  let next: u32 = 1 << tableBits;
  let prefix: u32 = 0xffffffff;
  let subtable: u32 = 0;
  let remaining: i32 = load<i32>(counts + (length << 2));
  for (;;) {
    while (remaining == 0) {
      if (length == 15) return;
      remaining = load<i32>(counts + (++length << 2));
    }
    if ((code & mask) != prefix) {
      prefix = code & mask;
      subtable = next;
      // As many bits as the codes need that begin so: they fill it.
      let bits: i32 = length - tableBits;
      for (let used = remaining; used < 1 << bits; ) {
        bits++;
        used = (used << 1) + load<i32>(counts + ((tableBits + bits) << 2));
      }
      next += 1 << bits;
      store<u32>(table + (prefix << 2), (subtable << 16) | UNUSUAL | SUBTABLE | (bits << 8) | tableBits);
    }
    const entry: u32 = load<u32>(sorted) - passed;
    sorted += 4;
    for (let index: u32 = subtable + (code >> tableBits); index < next; index += 1 << (length - tableBits)) {
      store<u32>(table + (index << 2), entry);
    }
    const top: u32 = (1 << length) - 1;
    if (code == top) return;
    code = following(code, top);
    remaining--;
  }
}
