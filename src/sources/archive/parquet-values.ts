import { NumberReader } from './number-reader.js';

/** Encodings in which the bytes of texts lie end to end, behind how long each is (apache/parquet-format, Encodings.md). */
const LENGTHS_FIRST = 6;
const PREFIXES_FIRST = 7;
const LINE_END = 0x0a;
/** Values may be put together of nearly all of the one before: no page makes more of a byte, nor more in all. */
const MOST_OF_A_BYTE = 64;
const LONGEST = 16 * 1024 * 1024;
const MOST_VALUES = 1024 * 1024;

/** What makes lines of the texts in a page in that encoding, if there nothing stands between them. */
export function textsIn(encoding: number | undefined): ((page: Buffer) => Buffer | undefined) | undefined {
  if (encoding === LENGTHS_FIRST) return (page) => behindLevels(page, linesByLength);
  if (encoding === PREFIXES_FIRST) return (page) => behindLevels(page, linesByPrefix);
  return undefined;
}

/** Up to two lists of levels, each behind its size, may stand first: the values are what makes sense to its end. */
function behindLevels(page: Buffer, read: (bytes: Buffer) => Buffer | undefined): Buffer | undefined {
  let at = 0;
  for (let lists = 0; lists <= 2 && at + 4 <= page.length; lists++) {
    const lines = read(page.subarray(at));
    if (lines !== undefined) return lines;
    at += 4 + page.readUInt32LE(at);
  }
  return undefined;
}

function linesByLength(bytes: Buffer): Buffer | undefined {
  const lengths = deltas(bytes, 0);
  if (lengths === undefined || !fills(lengths, bytes)) return undefined;
  const lines = Buffer.alloc(bytes.length - lengths.end + lengths.values.length, LINE_END);
  let from = lengths.end;
  let to = 0;
  for (const length of lengths.values) {
    bytes.copy(lines, to, from, from + length);
    from += length;
    to += length + 1;
  }
  return lines;
}

/** Of each value, how much of the one before it begins with, and the rest. */
function linesByPrefix(bytes: Buffer): Buffer | undefined {
  const shared = deltas(bytes, 0);
  const rests = shared === undefined ? undefined : deltas(bytes, shared.end);
  if (shared === undefined || rests === undefined || !fills(rests, bytes)) return undefined;
  const { values } = rests;
  if (values.length !== shared.values.length) return undefined;
  const size = values.reduce((sum, length, index) => sum + length + shared.values[index]! + 1, 0);
  if (!(size <= Math.min(LONGEST, MOST_OF_A_BYTE * bytes.length))) return undefined;
  const lines = Buffer.alloc(size, LINE_END);
  let from = rests.end;
  let to = 0;
  let before = { start: 0, length: 0 };
  for (const [index, length] of values.entries()) {
    const kept = shared.values[index]!;
    if (kept < 0 || kept > before.length) return undefined;
    lines.copy(lines, to, before.start, before.start + kept);
    bytes.copy(lines, to + kept, from, from + length);
    before = { start: to, length: kept + length };
    from += length;
    to += kept + length + 1;
  }
  return lines;
}

interface Deltas {
  readonly values: readonly number[];
  readonly end: number;
}

/** Whether values of these lengths take all that stands behind them. */
function fills({ values, end }: Deltas, bytes: Buffer): boolean {
  let sum = end;
  for (const length of values) {
    if (length < 0) return false;
    sum += length;
  }
  return sum === bytes.length && values.length > 0;
}

/** Numbers by what each adds to the one before (DELTA_BINARY_PACKED). */
function deltas(bytes: Buffer, from: number): Deltas | undefined {
  const reader = new BitReader(bytes, from);
  const block = reader.unsigned();
  const parts = reader.unsigned();
  const count = reader.unsigned();
  let value = reader.zigzag();
  const each = block / parts;
  if (!(count > 0 && count <= MOST_VALUES && parts > 0 && parts <= 512 && each % 8 === 0 && block <= 65_536))
    return undefined;
  const values = [value];
  while (values.length < count) {
    const least = reader.zigzag();
    const widths = bytes.subarray(reader.at, reader.at + parts);
    reader.at += parts;
    if (widths.length < parts || widths.some((width) => width > 32)) return undefined;
    for (const width of widths) {
      if (values.length >= count) break;
      const start = reader.at;
      if (start + (each * width) / 8 > bytes.length) return undefined;
      for (let index = 0; index < each && values.length < count; index++) {
        value = (value + least + reader.packed(start, index * width, width)) | 0;
        values.push(value);
      }
      reader.at = start + (each * width) / 8;
    }
  }
  return { values, end: reader.at };
}

class BitReader extends NumberReader {
  /** So many bits, the lowest of a byte first. */
  packed(start: number, bit: number, width: number): number {
    let value = 0;
    for (let read = 0; read < width; ) {
      const place = bit + read;
      const take = Math.min(8 - (place & 7), width - read);
      const bits = (this.bytes[start + (place >> 3)]! >> (place & 7)) & ((1 << take) - 1);
      value += bits * 2 ** read;
      read += take;
    }
    return value;
  }
}
