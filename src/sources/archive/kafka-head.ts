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
