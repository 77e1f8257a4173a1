// Inflates the zlib streams of a pack (RFC 1950, RFC 1951). SLACK bytes after every input and every output may be read or
// overwritten.
import { adler32 } from './adler';
import {
  DISTANCE_BITS,
  DISTANCE_COUNTS,
  DISTANCE_MEANINGS,
  DISTANCE_TABLE,
  END,
  LENGTHS,
  LITERAL_BITS,
  LITERAL_COUNTS,
  LITERAL_MEANINGS,
  LITERAL_TABLE,
  NO_LENGTH,
  PRECODE_BITS,
  PRECODE_COUNTS,
  PRECODE_MEANINGS,
  PRECODE_TABLE,
  SUBTABLE,
  UNUSUAL,
  buildFixed,
  buildTable,
  tableBits,
  widen,
} from './huffman';

export const SLACK: i32 = 64;

// Outcomes.
export const DONE: i32 = 0;
export const CUT_SHORT: i32 = 1;
export const DAMAGED: i32 = 2;
export const TOO_LONG: i32 = 3;
export const TOO_SHORT: i32 = 4;
export const CHECKSUM: i32 = 5;

const PRECODE_ORDER: usize = memory.data<u8>([
  16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
]);
const REPEATS: usize = memory.data(16 * 16, 16);
const STEPS: usize = memory.data(16);
for (let distance = 1; distance < 16; distance++) {
  for (let at = 0; at < 16; at++) store<u8>(REPEATS + (distance << 4) + at, <u8>(at % distance));
  store<u8>(STEPS + distance, <u8>(16 - (16 % distance)));
}

/** Bytes of input that the last `inflate` used, and bytes of output that it made, also when it failed. */
export let consumed: i32 = 0;
export let produced: i32 = 0;

let room: i32 = 0;

// Between `inflate` and `decode`.
let atInput: usize = 0;
let atBits: u64 = 0;
let atCount: i32 = 0;
let outcome: i32 = 0;
let fixed: bool = false;
const DISTANCE_MASK: usize = ((1 << DISTANCE_BITS) - 1) << 2;

/**
 * Inflates the zlib stream at `source`, which has to become exactly `size` bytes at `target`. One that is whole and becomes fewer
 * is TOO_SHORT.
 */
export function inflate(source: usize, length: i32, target: usize, size: i32): i32 {
  consumed = 0;
  produced = 0;
  if (length < 2) return CUT_SHORT;
  const head: u32 = ((<u32>load<u8>(source)) << 8) | load<u8>(source, 1);
  if ((head & 0x0f00) != 0x0800 || (head & 0x20) != 0 || head >> 12 > 7 || head % 31 != 0) return DAMAGED;
  const outcome: i32 = inflateRaw(source + 2, length - 2, target, size);
  if (outcome != DONE && outcome != TOO_SHORT) return outcome;
  const end: usize = source + 2 + consumed;
  consumed = 0;
  if (end + 4 > source + length) return CUT_SHORT;
  if (bswap<u32>(load<u32>(end)) != adler32(target, produced)) return CHECKSUM;
  consumed = <i32>(end + 4 - source);
  return outcome;
}

/** The same without a header and a checksum. */
export function inflateRaw(source: usize, length: i32, target: usize, size: i32): i32 {
  consumed = 0;
  produced = 0;
  room = size;
  const inputEnd: usize = source + length;
  // Beyond the end lie other bytes: what they seem to say is thrown away once it is known that it was too much.
  const inputLimit: usize = inputEnd + 8;
  const outputEnd: usize = target + size;
  let input: usize = source;
  let output: usize = target;
  let bits: u64 = 0;
  // How many bits there are: only the lowest byte counts, what is subtracted has more than the length of a code in it.
  // Shifts look at their lowest six bits anyway.
  let count: i32 = 0;
  let last: bool = false;

  while (!last) {
    if (input > inputLimit) return fail(CUT_SHORT, output, target);
    bits |= load<u64>(input) << <u64>count;
    input += (63 - count) >> 3;
    count |= 56;
    last = (bits & 1) != 0;
    const kind: i32 = <i32>((bits >> 1) & 3);
    bits >>= 3;
    count -= 3;

    let literalMask: usize = 511 << 2;
    if (kind == 1) {
      if (!fixed) useFixed();
    } else {
      if (kind == 3) return fail(DAMAGED, output, target);
      if (kind == 0) {
        input -= count >> 3;
        if (input + 4 > inputEnd) return fail(CUT_SHORT, output, target);
        const stored: i32 = load<u16>(input);
        if ((stored ^ 0xffff) != load<u16>(input, 2)) return fail(DAMAGED, output, target);
        input += 4;
        if (output + stored > outputEnd) return fail(TOO_LONG, output, target);
        if (input + stored > inputEnd) return fail(CUT_SHORT, output, target);
        copy(output, input, stored);
        input += stored;
        output += stored;
        bits = 0;
        count = 0;
        continue;
      }
      const literalCount: i32 = <i32>(bits & 31) + 257;
      const distanceCount: i32 = <i32>((bits >> 5) & 31) + 1;
      const precodeCount: i32 = <i32>((bits >> 10) & 15) + 4;
      bits >>= 14;
      count -= 14;
      if (literalCount > 286 || distanceCount > 30) return fail(DAMAGED, output, target);
      // 17 bits of 56 are used, and 13 lengths of three bits fit into the others.
      for (let done: usize = 0; done < 64; done += 16) {
        v128.store(LENGTHS + done, i8x16.splat(0));
        v128.store(PRECODE_COUNTS + done, i8x16.splat(0));
      }
      for (let index = 0; index < precodeCount; index++) {
        if (index == 13) {
          if (input > inputLimit) return fail(CUT_SHORT, output, target);
          bits |= load<u64>(input) << <u64>count;
          input += (63 - count) >> 3;
          count |= 56;
        }
        const length: u32 = <u32>bits & 7;
        const place: usize = PRECODE_COUNTS + (length << 2);
        store<u8>(LENGTHS + load<u8>(PRECODE_ORDER + index), <u8>length);
        store<u32>(place, load<u32>(place) + 1);
        bits >>= 3;
        count -= 3;
      }
      if (!buildTable(LENGTHS, 19, PRECODE_COUNTS, PRECODE_TABLE, PRECODE_BITS, PRECODE_MEANINGS)) {
        return fail(DAMAGED, output, target);
      }
      atInput = input;
      atBits = bits;
      atCount = count;
      outcome = readLengths(literalCount, distanceCount, inputLimit, ((1 << tableBits) - 1) << 2);
      if (outcome != DONE) return fail(outcome, output, target);
      input = atInput;
      bits = atBits;
      count = atCount & 0xff;
      if (load<u8>(LENGTHS + 256) == 0) return fail(DAMAGED, output, target);
      fixed = false;
      if (
        !buildTable(
          LENGTHS + literalCount,
          distanceCount,
          DISTANCE_COUNTS,
          DISTANCE_TABLE,
          DISTANCE_BITS,
          DISTANCE_MEANINGS,
        )
      ) {
        return fail(DAMAGED, output, target);
      }
      widen(DISTANCE_TABLE, DISTANCE_BITS);
      if (!buildTable(LENGTHS, literalCount, LITERAL_COUNTS, LITERAL_TABLE, LITERAL_BITS, LITERAL_MEANINGS)) {
        return fail(DAMAGED, output, target);
      }
      literalMask = ((1 << tableBits) - 1) << 2;
    }

    atInput = input;
    atBits = bits;
    atCount = count;
    output = decode(target, output, outputEnd, inputLimit, literalMask);
    if (output == 0) return outcome;
    input = atInput;
    bits = atBits;
    count = atCount & 0xff;
  }

  input -= count >> 3;
  if (input > inputEnd) return fail(CUT_SHORT, output, target);
  produced = <i32>(output - target);
  consumed = <i32>(input - source);
  return produced == size ? DONE : TOO_SHORT;
}

/** Reads the lengths of the codes of a block, and counts them: without a branch for what repeats, which can't be foretold. */
function readLengths(literals: i32, distances: i32, inputLimit: usize, mask: usize): i32 {
  for (let done: usize = 0; done < 64; done += 16) {
    v128.store(LITERAL_COUNTS + done, i8x16.splat(0));
    v128.store(DISTANCE_COUNTS + done, i8x16.splat(0));
  }
  store<u32>(LITERAL_COUNTS, 0, NO_LENGTH << 2);
  for (let done: usize = 0; done < 320; done += 64) {
    v128.store(LENGTHS + done, i8x16.splat(0));
    v128.store(LENGTHS + done, i8x16.splat(0), 16);
    v128.store(LENGTHS + done, i8x16.splat(0), 32);
    v128.store(LENGTHS + done, i8x16.splat(0), 48);
  }
  let input: usize = atInput;
  let count: u32 = atCount + 2;
  let bits: u64 = (atBits << 2) | (load<u64>(input) << <u64>count);
  input = input + 7 - ((count >> 3) & 7);
  count |= 56;
  let entry: u32 = load<u32>(<usize>bits & mask, PRECODE_TABLE);
  let value: u32 = NO_LENGTH;
  let at: usize = LENGTHS;
  let counts: usize = LITERAL_COUNTS;
  let stop: usize = LENGTHS + literals;
  for (;;) {
    while (at < stop) {
      if (input > inputLimit) return CUT_SHORT;
      const extra: u32 = <u32>((bits & (((<u64>4) << <u64>entry) - 1)) >> 2 >> <u64>(entry >> 8));
      bits >>= <u64>entry;
      count -= entry;
      value = ((entry >> 24) & 15) | (value & <u32>(<i32>entry >> 31));
      const repeat: u32 = ((entry >> 16) & 255) + extra;
      entry = load<u32>(<usize>bits & mask, PRECODE_TABLE);
      bits |= load<u64>(input) << <u64>count;
      input = input + 7 - ((count >> 3) & 7);
      count |= 56;
      // Repeats of anything but zero go no farther.
      store<u64>(at, <u64>value * 0x0101010101010101);
      at += repeat;
      const place: usize = counts + (value << 2);
      store<u32>(place, load<u32>(place) + repeat);
    }
    if (counts == DISTANCE_COUNTS) break;
    // What goes over the end of the literals belongs to the distances.
    const over: u32 = <u32>(at - stop);
    store<u32>(LITERAL_COUNTS + (value << 2), load<u32>(LITERAL_COUNTS + (value << 2)) - over);
    store<u32>(DISTANCE_COUNTS + (value << 2), load<u32>(DISTANCE_COUNTS + (value << 2)) + over);
    counts = DISTANCE_COUNTS;
    stop += distances;
  }
  if (at != stop || load<u32>(LITERAL_COUNTS, NO_LENGTH << 2) != 0) return DAMAGED;
  atInput = input;
  atBits = bits >> 2;
  atCount = count - 2;
  return DONE;
}

/**
 * Decodes the symbols of a block. Gives where its output ends, or 0 and the `outcome`.
 *
 * The two lowest of `bits` are none of the input's: an entry of a table then stands at the bits that index it, without a
 * shift. After a refill 54 bits may be passed over, and all 62 be looked at, so that the next symbol is looked up before
 * the refill that comes with it: what each symbol has to wait for is a mask, a look and a shift.
 */
export function decode(target: usize, output: usize, outputEnd: usize, inputLimit: usize, literalMask: usize): usize {
  let input: usize = atInput;
  let count: u32 = atCount + 2;
  let bits: u64 = (atBits << 2) | (load<u64>(input) << <u64>count);
  input = input + 7 - ((count >> 3) & 7);
  count |= 56;
  let entry: u32 = load<u32>(<usize>bits & literalMask, LITERAL_TABLE);
  while (true) {
    if (input > inputLimit) return stop(CUT_SHORT, output, target);
    if (<i32>entry < 0) {
      // Four literals of at most eleven bits each; there is room for them.
      bits >>= <u64>entry;
      count -= entry;
      store<u8>(output, <u8>(entry >> 16));
      entry = load<u32>(<usize>bits & literalMask, LITERAL_TABLE);
      if (<i32>entry < 0) {
        bits >>= <u64>entry;
        count -= entry;
        store<u8>(output, <u8>(entry >> 16), 1);
        entry = load<u32>(<usize>bits & literalMask, LITERAL_TABLE);
        if (<i32>entry < 0) {
          bits >>= <u64>entry;
          count -= entry;
          store<u8>(output, <u8>(entry >> 16), 2);
          entry = load<u32>(<usize>bits & literalMask, LITERAL_TABLE);
          if (<i32>entry < 0) {
            bits >>= <u64>entry;
            count -= entry;
            store<u8>(output, <u8>(entry >> 16), 3);
            output += 4;
            entry = load<u32>(<usize>bits & literalMask, LITERAL_TABLE);
            if (output > outputEnd) return stop(TOO_LONG, output, target);
            bits |= load<u64>(input) << <u64>count;
            input = input + 7 - ((count >> 3) & 7);
            count |= 56;
            continue;
          }
          output += 1;
        }
        output += 1;
      }
      output += 1;
      bits |= load<u64>(input) << <u64>count;
      input = input + 7 - ((count >> 3) & 7);
      count |= 56;
    }
    if ((entry & UNUSUAL) != 0) {
      if ((entry & SUBTABLE) != 0) {
        bits >>= LITERAL_BITS;
        count -= LITERAL_BITS;
        const index: usize = <usize>(entry >> 16) + ((<usize>bits >> 2) & ((1 << ((entry >> 8) & 15)) - 1));
        entry = load<u32>(LITERAL_TABLE + (index << 2));
        if (<i32>entry < 0) {
          bits >>= <u64>entry;
          count -= entry;
          store<u8>(output++, <u8>(entry >> 16));
          if (output > outputEnd) return stop(TOO_LONG, output, target);
          bits |= load<u64>(input) << <u64>count;
          input = input + 7 - ((count >> 3) & 7);
          count |= 56;
          entry = load<u32>(<usize>bits & literalMask, LITERAL_TABLE);
          continue;
        }
      }
      if ((entry & UNUSUAL) != 0) {
        if ((entry & END) == 0) return stop(DAMAGED, output, target);
        if (output > outputEnd) return stop(TOO_LONG, output, target);
        atInput = input;
        atBits = bits >> <u64>entry >> 2;
        atCount = count - entry - 2;
        return output;
      }
    }
    const end: usize = output + (entry >> 16) + <usize>((bits & (((<u64>4) << <u64>entry) - 1)) >> 2 >> <u64>(entry >> 8));
    bits >>= <u64>entry;
    count -= entry;

    entry = load<u32>(<usize>bits & DISTANCE_MASK, DISTANCE_TABLE);
    if ((entry & UNUSUAL) != 0) {
      if ((entry & SUBTABLE) == 0) return stop(DAMAGED, output, target);
      bits >>= DISTANCE_BITS;
      count -= DISTANCE_BITS;
      const index: usize = <usize>(entry >> 16) + ((<usize>bits >> 2) & ((1 << ((entry >> 8) & 15)) - 1));
      entry = load<u32>(DISTANCE_TABLE + (index << 2));
      if ((entry & UNUSUAL) != 0) return stop(DAMAGED, output, target);
    }
    const distance: usize = (entry >> 16) + <usize>((bits & (((<u64>4) << <u64>entry) - 1)) >> 2 >> <u64>(entry >> 8));
    bits >>= <u64>entry;
    count -= entry;

    entry = load<u32>(<usize>bits & literalMask, LITERAL_TABLE);
    if (distance > output - target) return stop(DAMAGED, output, target);
    if (end > outputEnd) return stop(TOO_LONG, output, target);
    bits |= load<u64>(input) << <u64>count;
    input = input + 7 - ((count >> 3) & 7);
    count |= 56;
    let from: usize = output - distance;
    if (distance >= 16) {
      v128.store(output, v128.load(from));
      v128.store(output, v128.load(from, 16), 16);
      while (output + 32 < end) {
        output += 32;
        from += 32;
        v128.store(output, v128.load(from));
        v128.store(output, v128.load(from, 16), 16);
      }
    } else {
      // What repeats, as often as it fits into 16 bytes.
      const repeated: v128 = i8x16.swizzle(v128.load(from), v128.load(REPEATS + (distance << 4)));
      const step: usize = load<u8>(STEPS + distance);
      do {
        v128.store(output, repeated);
        output += step;
      } while (output < end);
    }
    output = end;
  }
}

function stop(why: i32, output: usize, target: usize): usize {
  outcome = fail(why, output, target);
  return 0;
}

function fail(outcome: i32, output: usize, target: usize): i32 {
  produced = min(<i32>(output - target), room);
  return outcome;
}

/** Up to 15 bytes more are overwritten. */
// @ts-ignore: decorator
@inline
function copy(target: usize, source: usize, length: i32): void {
  if (length > 512) {
    memory.copy(target, source, length);
    return;
  }
  for (let done = 0; done < length; done += 16) v128.store(target + done, v128.load(source + done));
}

function useFixed(): void {
  fixed = true;
  buildFixed();
}
