import { createHash } from 'node:crypto';
import type { ScanItem } from '../../model/source.js';
import type { RandomAccess } from '../file-tree.js';
import { bytesAt, fill } from '../random-access.js';
import { untilFault } from './faulty-items.js';
import { LonePack, type PackedFile } from './lone-pack.js';
import { type ObjectFormat, SHA1, SHA256 } from './object-format.js';

const WINDOW = 1024 ** 2;

/**
 * The objects of a pack that somebody has put aside, or that was being written: whatever they name and it doesn't hold may
 * be anywhere, and is nothing of it. What they are built on is.
 */
export function lonePackItems(packed: PackedFile): Generator<ScanItem> {
  return untilFault(items(packed), packed.where);
}

function* items(packed: PackedFile): Generator<ScanItem> {
  yield* new LonePack({ ...packed, format: formatOf(packed.file) }).items();
}

/** A pack doesn't name its hash, but ends in one of all that is before it. One that is cut short is taken for the usual. */
function formatOf(file: RandomAccess): ObjectFormat {
  const end = file.size - SHA256.bytes;
  if (end <= 0) return SHA1;
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(Math.min(WINDOW, end));
  for (let at = 0; at < end; ) {
    const length = fill(file, at, buffer.subarray(0, Math.min(buffer.length, end - at)));
    if (length === 0) return SHA1;
    hash.update(buffer.subarray(0, length));
    at += length;
  }
  return hash.digest().equals(bytesAt(file, end, SHA256.bytes)) ? SHA256 : SHA1;
}
