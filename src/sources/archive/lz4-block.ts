import { DataFault } from '../../model/data-fault.js';
import { lz4Kernel } from './lz4-kernel.js';

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

/** A match reaches no further back. */
const HISTORY = 64 * 1024;

const FAULTS: Readonly<Record<number, string>> = {
  1: 'a length has no end',
  2: 'literals without end',
  3: 'it ends in the middle of a match',
  4: 'a match reaches before the beginning',
  5: 'it unpacks to more than a block may hold',
};

/**
 * Unpacks one LZ4 block (lz4_Block_format.md) into `out` from `to` on; what stands before may be referred to.
 * @param end where the block's output may reach at most
 * @returns where it does
 * @throws Lz4Fault with what came before the damage in `out`
 */
export function unpackBlock(block: Buffer, out: Buffer, to: number, end: number): number {
  const { written, problem } = lz4Kernel().unpack(block, out, { to, end, history: HISTORY });
  if (problem !== 0) throw new Lz4Fault(FAULTS[problem] ?? 'it is damaged', written);
  return written;
}
