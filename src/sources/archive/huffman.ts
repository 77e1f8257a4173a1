import { DataFault } from '../../model/data-fault.js';

const PRIMARY = 10;
const MAX_CODE = 15;

/** A set of lengths that describes no prefix code. */
export class CodeFault extends DataFault {
  override readonly name = 'CodeFault';
}

/**
 * A canonical prefix code of DEFLATE (RFC 1951, 3.2.2): codes of up to ten bits come from one table, longer ones are
 * found bit by bit. Incomplete codes are taken as they are; a bit pattern that means nothing decodes to -1.
 */
export class Huffman {
  /** `symbol << 4 | length`; 0 where the code is longer or means nothing. */
  readonly primary = new Uint16Array(1 << PRIMARY);
  readonly #counts = new Uint16Array(MAX_CODE + 1);
  readonly #symbols = new Uint16Array(320);

  /** @param lengths the bits of each symbol's code, 0 for a symbol without one. */
  build(lengths: Uint8Array): void {
    this.primary.fill(0);
    this.#counts.fill(0);
    for (const length of lengths) this.#counts[length]!++;
    this.#counts[0] = 0;
    const next = new Uint16Array(MAX_CODE + 2);
    const offsets = new Uint16Array(MAX_CODE + 2);
    let free = 1;
    for (let length = 1; length <= MAX_CODE; length++) {
      free = free * 2 - this.#counts[length]!;
      if (free < 0) throw new CodeFault('more codes than there are bit patterns');
      offsets[length + 1] = offsets[length]! + this.#counts[length]!;
      next[length + 1] = (next[length]! + this.#counts[length]!) << 1;
    }
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      const length = lengths[symbol]!;
      if (length === 0) continue;
      this.#symbols[offsets[length]!++] = symbol;
      const code = next[length]!++;
      if (length > PRIMARY) continue;
      const step = 1 << length;
      for (let at = reversed(code, length); at < 1 << PRIMARY; at += step) {
        this.primary[at] = (symbol << 4) | length;
      }
    }
  }

  /** The symbol that the low bits of `bits` begin with, as `symbol << 4 | length`, or -1. */
  decode(bits: number): number {
    const entry = this.primary[bits & ((1 << PRIMARY) - 1)]!;
    if (entry !== 0) return entry;
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= MAX_CODE; length++) {
      code |= (bits >>> (length - 1)) & 1;
      const count = this.#counts[length]!;
      if (code - first < count) return (this.#symbols[index + code - first]! << 4) | length;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    return -1;
  }
}

function reversed(code: number, length: number): number {
  let result = 0;
  for (let bit = 0; bit < length; bit++) result |= ((code >>> bit) & 1) << (length - 1 - bit);
  return result;
}
