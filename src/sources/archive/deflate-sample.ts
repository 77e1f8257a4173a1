import { constants, inflateRawSync } from 'node:zlib';
import { beginsLikeDeflate } from './mark-search.js';

/** A sample of this size that inflates is no accident; a stream that holds less holds no secret. */
export const SAMPLE = 1024;
const TELLING = 32;
/** No more of a sample is inflated: what is made for it has to be collected. */
const ENOUGH = 512;

/** Whether DEFLATE data (RFC 1951) begin with the sample, which may end in the middle of them. */
export function inflates(sample: Buffer): boolean {
  if (!mayBegin(sample)) return false;
  // Where it ends early, only zlib tells what is missing from what is wrong.
  if (sample.length >= SAMPLE) return beginsLikeDeflate(sample);
  try {
    const options = { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: ENOUGH, maxOutputLength: ENOUGH };
    return inflateRawSync(sample, options).length >= TELLING;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
  }
}

/** What such data unpack to that end within the sample, and where they end. */
export function inflatedWhole(
  sample: Buffer,
): { readonly content: Buffer; readonly consumed: number } | undefined {
  try {
    const options = { info: true, chunkSize: 4 * 1024, maxOutputLength: 64 * 1024 };
    const { buffer, engine } = inflateRawSync(sample, options) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    return { content: buffer, consumed: engine.bytesWritten };
  } catch {
    return undefined;
  }
}

/** What zlib begins with at the levels that it writes (RFC 1950); a preset dictionary is nothing that could be guessed. */
export const ZLIB_PAIRS: readonly number[] = [0x7801, 0x785e, 0x789c, 0x78da];

/** Whether a block of DEFLATE may begin so (RFC 1951, 3.2.3 to 3.2.7): most of what begins otherwise shows by its first bits. */
function mayBegin(sample: Buffer): boolean {
  const first = sample[0] ?? 0xff;
  const kind = (first >> 1) & 3;
  if (kind === 0) return sample.length > 4 && (sample.readUInt16LE(1) ^ sample.readUInt16LE(3)) === 0xffff;
  if (kind === 2 && sample.length > 16)
    return first >> 3 <= 29 && (sample[1]! & 31) <= 29 && isComplete(sample);
  return kind !== 3;
}

/** Whether the code in which lengths of codes are written is complete (3.2.7): zlib asks that of it. */
function isComplete(sample: Buffer): boolean {
  const count = ((sample.readUInt16LE(1) >> 5) & 15) + 4;
  let used = 0;
  for (let at = 17; at < 17 + 3 * count; at += 3) {
    const length = (sample.readUInt16LE(at >> 3) >> (at & 7)) & 7;
    if (length > 0) used += 128 >> length;
  }
  return used === 128;
}
