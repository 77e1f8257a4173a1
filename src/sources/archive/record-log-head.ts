/** Records never cross the end of a block (log_format.md); what is left in one goes on in the next. */
export const BLOCK = 32 * 1024;
/** A checksum, a length, a kind. */
export const HEADER = 7;
/** The same, and the number of the log, where files of logs are used again (RocksDB). */
export const LONG_HEADER = 11;
/** What is added to the kind there. */
export const RECYCLED = 4;

const MASK = 0xa282ead8;

/** Whether a log of LevelDB or RocksDB begins so, of which a record goes on in another block: its first one adds up. */
export function isRecordLog(head: Uint8Array): boolean {
  const kind = (head[6]! - 1) % RECYCLED;
  if (head.length <= BLOCK || head[6]! < 1 || head[6]! > 2 * RECYCLED || kind > 1) return false;
  const bytes = Buffer.from(head.buffer, head.byteOffset, BLOCK);
  const end = (head[6]! > RECYCLED ? LONG_HEADER : HEADER) + bytes.readUInt16LE(4);
  // The first of several pieces fills its block.
  if (kind === 0 ? end > BLOCK : end !== BLOCK) return false;
  const sum = crc32c(bytes.subarray(6, end));
  return (((sum >>> 15) | (sum << 17)) + MASK) >>> 0 === bytes.readUInt32LE(0);
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ ((rest & 1) * 0x82f63b78);
  return rest >>> 0;
});

/** Castagnoli's checksum (RFC 3720, B.4). */
function crc32c(bytes: Uint8Array): number {
  let rest = 0xffffffff;
  for (const byte of bytes) rest = TABLE[(rest ^ byte) & 255]! ^ (rest >>> 8);
  return ~rest >>> 0;
}
