import { isAt } from './starts-with.js';

/** What messages of Arrow begin with (Columnar.rst, "Encapsulated message format"). */
export const CONTINUED = 0xffffffff;
/** What describes a batch is no longer: a table of thousands of columns takes a megabyte. */
export const LONGEST_METADATA = 64 * 1024 * 1024;

/** Whether a stream of Arrow begins so: by a message that is all metadata, a flat buffer whose root is near. */
export function isArrowStream(head: Uint8Array): boolean {
  if (head.length < 40) return false;
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  const [length, root] = [bytes.readUInt32LE(4), bytes.readUInt32LE(8)];
  if (length % 8 !== 0 || length < 32 || length > LONGEST_METADATA) return false;
  if (root < 4 || root % 2 !== 0 || 8 + root + 4 > Math.min(head.length, 8 + length)) return false;
  const table = 8 + root;
  const offsets = table - bytes.readInt32LE(table);
  return offsets >= 12 && offsets < table && isAt(head, offsets + 1, '\0') && bytes[offsets]! >= 6;
}
