// The sequences of a block of Zstandard (RFC 8878, 3.1.1.3.2): how they are coded, and what they are.

import { bitsBefore, top } from './bits';
import {
  buildTable,
  entryFor,
  LENGTH_CODES,
  MATCH_CODES,
  OF_LENGTHS,
  OF_OFFSETS,
  OFFSET_CODES,
  readShares,
  tableLog,
} from './fse';
import {
  LENGTHS,
  MATCHES,
  OFFSETS,
  ONE_LENGTH,
  ONE_MATCH,
  ONE_OFFSET,
  SEQUENCES,
  USUAL_LENGTHS,
  USUAL_MATCHES,
  USUAL_OFFSETS,
} from './layout';

/** How the tables of a block are given; one symbol alone as in the other sections. */
const USUAL: i32 = 0;
const ALONE: i32 = 1;
const REPEATED: i32 = 3;

/** Stands for every offset that is as far or farther: no window is. */
const FARTHEST: i32 = 0x3fffffff;

// Of the frame: what blocks may repeat.
let lengthTable: usize = 0;
let matchTable: usize = 0;
let offsetTable: usize = 0;
let lengthLog: i32 = 0;
let matchLog: i32 = 0;
let offsetLog: i32 = 0;
let repeat1: i32 = 0;
let repeat2: i32 = 0;
let repeat3: i32 = 0;

/** A frame begins with nothing to repeat but three usual offsets (3.1.1.5). */
export function beginSequences(): void {
  lengthTable = 0;
  matchTable = 0;
  offsetTable = 0;
  repeat1 = 1;
  repeat2 = 4;
  repeat3 = 8;
}

/** Finds or makes the table that `mode` calls for; where its description ends, or 0. */
export function tableFor(mode: i32, use: i32, at: usize, end: usize): usize {
  if (mode == REPEATED) return tableOf(use) == 0 ? 0 : at;
  if (mode == USUAL) {
    if (use == OF_LENGTHS) setTable(use, USUAL_LENGTHS, 6);
    else if (use == OF_OFFSETS) setTable(use, USUAL_OFFSETS, 5);
    else setTable(use, USUAL_MATCHES, 6);
    return at;
  }
  const codes: i32 = use == OF_LENGTHS ? LENGTH_CODES : use == OF_OFFSETS ? OFFSET_CODES : MATCH_CODES;
  if (mode == ALONE) {
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
export function readSequences(start: usize, size: i32, count: i32): i32 {
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
