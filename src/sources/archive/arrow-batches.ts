import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import { CONTINUED, LONGEST_METADATA } from './arrow-head.js';

/** A stretch of the file that holds some of a column: validity, offsets, or values end to end. */
export interface ArrowBuffer {
  readonly start: number;
  readonly end: number;
}

/** Rows of a table, or entries of a dictionary. */
export interface ArrowBatch {
  readonly buffers: readonly ArrowBuffer[];
  readonly codec: 'lz4' | 'zstd' | undefined;
}

const MAGIC = 8;
const DICTIONARY = 2;
const RECORDS = 3;
const MOST_BUFFERS = 1_000_000;
const NOWHERE = -1000;

/** The batches of a file or a stream of Arrow, as far as its messages follow one another. */
export function* batchesOf(access: RandomAccess): Generator<ArrowBatch> {
  let at = bytesAt(access, 0, MAGIC).toString('latin1') === 'ARROW1\0\0' ? MAGIC : 0;
  while (at < access.size) {
    const head = bytesAt(access, at, 8);
    if (head.length < 8) return;
    // Before 0.15, the length came at once.
    const begin = at + (head.readUInt32LE(0) === CONTINUED ? 8 : 4);
    const length = head.readUInt32LE(begin - at - 4);
    if (length === 0 || length > LONGEST_METADATA) return;
    const message = tableAt(new FlatBuffer(bytesAt(access, begin, length)));
    if (message === undefined) return;
    const body = begin + length;
    const kind = message.byte(1);
    const table = message.table(2);
    const batch = kind === DICTIONARY ? table?.table(1) : kind === RECORDS ? table : undefined;
    if (batch !== undefined) yield batchIn(batch, body, access.size);
    at = body + Math.ceil(message.long(3) / 8) * 8;
  }
}

function batchIn(batch: Table, body: number, size: number): ArrowBatch {
  const compression = batch.table(3);
  const codec = compression === undefined ? undefined : compression.byte(0) === 1 ? 'zstd' : 'lz4';
  const buffers = batch.pairs(2).map(([offset, length]) => ({
    start: Math.min(body + offset, size),
    end: Math.min(body + offset + length, size),
  }));
  return { buffers, codec };
}

/** Bytes of a flat buffer; what lies outside reads as zero. */
class FlatBuffer {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  number(at: number, length: 1 | 2 | 4): number {
    return at >= 0 && at + length <= this.bytes.length ? this.bytes.readUIntLE(at, length) : 0;
  }

  long(at: number): number {
    return this.number(at, 4) + this.number(at + 4, 4) * 2 ** 32;
  }
}

function tableAt(buffer: FlatBuffer): Table | undefined {
  const root = buffer.number(0, 4);
  return root === 0 || root >= buffer.bytes.length ? undefined : new Table(buffer, root);
}

/** A table (flatbuffers, "Internals"): where its fields lie is written in another one, which lies before it as a rule. */
class Table {
  readonly #buffer: FlatBuffer;
  readonly #at: number;

  constructor(buffer: FlatBuffer, at: number) {
    this.#buffer = buffer;
    this.#at = at;
  }

  byte(field: number): number {
    return this.#buffer.number(this.#fieldAt(field), 1);
  }

  long(field: number): number {
    return this.#buffer.long(this.#fieldAt(field));
  }

  table(field: number): Table | undefined {
    const at = this.#pointed(field);
    return at < 0 ? undefined : new Table(this.#buffer, at);
  }

  /** A vector of pairs of long numbers. */
  pairs(field: number): (readonly [number, number])[] {
    const at = this.#pointed(field);
    if (at < 0) return [];
    const most = Math.floor((this.#buffer.bytes.length - at) / 16);
    const count = Math.min(this.#buffer.number(at, 4), most, MOST_BUFFERS);
    return Array.from({ length: count }, (_, index) => {
      const pair = at + 4 + 16 * index;
      return [this.#buffer.long(pair), this.#buffer.long(pair + 8)] as const;
    });
  }

  #pointed(field: number): number {
    const at = this.#fieldAt(field);
    return at < 0 ? NOWHERE : at + this.#buffer.number(at, 4);
  }

  /** Before the beginning, where all reads as zero, if the field has no value of its own. */
  #fieldAt(field: number): number {
    const offsets = this.#at - (this.#buffer.number(this.#at, 4) | 0);
    const slot = 4 + 2 * field;
    const offset = slot < this.#buffer.number(offsets, 2) ? this.#buffer.number(offsets + slot, 2) : 0;
    return offset === 0 ? NOWHERE : this.#at + offset;
  }
}
