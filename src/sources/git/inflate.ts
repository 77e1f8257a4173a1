import { constants, inflateSync } from 'node:zlib';
import { DataFault } from '../../model/data-fault.js';

/** Compressed bytes that don't become what they should. */
export class InflateFault extends DataFault {
  override readonly name = 'InflateFault';
}

/** Deflate can't do better than this (zlib's technical notes): what claims more is lying. */
export const BEST_RATIO = 1032;

export interface Inflated {
  readonly bytes: Buffer;
  /** How many of the compressed bytes belong to it. */
  readonly consumed: number;
}

/**
 * Inflates the zlib stream at the beginning of `packed`, which has to become exactly `size` bytes. Bytes after its end
 * are left alone. The claim is believed only as far as `packed` could fulfil it.
 */
export function inflateExactly(packed: Uint8Array, size: number): Inflated {
  if (size > packed.length * BEST_RATIO) {
    throw new InflateFault(`${packed.length} compressed bytes can't become the ${size} bytes they claim`);
  }
  let result: { buffer: Buffer; engine: { bytesWritten: number } };
  try {
    result = inflateSync(packed, {
      info: true,
      chunkSize: Math.max(64, size + 1),
      maxOutputLength: size + 1,
    }) as unknown as typeof result;
  } catch (error) {
    throw new InflateFault(reasonOf(error, size), { cause: error });
  }
  if (result.buffer.length !== size) {
    throw new InflateFault(`becomes ${result.buffer.length} bytes instead of ${size}`);
  }
  return { bytes: result.buffer, consumed: result.engine.bytesWritten };
}

function reasonOf(error: unknown, size: number): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ERR_BUFFER_TOO_LARGE':
      return `becomes more than the ${size} bytes it declares`;
    case 'Z_BUF_ERROR':
      return 'its compressed bytes are cut short';
    default:
      return 'its compressed bytes are damaged';
  }
}

/** What can still be had of a damaged or cut zlib stream: everything before the damage, at most `largest` bytes. */
export function salvage(packed: Uint8Array, largest: number): Buffer {
  let good = 0;
  let bad = packed.length + 1;
  let best: Buffer = Buffer.alloc(0);
  while (bad - good > 1) {
    const length = good === 0 && bad > packed.length ? packed.length : (good + bad) >>> 1;
    try {
      best = inflateSync(packed.subarray(0, length), {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: largest,
      });
      good = length;
    } catch {
      bad = length;
    }
  }
  return best;
}
