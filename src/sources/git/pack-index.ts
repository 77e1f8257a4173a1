import { diagnostic } from '../../model/diagnostic.js';
import type { Provenance } from '../../model/provenance.js';
import { SourceFault } from '../../model/source.js';
import { hexAt, type ObjectFormat, SHA1, SHA256 } from './object-format.js';
import type { IdRun } from './pack-screen.js';

const MAGIC = 0xff744f63;
const FANOUT = 256 * 4;
/** From one search for so many names on, it pays to have the beginnings of all names close together. */
const FEW = 32;

/**
 * The names and offsets of a pack's objects (gitformat-pack, versions 1 and 2). It is a hint: nothing in it is believed
 * about the pack that the pack does not bear out.
 */
export class PackIndex {
  readonly format: ObjectFormat;
  readonly count: number;
  readonly #bytes: Buffer;
  readonly #fanout: number;
  readonly #names: number;
  readonly #nameStep: number;
  readonly #offsets: number;
  readonly #large: number;
  readonly #version: 1 | 2;
  /** The first four bytes of each name: what a search looks at, close together. */
  #heads: Uint32Array | undefined;
  #searches = 0;

  /** Throws `SourceFault` when the bytes are no index. `format` decides where their length leaves it open. */
  constructor(bytes: Buffer, format: ObjectFormat, where: Provenance) {
    const fail = (detail: string): never => {
      throw new SourceFault(diagnostic(where, 'corrupt', detail));
    };
    if (bytes.length < FANOUT) fail('is too short to be a pack index');
    this.#bytes = bytes;
    this.#version = bytes.readUInt32BE(0) === MAGIC ? 2 : 1;
    if (this.#version === 2 && bytes.readUInt32BE(4) !== 2) {
      fail(`is a pack index of version ${bytes.readUInt32BE(4)}, which is not known`);
    }
    this.#fanout = this.#version === 2 ? 8 : 0;
    if (bytes.length < this.#fanout + FANOUT) fail('is too short to be a pack index');
    this.count = bytes.readUInt32BE(this.#fanout + FANOUT - 4);
    this.format =
      this.#version === 1
        ? formatOfFirst(bytes.length, this.count)
        : formatOf(bytes.length, this.count, format);
    const id = this.format.bytes;
    const tables = this.#fanout + FANOUT;
    if (bytes.length < tables + this.count * (id + (this.#version === 2 ? 8 : 4)) + 2 * id) {
      fail(`is cut short: it lists ${this.count} objects`);
    }
    this.#names = this.#version === 2 ? tables : tables + 4;
    this.#nameStep = this.#version === 2 ? id : id + 4;
    this.#offsets = this.#version === 2 ? tables + this.count * (id + 4) : tables;
    this.#large = this.#offsets + this.count * 4;
  }

  get ids(): IdRun {
    return { bytes: this.#bytes.subarray(this.#names), count: this.count, step: this.#nameStep };
  }

  /** The offsets as they stand there, 4 bytes each, in order of the names; undefined where something is between them. */
  get offsets(): Uint8Array | undefined {
    if (this.#version === 1) return undefined;
    return this.#bytes.subarray(this.#offsets, this.#offsets + 4 * this.count);
  }

  /** All offsets in order of the names, as {@link offsetAt} gives them. */
  copyOffsets(into: Float64Array): void {
    for (let row = 0; row < this.count; row++) into[row] = this.offsetAt(row);
  }

  idAt(row: number): string {
    return hexAt(this.#bytes, this.#names + row * this.#nameStep, this.format.bytes);
  }

  writeId(row: number, into: Uint8Array): void {
    const name = this.#names + row * this.#nameStep;
    // For so few bytes, a loop costs a tenth of what `copy` does.
    for (let index = 0; index < this.format.bytes; index++) into[index] = this.#bytes[name + index]!;
  }

  /** Where the object of a row begins in the pack, or -1 where the index contradicts itself. */
  offsetAt(row: number): number {
    if (this.#version === 1) return this.#bytes.readUInt32BE(this.#offsets + row * this.#nameStep);
    const offset = this.#bytes.readUInt32BE(this.#offsets + row * 4);
    if (offset < 0x80000000) return offset;
    const at = this.#large + (offset - 0x80000000) * 8;
    if (at + 8 > this.#bytes.length - 2 * this.format.bytes) return -1;
    const value = this.#bytes.readBigUInt64BE(at);
    return value > BigInt(Number.MAX_SAFE_INTEGER) ? -1 : Number(value);
  }

  /** The row of an object ID (its bytes at `at`), or -1. */
  find(id: Uint8Array, at = 0): number {
    const first = id[at]!;
    if (++this.#searches * FEW > this.count) this.#heads ??= this.#readHeads();
    const head = ((first << 24) | (id[at + 1]! << 16) | (id[at + 2]! << 8) | id[at + 3]!) >>> 0;
    let low = first === 0 ? 0 : this.#bytes.readUInt32BE(this.#fanout + (first - 1) * 4);
    let high = Math.min(this.count, this.#bytes.readUInt32BE(this.#fanout + first * 4)) - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const order = head - (this.#heads?.[middle] ?? this.#headAt(middle)) || this.#compare(id, at, middle);
      if (order === 0) return middle;
      if (order < 0) high = middle - 1;
      else low = middle + 1;
    }
    return -1;
  }

  #readHeads(): Uint32Array {
    const heads = new Uint32Array(this.count);
    for (let row = 0; row < this.count; row++) heads[row] = this.#headAt(row);
    return heads;
  }

  #headAt(row: number): number {
    return this.#bytes.readUInt32BE(this.#names + row * this.#nameStep);
  }

  #compare(id: Uint8Array, at: number, row: number): number {
    const name = this.#names + row * this.#nameStep;
    for (let index = 0; index < this.format.bytes; index++) {
      const order = id[at + index]! - this.#bytes[name + index]!;
      if (order !== 0) return order;
    }
    return 0;
  }
}

/** Version 1 has no tables of other lengths: with SHA-256, too, git still writes it where it is told to. */
function formatOfFirst(length: number, count: number): ObjectFormat {
  return length === FANOUT + count * 36 + 64 ? SHA256 : SHA1;
}

/** Version 2 doesn't name its hash; its length does, unless there are 64-bit offsets that could stand for either. */
function formatOf(length: number, count: number, expected: ObjectFormat): ObjectFormat {
  const tables = 8 + FANOUT;
  const sha1 = length - (tables + count * 28 + 40);
  const sha256 = length - (tables + count * 40 + 64);
  const fits = (rest: number): boolean => rest >= 0 && rest % 8 === 0 && rest / 8 <= count;
  if (sha1 === 0) return SHA1;
  if (sha256 === 0) return SHA256;
  if (fits(sha1) !== fits(sha256)) return fits(sha1) ? SHA1 : SHA256;
  return expected;
}
