/** The value of the two hex digits that stand at a place. */
export function pairAt(bytes: Uint8Array, at: number): number {
  return digit(bytes[at]!) * 16 + digit(bytes[at + 1]!);
}

export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && digit(byte) >= 0;
}

/** The value of a hex digit; -1 for what is none. */
export function digit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** The two digits of a byte. */
export function hexOf(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
