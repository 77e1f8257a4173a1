import type { ObjectFormat } from './object-format.js';
import { LONGEST_HEADER, newEntryHeader, parseEntryHeader } from './pack-entry.js';
import type { PackFile } from './pack-file.js';
import { type Block, PackKernel } from './pack-kernel.js';

/** So much of a pack is looked at once. */
const STRETCH = 512 * 1024;
/** The largest object that an entry becomes there. */
const ROOM = 1024 ** 2;
/** Ends that are listed at once. */
const ENDS = 16 * 1024;
/** A header, and what zlib begins with. */
const BEGINNING = LONGEST_HEADER + 2;

/** Where entries begin and end in a pack that nothing describes, a stretch at a time. */
export class EntrySearch {
  readonly #pack: PackFile;
  readonly #idBytes: number;
  readonly #largest: number;
  readonly #kernel = new PackKernel();
  readonly #stretch: Block;
  readonly #room: Block;
  readonly #ends: Block;
  /** What the stretch is filled with. */
  #from = 0;
  #filled = 0;

  /** @param largest entries that claim more bytes are not inflated. */
  constructor(pack: PackFile, format: ObjectFormat, largest: number) {
    this.#pack = pack;
    this.#idBytes = format.bytes;
    this.#largest = largest;
    this.#stretch = this.#kernel.allocate(STRETCH);
    this.#room = this.#kernel.allocate(Math.min(largest, ROOM));
    this.#ends = this.#kernel.allocate(4 * ENDS);
  }

  /** Where the entries end, in bytes from `position`, that stand there one behind the other; none where more has to be looked at. */
  endsFrom(position: number): Uint32Array {
    const ends = this.#endsIn(this.#at(position, BEGINNING));
    if (ends.length > 0 || !this.#kernel.wantsMore || position === this.#from) return ends;
    this.#fill(position);
    return this.#endsIn(this.#at(position, 0));
  }

  /** Where the entry at `position` ends, however large; `damaged` when there is none, `too large` when that was not tried. */
  endOf(position: number): number | 'damaged' | 'too large' {
    const header = newEntryHeader();
    const bytes = this.#pack.bytes(position, BEGINNING);
    if (!parseEntryHeader(bytes, 0, this.#idBytes, header) || !isZlib(bytes, header.length)) return 'damaged';
    if (header.size > this.#largest) return 'too large';
    const at = position + header.length;
    const packed = this.#pack.lengthAt(at, header.size, this.#kernel);
    return packed === undefined ? 'damaged' : at + packed;
  }

  /** The first place from `position` on where a whole entry stands, or the end of the pack. */
  nextFrom(position: number): number {
    let at = this.#likelyFrom(position);
    while (at < this.#pack.end && typeof this.endOf(at) !== 'number') at = this.#likelyFrom(at + 1);
    return at;
  }

  /** The next place from `position` on where an entry may begin, by its first bytes; the end of the pack when there is none. */
  #likelyFrom(position: number): number {
    for (let from = position; from < this.#pack.end; ) {
      const stretch = this.#at(from, BEGINNING + 1);
      const isLast = from + stretch.length >= this.#pack.end;
      const places = isLast ? stretch.length : stretch.length - BEGINNING;
      if (places <= 0) break;
      const place = this.#kernel.mayBegin({ at: stretch.at, length: places }, this.#idBytes);
      if (place >= 0) return from + place;
      from += places;
    }
    return this.#pack.end;
  }

  #endsIn(stretch: Block): Uint32Array {
    return this.#kernel.entryEnds(stretch, this.#idBytes, this.#room, this.#ends);
  }

  /** What the stretch has from `position` on, which is filled anew where that is less than `least` bytes. */
  #at(position: number, least: number): Block {
    if (position < this.#from || position + least > this.#from + this.#filled) this.#fill(position);
    const passed = position - this.#from;
    return { at: this.#stretch.at + passed, length: this.#filled - passed };
  }

  #fill(position: number): void {
    const view = this.#kernel.view(this.#stretch);
    this.#from = position;
    this.#filled = this.#pack.fill(position, Buffer.from(view.buffer, view.byteOffset, view.length)).length;
  }
}

/** Deflate with the largest window, which is what git writes at any level, and a header that checks (RFC 1950). */
function isZlib(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0x78 && at + 1 < bytes.length && (0x7800 + bytes[at + 1]!) % 31 === 0;
}
