// Huffman codes of Zstandard (RFC 8878, 4.2): their description, the table, and the streams of literals.

import { bitsBefore } from './bits';
import { buildTable, OF_WEIGHTS, readShares, tableLog } from './fse';
import { HUFFMAN, WEIGHTS_TABLE, WEIGHTS, STARTS, LITERALS } from './layout';

const HUFFMAN_LOG: i32 = 11;

/** Reads the description of a Huffman code and makes its table; how long it is, or -1. */
export function huffmanTable(at: usize, size: i32): i32 {
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

export function fourStreams(at: usize, size: i32, count: i32): bool {
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

export function stream(at: usize, size: i32, target: usize, count: i32): bool {
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
