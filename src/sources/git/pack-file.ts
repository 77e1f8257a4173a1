import { diagnostic } from '../../model/diagnostic.js';
import type { Provenance } from '../../model/provenance.js';
import { SourceFault } from '../../model/source.js';
import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import { BEST_RATIO, type Inflated, InflateFault, inflateExactly } from './inflate.js';
import type { PackKernel } from './pack-kernel.js';

const HEADER = 12;
const WINDOW = 64 * 1024;
/** How far before a place that is asked for the window begins: bases mostly stand a little before their deltas. */
const LEAD = WINDOW / 8;

/** A pack's bytes through a window. What `bytes` gives is valid until the next call. */
export class PackFile {
  readonly file: RandomAccess;
  readonly where: Provenance;
  /** How many objects it claims to hold. */
  readonly declared: number;
  /** Where the entries begin and where the checksum after them does. */
  readonly start = HEADER;
  readonly end: number;
  #window: Buffer = Buffer.alloc(0);
  #at = 0;
  #filled = 0;

  /** Throws `SourceFault` when it is no pack. */
  constructor(file: RandomAccess, idBytes: number, where: Provenance) {
    this.file = file;
    this.where = where;
    const header = bytesAt(file, 0, HEADER);
    if (header.length < HEADER || header.toString('latin1', 0, 4) !== 'PACK') {
      throw new SourceFault(diagnostic(where, 'corrupt', 'does not begin like a pack'));
    }
    const version = header.readUInt32BE(4);
    if (version !== 2 && version !== 3) {
      throw new SourceFault(diagnostic(where, 'unsupported', `is a pack of version ${version}`));
    }
    this.declared = header.readUInt32BE(8);
    this.end = Math.max(HEADER, file.size - idBytes);
  }

  /** Up to `length` bytes from `position`; fewer at the end of the entries. */
  bytes(position: number, length: number): Buffer {
    const wanted = Math.min(length, this.end - position);
    if (wanted <= 0) return Buffer.alloc(0);
    if (wanted > WINDOW - LEAD) return bytesAt(this.file, position, wanted);
    if (position < this.#at || position + wanted > this.#at + this.#filled) this.#fill(position);
    const filled = this.#at + this.#filled - position;
    if (filled <= 0) return Buffer.alloc(0);
    return this.#window.subarray(position - this.#at, position - this.#at + Math.min(wanted, filled));
  }

  /** Fills `into` with what stands from `position` on; gives the part of it that is filled. */
  fill(position: number, into: Buffer): Buffer {
    const wanted = into.subarray(0, Math.max(0, Math.min(into.length, this.end - position)));
    let filled = 0;
    while (filled < wanted.length) {
      const count = this.file.readAt(position + filled, wanted.subarray(filled));
      if (count === 0) break;
      filled += count;
    }
    return wanted.subarray(0, filled);
  }

  #fill(position: number): void {
    if (this.#window.length === 0) this.#window = Buffer.allocUnsafeSlow(WINDOW);
    this.#at = Math.max(0, position - LEAD);
    this.#filled = 0;
    while (this.#filled < WINDOW) {
      const count = this.file.readAt(this.#at + this.#filled, this.#window.subarray(this.#filled));
      if (count === 0) break;
      this.#filled += count;
    }
  }

  /** Inflates what begins at `position` and has to become `size` bytes, where it isn't known how long it is packed. */
  inflateAt(position: number, size: number): Inflated {
    for (let length = longestPacked(size); ; length *= 4) {
      const packed = this.bytes(position, length);
      try {
        return inflateExactly(packed, size);
      } catch (error) {
        if (!(error instanceof InflateFault) || position + length >= this.end) throw error;
        // An honest encoder stays inside the first length; only one that pads needs a longer look.
        if (length > 64 * (size + 1024)) throw error;
      }
    }
  }

  /** How long the entry at `position` is packed, where it becomes `size` bytes; undefined when it can't be inflated. */
  lengthAt(position: number, size: number, kernel?: PackKernel): number | undefined {
    const length = kernel === undefined ? undefined : this.#lengthBy(kernel, position, size);
    if (length !== undefined) return length;
    try {
      return this.inflateAt(position, size).consumed;
    } catch (error) {
      if (error instanceof InflateFault) return undefined;
      throw error;
    }
  }

  /** The same for an entry as honest encoders make them: many of these cost a tenth of what they do with Node's zlib. */
  #lengthBy(kernel: PackKernel, position: number, size: number): number | undefined {
    const bytes = this.bytes(position, longestPacked(size));
    if (size > bytes.length * BEST_RATIO) return undefined;
    const packed = kernel.hold(bytes);
    const target = kernel.allocate(size);
    try {
      kernel.inflate(packed, target);
      return kernel.consumed;
    } catch (error) {
      if (error instanceof InflateFault) return undefined;
      throw error;
    } finally {
      kernel.free(target);
      kernel.free(packed);
    }
  }

  close(): void {
    this.#window = Buffer.alloc(0);
    this.#filled = 0;
    this.file.close();
  }
}

/** An honest encoder stays inside this. */
function longestPacked(size: number): number {
  return size + (size >>> 8) + 1024;
}
