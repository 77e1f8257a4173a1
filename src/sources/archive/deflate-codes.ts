import { buildCode, type DeflateBits, InflateFault } from './deflate-bits.js';
import { Huffman } from './huffman.js';

const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** The two codes that a block of DEFLATE is written in (RFC 1951, 3.2.6 and 3.2.7). */
export class DeflateCodes {
  readonly literals = new Huffman();
  readonly distances = new Huffman();

  /** Those that every decoder knows. */
  fix(): void {
    this.literals.build(
      Uint8Array.from({ length: 288 }, (_, s) => (s < 144 ? 8 : s < 256 ? 9 : s < 280 ? 7 : 8)),
    );
    this.distances.build(new Uint8Array(32).fill(5));
  }

  /** Those that the block itself begins with. @throws {InflateFault} where they make no sense. */
  read(from: DeflateBits): void {
    const literals = from.take(5) + 257;
    const distances = from.take(5) + 1;
    const count = from.take(4) + 4;
    const lengths = new Uint8Array(320);
    for (let i = 0; i < count; i++) lengths[LENGTH_ORDER[i]!] = from.take(3);
    buildCode(this.literals, lengths.subarray(0, 19));
    lengths.fill(0);
    for (let i = 0; i < literals + distances; ) {
      const symbol = from.symbol(this.literals);
      if (symbol < 16) {
        lengths[i++] = symbol;
        continue;
      }
      if (symbol === 16 && i === 0) throw new InflateFault('a code length repeats nothing');
      const value = symbol === 16 ? lengths[i - 1]! : 0;
      const repeat = symbol === 16 ? 3 + from.take(2) : symbol === 17 ? 3 + from.take(3) : 11 + from.take(7);
      if (i + repeat > literals + distances) throw new InflateFault('too many code lengths');
      lengths.fill(value, i, i + repeat);
      i += repeat;
    }
    buildCode(this.literals, lengths.subarray(0, literals));
    buildCode(this.distances, lengths.subarray(literals, literals + distances));
  }
}
