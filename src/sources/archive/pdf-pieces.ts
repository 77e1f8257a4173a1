import type { CodeMap } from './pdf-fonts.js';

const SMALL = 256;
const UNKNOWN = Buffer.from('?');

/** The strings that a page shows, and what parts them. */
export class Pieces {
  /** The bytes of all strings. */
  #bytes = Buffer.allocUnsafe(SMALL);
  #length = 0;
  /** Where each piece ends in them, and the byte that stands behind it, or 0. */
  #ends = new Uint32Array(SMALL);
  #behind = new Uint8Array(SMALL);
  #count = 0;

  /** Bytes of memory that are taken. */
  get size(): number {
    return this.#bytes.length + this.#ends.byteLength + this.#behind.length;
  }

  put(byte: number): void {
    if (this.#length === this.#bytes.length)
      this.#bytes = Buffer.concat([this.#bytes, Buffer.allocUnsafe(this.#length)]);
    this.#bytes[this.#length++] = byte;
  }

  /** Ends a string. @returns its bytes */
  end(): number {
    const begun = this.#count === 0 ? 0 : this.#ends[this.#count - 1]!;
    this.#add(0);
    return this.#length - begun;
  }

  /** Parts what came from what comes, by one byte. */
  part(by: number): void {
    if (this.#count > 0 && this.#behind[this.#count - 1] === 0) this.#behind[this.#count - 1] = by;
    else this.#add(by);
  }

  /** @param codes what the bytes of strings stand for; without it they are left as they are */
  text(codes?: CodeMap): Buffer {
    const text = new Text(this.#length + this.#count);
    const single = codes === undefined ? undefined : singlesOf(codes);
    let begin = 0;
    for (let piece = 0; piece < this.#count; piece++) {
      const end = this.#ends[piece]!;
      if (single === undefined) text.add(this.#bytes, begin, end);
      else this.#decode(begin, end, codes!, single, text);
      if (this.#behind[piece] !== 0) text.put(this.#behind[piece]!);
      begin = end;
    }
    return text.whole();
  }

  #decode(begin: number, end: number, { width, texts }: CodeMap, single: Uint8Array, text: Text): void {
    const bytes = this.#bytes;
    for (let at = begin; at + width <= end; at += width) {
      const code = width === 1 ? bytes[at]! : (bytes[at]! << 8) | bytes[at + 1]!;
      const byte = single[code]!;
      if (byte !== 0) text.put(byte);
      else for (const each of texts.get(code) ?? UNKNOWN) text.put(each);
    }
  }

  #add(behind: number): void {
    if (this.#count === this.#ends.length) {
      this.#ends = grown(this.#ends, new Uint32Array(2 * this.#count));
      this.#behind = grown(this.#behind, new Uint8Array(2 * this.#count));
    }
    this.#ends[this.#count] = this.#length;
    this.#behind[this.#count++] = behind;
  }
}

function grown<T extends Uint32Array | Uint8Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}

/** By code, the byte that it stands for; 0 where it is not just one. */
function singlesOf({ width, texts }: CodeMap): Uint8Array {
  const single = new Uint8Array(1 << (8 * width));
  for (const [code, text] of texts) if (text.length === 1) single[code] = text[0]!;
  return single;
}

/** Grows: a code may stand for several letters. */
class Text {
  #bytes: Buffer;
  #length = 0;

  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafe(size);
  }

  put(byte: number): void {
    if (this.#length === this.#bytes.length)
      this.#bytes = Buffer.concat([this.#bytes, Buffer.allocUnsafe(this.#length + SMALL)]);
    this.#bytes[this.#length++] = byte;
  }

  /** Only where there is room for it. */
  add(from: Buffer, begin: number, end: number): void {
    if (end - begin < 16) for (let at = begin; at < end; at++) this.#bytes[this.#length++] = from[at]!;
    else this.#length += from.copy(this.#bytes, this.#length, begin, end);
  }

  whole(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}
