/** Four numbers: the size of a number, of the header with its frame, of its payload, of its text. */
export const FRONT = 16;

/** Whether an archive of Electron (asar) begins so: lengths that follow from each other, and an object of JSON. */
export function isAsar(head: Uint8Array): boolean {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  if (bytes.length < 32 || bytes.readUInt32LE(0) !== 4) return false;
  const [frame, payload, text] = [bytes.readUInt32LE(4), bytes.readUInt32LE(8), bytes.readUInt32LE(12)];
  return (
    frame === payload + 4 && text <= payload && bytes.toString('latin1', FRONT, FRONT + 9) === '{"files":'
  );
}
