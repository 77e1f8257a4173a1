import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import type { Block, Break, Codec } from './block.js';
import { FRONT, HEADER, LONGEST } from './kafka-head.js';
import { SNAPPY_JAVA } from './snappy.js';

const CODECS: readonly (Codec | undefined)[] = [undefined, 'gzip', 'snappy', 'lz4', 'zstd'];

/** The records of each batch that is packed. */
export function* kafkaBatches(access: RandomAccess): Generator<Block | Break> {
  for (let at = 0; at + FRONT <= access.size; ) {
    const header = bytesAt(access, at, HEADER);
    const length = header.readInt32BE(8);
    // Segments are laid out with room to grow.
    if (header.every((byte) => byte === 0)) return;
    if (header.length < HEADER || header[16] !== 2 || length < HEADER - FRONT || length > LONGEST) {
      yield { at, detail: 'no batch of records begins here' };
      return;
    }
    const end = at + FRONT + length;
    const codec = CODECS[header.readUInt16BE(21) & 7];
    const span = { start: at + HEADER, end: Math.min(end, access.size) };
    if (codec !== undefined)
      yield { ...span, codec: codec === 'snappy' ? snappyOf(access, span.start) : codec };
    if (end > access.size) yield { at: access.size, detail: 'it is cut off in the middle of a batch' };
    at = end;
  }
}

/** Java frames it; others do not. */
function snappyOf(access: RandomAccess, at: number): Codec {
  const mark = bytesAt(access, at, SNAPPY_JAVA.length).toString('latin1');
  return mark === SNAPPY_JAVA ? 'snappy frames' : 'snappy';
}
