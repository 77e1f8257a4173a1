/** A number of one to nine bytes of seven bits each, the highest first. */
export function varint(
  page: Buffer,
  at: number,
): { readonly value: number; readonly next: number } | undefined {
  let value = 0;
  for (let next = at; next < page.length && next < at + 8; next++) {
    value = value * 128 + (page[next]! & 127);
    if (page[next]! < 128) return { value, next: next + 1 };
  }
  return undefined;
}
