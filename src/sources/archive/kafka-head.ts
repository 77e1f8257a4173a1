/** An offset and a length, which counts what follows it. */
export const FRONT = 12;
/** Up to the records (Kafka protocol, record batch of version 2). */
export const HEADER = 61;
export const LONGEST = 256 * 1024 * 1024;

/** Whether a segment of a Kafka log begins so: it has no mark, but numbers that follow from each other. */
export function isKafka(head: Uint8Array): boolean {
  if (head.length < HEADER || head[16] !== 2 || head[0] !== 0) return false;
  const bytes = Buffer.from(head.buffer, head.byteOffset, HEADER);
  const [length, last, count] = [bytes.readInt32BE(8), bytes.readInt32BE(23), bytes.readInt32BE(57)];
  return (
    length >= HEADER - FRONT &&
    length <= LONGEST &&
    count > 0 &&
    count <= last + 1 &&
    (bytes.readUInt16BE(21) & 7) <= 4 &&
    bytes[21] === 0
  );
}

/** Before version 2, a message that holds others, which are packed: gzip, Snappy as Java frames it, LZ4. */
export function isOldKafka(head: Uint8Array): boolean {
  if (head.length < HEADER || head[16]! > 1) return false;
  const bytes = Buffer.from(head.buffer, head.byteOffset, HEADER);
  const size = bytes.readInt32BE(8);
  const codec = bytes[17]! & 7;
  const key = head[16] === 1 ? 26 : 18;
  const isPacked = (bytes[17]! & 0xf0) === 0 && codec >= 1 && codec <= 4;
  if (!isPacked || bytes.readUInt32BE(0) !== 0 || bytes.readInt32BE(key) !== -1) return false;
  return bytes.readInt32BE(key + 4) === size - (key + 8 - FRONT);
}
