/** A number of seven bits a byte has no more bytes than this. */
const MOST_BITS = 70;

/**
 * Reads numbers of seven bits a byte, the lowest first, as Protocol Buffers, Thrift, Avro and Parquet write them. Once one is cut
 * off, `at` is beyond all bytes, and every number is 0.
 */
export class NumberReader {
  protected readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  unsigned(): number {
    let value = 0;
    for (let shift = 0; shift < MOST_BITS; shift += 7) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) break;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    this.at = Number.POSITIVE_INFINITY;
    return 0;
  }

  /** One whose lowest bit is its sign. */
  zigzag(): number {
    const value = this.unsigned();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
