/** Bytes as text, a character each. */
export function latin1(bytes: Uint8Array, from: number, to: number): string {
  const end = Math.min(to, bytes.length);
  return from < end ? Buffer.from(bytes.buffer, bytes.byteOffset + from, end - from).toString('latin1') : '';
}
