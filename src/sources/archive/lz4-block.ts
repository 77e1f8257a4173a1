import { DataFault } from '../../model/data-fault.js';
/** The block is no LZ4, or ends too early. */
export class Lz4Fault extends DataFault {
  override readonly name = 'Lz4Fault';
  /** How far the output reaches that came before. */
  readonly written: number | undefined;

  constructor(message: string, written?: number) {
    super(message);
    this.written = written;
  }
}

const SHORTEST_MATCH = 4;

/**
 * Unpacks one LZ4 block (lz4_Block_format.md) into `out` from `to` on; what stands before may be referred to.
 * @param end where the block's output may reach at most
 * @returns where it does
 * @throws Lz4Fault with what came before the damage in `out`
 */
export function unpackBlock(block: Buffer, out: Buffer, to: number, end: number): number {
  let at = 0;
  let written = to;
  const length = (base: number): number => {
    let total = base;
    if (base !== 15) return total;
    for (let byte = 255; byte === 255; ) {
      if (at >= block.length) throw new Lz4Fault('a length has no end', written);
      byte = block[at++]!;
      total += byte;
    }
    return total;
  };
  while (at < block.length) {
    const token = block[at++]!;
    const literals = length(token >>> 4);
    if (at + literals > block.length || written + literals > end)
      throw new Lz4Fault('literals without end', written);
    if (literals < 32) for (let i = 0; i < literals; i++) out[written + i] = block[at + i]!;
    else block.copy(out, written, at, at + literals);
    at += literals;
    written += literals;
    if (at === block.length) return written;
    if (at + 2 > block.length) throw new Lz4Fault('it ends in the middle of a match', written);
    const distance = block[at]! | (block[at + 1]! << 8);
    at += 2;
    const match = length(token & 15) + SHORTEST_MATCH;
    if (distance === 0 || distance > written)
      throw new Lz4Fault('a match reaches before the beginning', written);
    if (written + match > end) throw new Lz4Fault('it unpacks to more than a block may hold', written);
    if (distance >= match && match > 32)
      out.copyWithin(written, written - distance, written - distance + match);
    else for (let i = 0; i < match; i++) out[written + i] = out[written + i - distance]!;
    written += match;
  }
  return written;
}
