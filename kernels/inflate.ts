// Inflates the zlib streams of a pack (RFC 1950, RFC 1951). SLACK bytes after every input and every output may be read or
// overwritten.
import { adler32 } from './adler';
import {
  DISTANCE_BITS,
  DISTANCE_MEANINGS,
  DISTANCE_TABLE,
  END,
  LENGTHS,
  LITERAL_BITS,
  LITERAL_MEANINGS,
  LITERAL_TABLE,
  PRECODE_BITS,
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
const DISTANCE_LENGTHS: usize = memory.data(32 + 16, 16);

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

/** Inflates the zlib stream at `source`, which has to become exactly `size` bytes at `target`. */
export function inflate(source: usize, length: i32, target: usize, size: i32): i32 {
  consumed = 0;
  produced = 0;
  room = size;
  if (length < 2) return CUT_SHORT;
  const head: u32 = ((<u32>load<u8>(source)) << 8) | load<u8>(source, 1);
  if ((head & 0x0f00) != 0x0800 || (head & 0x20) != 0 || head >> 12 > 7 || head % 31 != 0) return DAMAGED;

  const inputEnd: usize = source + length;
  // Beyond the end lie other bytes: what they seem to say is thrown away once it is known that it was too much.
  const inputLimit: usize = inputEnd + 8;
  const outputEnd: usize = target + size;
  let input: usize = source + 2;
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
        if (input + stored > inputEnd) return fail(CUT_SHORT, output, target);
        if (output + stored > outputEnd) return fail(TOO_LONG, output, target);
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
      v128.store(LENGTHS, i8x16.splat(0));
      v128.store(LENGTHS, i8x16.splat(0), 16);
      for (let index = 0; index < precodeCount; index++) {
        if (index == 13) {
          if (input > inputLimit) return fail(CUT_SHORT, output, target);
          bits |= load<u64>(input) << <u64>count;
          input += (63 - count) >> 3;
          count |= 56;
        }
        store<u8>(LENGTHS + load<u8>(PRECODE_ORDER + index), <u8>(bits & 7));
        bits >>= 3;
        count -= 3;
      }
      if (!buildTable(LENGTHS, 19, PRECODE_TABLE, PRECODE_BITS, PRECODE_MEANINGS)) {
        return fail(DAMAGED, output, target);
      }
      const precodeMask: usize = ((1 << tableBits) - 1) << 2;
      const total: i32 = literalCount + distanceCount;
      let at: i32 = 0;
      while (at < total) {
        if (count < 14) {
          if (input > inputLimit) return fail(CUT_SHORT, output, target);
          bits |= load<u64>(input) << <u64>count;
          input += (63 - count) >> 3;
          count |= 56;
        }
        const entry: u32 = load<u32>(PRECODE_TABLE + ((<usize>bits << 2) & precodeMask));
        bits >>= <u64>entry;
        count -= entry & 0xff;
        const symbol: u32 = entry >> 16;
        if (symbol < 16) {
          store<u8>(LENGTHS + at++, <u8>symbol);
          continue;
        }
        let value: v128 = i8x16.splat(0);
        let repeat: i32;
        if (symbol == 16) {
          if (at == 0) return fail(DAMAGED, output, target);
          value = i8x16.splat(load<i8>(LENGTHS + at - 1));
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
        v128.store(LENGTHS + at, value);
        for (let done = 16; done < repeat; done += 16) v128.store(LENGTHS + at + done, value);
        at += repeat;
      }
      if (load<u8>(LENGTHS + 256) == 0) return fail(DAMAGED, output, target);
      v128.store(DISTANCE_LENGTHS, v128.load(LENGTHS + literalCount));
      v128.store(DISTANCE_LENGTHS, v128.load(LENGTHS + literalCount, 16), 16);
      fixed = false;
      if (!buildTable(DISTANCE_LENGTHS, distanceCount, DISTANCE_TABLE, DISTANCE_BITS, DISTANCE_MEANINGS)) {
        return fail(DAMAGED, output, target);
      }
      widen(DISTANCE_TABLE, DISTANCE_BITS);
      if (!buildTable(LENGTHS, literalCount, LITERAL_TABLE, LITERAL_BITS, LITERAL_MEANINGS)) {
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
  if (input + 4 > inputEnd) return fail(CUT_SHORT, output, target);
  produced = <i32>(output - target);
  if (produced != size) return TOO_SHORT;
  if (bswap<u32>(load<u32>(input)) != adler32(target, size)) return CHECKSUM;
  consumed = <i32>(input + 4 - source);
  return DONE;
}

/** Decodes the symbols of a block. Gives where its output ends, or 0 and the `outcome`. */
export function decode(target: usize, output: usize, outputEnd: usize, inputLimit: usize, literalMask: usize): usize {
  let input: usize = atInput;
  let bits: u64 = atBits;
  let count: i32 = atCount;
  bits |= load<u64>(input) << <u64>count;
  input = input + 7 - ((count >> 3) & 7);
  count |= 56;
  let entry: u32 = load<u32>(LITERAL_TABLE + ((<usize>bits << 2) & literalMask));
  while (true) {
    // At least 56 bits are there: a length and a distance have at most 48.
    if (input > inputLimit) return stop(CUT_SHORT, output, target);
    let before: u64 = bits;
    bits >>= <u64>entry;
    count -= entry;
    if (<i32>entry < 0) {
      // Three literals, of at most eleven bits each, before anything is looked at again; there is room for them.
      store<u8>(output, <u8>(entry >> 16));
      entry = load<u32>(LITERAL_TABLE + ((<usize>bits << 2) & literalMask));
      before = bits;
      bits >>= <u64>entry;
      count -= entry;
      if (<i32>entry < 0) {
        store<u8>(output, <u8>(entry >> 16), 1);
        entry = load<u32>(LITERAL_TABLE + ((<usize>bits << 2) & literalMask));
        before = bits;
        bits >>= <u64>entry;
        count -= entry;
        if (<i32>entry < 0) {
          store<u8>(output, <u8>(entry >> 16), 2);
          output += 3;
          if (output > outputEnd) return stop(TOO_LONG, output, target);
          bits |= load<u64>(input) << <u64>count;
          input = input + 7 - ((count >> 3) & 7);
          count |= 56;
          entry = load<u32>(LITERAL_TABLE + ((<usize>bits << 2) & literalMask));
          continue;
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
        const index: usize = <usize>(entry >> 16) + (<usize>bits & ((1 << ((entry >> 8) & 15)) - 1));
        entry = load<u32>(LITERAL_TABLE + (index << 2));
        before = bits;
        bits >>= <u64>entry;
        count -= entry;
        if (<i32>entry < 0) {
          store<u8>(output++, <u8>(entry >> 16));
          if (output > outputEnd) return stop(TOO_LONG, output, target);
          bits |= load<u64>(input) << <u64>count;
          input = input + 7 - ((count >> 3) & 7);
          count |= 56;
          entry = load<u32>(LITERAL_TABLE + ((<usize>bits << 2) & literalMask));
          continue;
        }
      }
      if ((entry & UNUSUAL) != 0) {
        if ((entry & END) == 0) return stop(DAMAGED, output, target);
        if (output > outputEnd) return stop(TOO_LONG, output, target);
        atInput = input;
        atBits = bits;
        atCount = count;
        return output;
      }
    }
    const end: usize = output + (entry >> 16) + <usize>((before & (((<u64>1) << <u64>entry) - 1)) >> <u64>(entry >> 8));

    entry = load<u32>(DISTANCE_TABLE + ((<usize>bits << 2) & DISTANCE_MASK));
    if ((entry & UNUSUAL) != 0) {
      if ((entry & SUBTABLE) == 0) return stop(DAMAGED, output, target);
      bits >>= DISTANCE_BITS;
      count -= DISTANCE_BITS;
      const index: usize = <usize>(entry >> 16) + (<usize>bits & ((1 << ((entry >> 8) & 15)) - 1));
      entry = load<u32>(DISTANCE_TABLE + (index << 2));
      if ((entry & UNUSUAL) != 0) return stop(DAMAGED, output, target);
    }
    const distance: usize = (entry >> 16) + <usize>((bits & (((<u64>1) << <u64>entry) - 1)) >> <u64>(entry >> 8));
    bits >>= <u64>entry;
    count -= entry;

    if (distance > output - target) return stop(DAMAGED, output, target);
    if (end > outputEnd) return stop(TOO_LONG, output, target);
    bits |= load<u64>(input) << <u64>count;
    input = input + 7 - ((count >> 3) & 7);
    count |= 56;
    entry = load<u32>(LITERAL_TABLE + ((<usize>bits << 2) & literalMask));
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
