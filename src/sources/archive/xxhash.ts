import { lz4Kernel } from './lz4-kernel.js';

const P1 = 0x9e3779b1;
const P2 = 0x85ebca77;
const P3 = 0xc2b2ae3d;
const P4 = 0x27d4eb2f;
const P5 = 0x165667b1;
const STRIPE = 16;

/** XXH32 with seed 0, over bytes that come in pieces: the checksum of LZ4 frames (xxHash specification, 1.0). */
export class XxHash32 {
  readonly #lanes = Int32Array.of(P1 + P2, P2, 0, -P1);
  readonly #rest = Buffer.alloc(STRIPE);
  #held = 0;
  #length = 0;

  update(bytes: Buffer): this {
    this.#length += bytes.length;
    let at = 0;
    if (this.#held > 0) {
      at = Math.min(STRIPE - this.#held, bytes.length);
      bytes.copy(this.#rest, this.#held, 0, at);
      this.#held += at;
      if (this.#held < STRIPE) return this;
      this.#stripes(this.#rest, 0);
    }
    at = this.#stripes(bytes, at);
    this.#held = bytes.copy(this.#rest, 0, at);
    return this;
  }

  digest(): number {
    const [a, b, c, d] = this.#lanes as unknown as [number, number, number, number];
    let hash = this.#length >= STRIPE ? left(a, 1) + left(b, 7) + left(c, 12) + left(d, 18) : P5;
    hash = (hash + this.#length) | 0;
    let at = 0;
    for (; at + 4 <= this.#held; at += 4) {
      hash = Math.imul(left((hash + Math.imul(this.#rest.readInt32LE(at), P3)) | 0, 17), P4);
    }
    for (; at < this.#held; at++) {
      hash = Math.imul(left((hash + Math.imul(this.#rest[at]!, P5)) | 0, 11), P1);
    }
    hash = Math.imul(hash ^ (hash >>> 15), P2);
    hash = Math.imul(hash ^ (hash >>> 13), P3);
    return (hash ^ (hash >>> 16)) >>> 0;
  }

  /** @returns where the bytes stand that are no whole stripe. */
  #stripes(bytes: Buffer, from: number): number {
    const end = bytes.length - ((bytes.length - from) % STRIPE);
    if (end > from) lz4Kernel().stripes(bytes.subarray(from, end), this.#lanes);
    return end;
  }
}

function left(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
