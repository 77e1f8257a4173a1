/** Bytes as text, a character each; as many as there are of those that are asked for. */
export function latin1(bytes: Uint8Array, from: number, to: number): string {
  const start = Math.max(0, from);
  const end = Math.min(to, bytes.length);
  return start < end
    ? Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
    : '';
}
