import { constants, inflateSync } from 'node:zlib';
import type { ObjectType } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import { InflateFault, inflateExactly, salvage } from './inflate.js';
import { type PackKernel, SMALL_ROOM, SMALL_STREAM } from './pack-kernel.js';

/** `commit 123\0` and the like are never longer. */
const LONGEST_HEADER = 32;

/** What a loose object's file begins with (gitformat-loose). */
export interface LooseHeader {
  readonly type: ObjectType;
  /** Bytes of its content, by its own word. */
  readonly size: number;
  /** Bytes of the header, which are compressed together with the content. */
  readonly length: number;
}

export interface LooseObject extends LooseHeader {
  /** Undefined when it is larger than `largest`. */
  readonly bytes: Buffer | undefined;
  /** Bytes of the file that stand behind the end of the object. */
  readonly behind: number;
}

/**
 * Reads a loose object. Throws {@link InflateFault} when it is damaged.
 *
 * @param kernel inflates small ones
 */
export function readLoose(file: RandomAccess, largest: number, kernel?: PackKernel): LooseObject {
  const isSmall = file.size <= SMALL_STREAM && largest >= SMALL_ROOM;
  const small = isSmall && kernel !== undefined ? readSmall(file, kernel) : undefined;
  if (small !== undefined) return small;
  const header = readLooseHeader(file);
  if (header.size > largest) return { ...header, bytes: undefined, behind: 0 };
  const packed = bytesAt(file, 0, file.size);
  const { bytes, consumed } = inflateExactly(packed, header.length + header.size);
  return { ...header, bytes: bytes.subarray(header.length), behind: packed.length - consumed };
}

/** What can still be had of a damaged loose object, header and all. */
export function salvageLoose(file: RandomAccess, largest: number): Buffer {
  return salvage(bytesAt(file, 0, Math.min(file.size, largest)), largest);
}

/** A small object that is whole, and nothing else. */
function readSmall(file: RandomAccess, kernel: PackKernel): LooseObject | undefined {
  const packed = bytesAt(file, 0, file.size);
  const inflated = kernel.inflateSmall(packed, false);
  if (inflated === undefined || inflated.consumed !== packed.length) return undefined;
  const { bytes } = inflated;
  const header = headerIn(bytes);
  if (header === undefined || header.length + header.size !== bytes.length) return undefined;
  return { ...header, bytes: bytes.subarray(header.length), behind: 0 };
}

function readLooseHeader(file: RandomAccess): LooseHeader {
  let beginning: Buffer;
  try {
    beginning = inflateSync(bytesAt(file, 0, 256), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    throw new InflateFault('is not a zlib stream', { cause: error });
  }
  const header = headerIn(beginning);
  if (header === undefined) throw new InflateFault('does not begin like a git object');
  return header;
}

function headerIn(beginning: Buffer): LooseHeader | undefined {
  const length = beginning.indexOf(0) + 1;
  const match =
    length > 0 && length <= LONGEST_HEADER
      ? /^(blob|commit|tree|tag) (\d{1,15})$/.exec(beginning.toString('latin1', 0, length - 1))
      : null;
  return match === null ? undefined : { type: match[1] as ObjectType, size: Number(match[2]), length };
}
