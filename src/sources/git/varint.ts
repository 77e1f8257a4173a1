/** The number that pack offsets, indexes of version 4 and reftables use: each byte but the last adds one. */
export function readVarint(bytes: Uint8Array, at: number): { value: number; next: number } | undefined {
  let next = at;
  let byte = bytes[next++];
  if (byte === undefined) return undefined;
  let value = byte & 0x7f;
  while ((byte & 0x80) !== 0) {
    byte = bytes[next++];
    if (byte === undefined || value > 2 ** 40) return undefined;
    value = (value + 1) * 128 + (byte & 0x7f);
  }
  return { value, next };
}
