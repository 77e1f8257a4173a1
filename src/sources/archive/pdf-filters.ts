import { constants, inflateSync } from 'node:zlib';
import type { Unpacked } from './block.js';

/** What undoes a filter of a stream (ISO 32000-1, 7.4), into at most `room` bytes. */
interface Filter {
  /** What a report calls it. */
  readonly format: string;
  readonly undo: (packed: Buffer, room: number, parameters: string) => Unpacked;
}

const ASCII85: Filter = { format: 'ascii85', undo: undoAscii85 };
const HEX: Filter = { format: 'hex', undo: undoHex };
const LZW: Filter = { format: 'lzw', undo: undoLzw };
const RUNS: Filter = { format: 'run length', undo: undoRuns };
const FLATE: Filter = { format: 'zlib', undo: undoFlate };

/** Filters by their names, and by what those are shortened to. */
export const FILTERS: Readonly<Record<string, Filter | undefined>> = {
  ASCII85Decode: ASCII85,
  A85: ASCII85,
  ASCIIHexDecode: HEX,
  AHx: HEX,
  LZWDecode: LZW,
  LZW,
  RunLengthDecode: RUNS,
  RL: RUNS,
  FlateDecode: FLATE,
  Fl: FLATE,
};

/** Bytes as they come to be, up to a limit. */
class Output {
  readonly #room: number;
  #bytes: Buffer;
  length = 0;

  constructor(room: number, likely: number) {
    this.#room = room;
    this.#bytes = Buffer.allocUnsafe(Math.min(room, likely));
  }

  /** Room for so many bytes more; `undefined` where that is over the limit. */
  reserve(count: number): Buffer | undefined {
    const needed = this.length + count;
    if (needed > this.#room) return undefined;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.min(this.#room, 2 * needed));
      this.#bytes.copy(larger, 0, 0, this.length);
      this.#bytes = larger;
    }
    return this.#bytes;
  }

  end(problem?: string): Unpacked {
    const content = this.#bytes.subarray(0, this.length);
    return problem === undefined ? { content } : { content, problem };
  }
}

const TOO_LONG = 'it gets longer than is held in memory (--max-memory)';

/** 7.4.3: five digits of base 85 for four bytes, `z` for four zeros, `~>` at the end. */
function undoAscii85(packed: Buffer, room: number): Unpacked {
  const output = new Output(room, packed.length);
  let value = 0;
  let digits = 0;
  for (const byte of packed) {
    if (byte <= 0x20) continue;
    if (byte === 0x7e) break;
    const isZeros = byte === 0x7a && digits === 0;
    if (!isZeros && (byte < 0x21 || byte > 0x75))
      return output.end('a character that is not a base-85 digit');
    const bytes = output.reserve(4);
    if (bytes === undefined) return output.end(TOO_LONG);
    value = isZeros ? 0 : value * 85 + byte - 0x21;
    digits = isZeros ? 5 : digits + 1;
    if (digits < 5) continue;
    output.length = bytes.writeUInt32BE(value % 2 ** 32, output.length);
    value = 0;
    digits = 0;
  }
  const bytes = output.reserve(4);
  if (digits < 2 || bytes === undefined) return output.end();
  for (let missing = digits; missing < 5; missing++) value = value * 85 + 84;
  bytes.writeUInt32BE(value % 2 ** 32, output.length);
  output.length += digits - 1;
  return output.end();
}

/** 7.4.2. */
function undoHex(packed: Buffer, room: number): Unpacked {
  const end = packed.indexOf('>');
  const digits = packed.toString('latin1', 0, end < 0 ? packed.length : end).replace(/\s+/g, '');
  const content = Buffer.from(digits.length % 2 === 0 ? digits : `${digits}0`, 'hex');
  return content.length <= room ? { content } : { content: content.subarray(0, room), problem: TOO_LONG };
}

/** 7.4.5: a length below 128 goes before one byte more than it says, one above 128 before a byte that is repeated. */
function undoRuns(packed: Buffer, room: number): Unpacked {
  const output = new Output(room, 2 * packed.length);
  for (let at = 0; at < packed.length; ) {
    const length = packed[at++]!;
    if (length === 128) break;
    const isCopied = length < 128;
    const count = isCopied ? Math.min(length + 1, packed.length - at) : 257 - length;
    const bytes = output.reserve(count);
    if (bytes === undefined) return output.end(TOO_LONG);
    if (isCopied) packed.copy(bytes, output.length, at, at + count);
    else bytes.fill(packed[at] ?? 0, output.length, output.length + count);
    at += isCopied ? count : 1;
    output.length += count;
  }
  return output.end();
}

const CLEAR = 256;
const END = 257;
const LONGEST_CODE = 12;

/** 7.4.4: codes of 9 to 12 bits, the highest bit first; they get longer one code early if nothing else is said. */
function undoLzw(packed: Buffer, room: number, parameters: string): Unpacked {
  const output = new Output(room, 4 * packed.length);
  const early = /\/EarlyChange\s+0/.test(parameters) ? 0 : 1;
  // What a code stands for was written before as it is: the last one, and a byte behind it.
  const starts = new Int32Array(2 ** LONGEST_CODE);
  const lengths = new Int32Array(2 ** LONGEST_CODE);
  let next = END + 1;
  let last: { start: number; length: number } | undefined;
  let [bits, held, width] = [0, 0, 9];
  for (const byte of packed) {
    bits = ((bits << 8) | byte) & 0xfffff;
    held += 8;
    if (held < width) continue;
    held -= width;
    const code = (bits >> held) & (2 ** width - 1);
    if (code === END) break;
    if (code === CLEAR) {
      next = END + 1;
      width = 9;
      last = undefined;
      continue;
    }
    if (last !== undefined && next < 2 ** LONGEST_CODE) {
      starts[next] = last.start;
      lengths[next++] = last.length + 1;
    }
    if (code >= next) return output.end('a code that nothing stands for');
    const length = code < CLEAR ? 1 : lengths[code]!;
    const bytes = output.reserve(length);
    if (bytes === undefined) return output.end(TOO_LONG);
    last = { start: output.length, length };
    if (code < CLEAR) bytes[output.length] = code;
    // It may reach into itself.
    else for (let at = 0; at < length; at++) bytes[output.length + at] = bytes[starts[code]! + at]!;
    output.length += length;
    if (next + early >= 2 ** width && width < LONGEST_CODE) width++;
  }
  return output.end();
}

/** 7.4.4.1: zlib, as far as it is whole. */
function undoFlate(packed: Buffer, room: number): Unpacked {
  try {
    return { content: inflateSync(packed, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: room }) };
  } catch (error) {
    const isLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    return { content: Buffer.alloc(0), problem: isLong ? TOO_LONG : 'what it packs is not zlib' };
  }
}
