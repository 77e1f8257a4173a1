/** How long a page of a table of PostgreSQL is, unless it was built otherwise (bufpage.h). */
export const PAGE = 8192;
/** Before the pointers to its rows. */
export const PAGE_HEADER = 24;
const VERSION = 4;

/** Whether a table of PostgreSQL begins so: a page without room at its end (indexes have some), whose bounds are in order. */
export function isHeap(head: Uint8Array): boolean {
  if (head[18] !== VERSION || head[19] !== PAGE >> 8 || head.length < PAGE) return false;
  const bytes = Buffer.from(head.buffer, head.byteOffset, PAGE_HEADER);
  const [flags, lower, upper, special] = [10, 12, 14, 16].map((at) => bytes.readUInt16LE(at)) as [
    number,
    number,
    number,
    number,
  ];
  return (
    flags < 8 &&
    special === PAGE &&
    lower >= PAGE_HEADER &&
    lower % 4 === 0 &&
    lower <= upper &&
    upper <= PAGE
  );
}
