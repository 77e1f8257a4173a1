import { READ_BEFORE } from './view.js';

/** Where the line begins that holds the byte before `at`; `undefined` where that is farther than `most` bytes before. */
export function lineBegin(bytes: Uint8Array, at: number, most: number): number | undefined {
  const floor = Math.max(0, at - most);
  let start = at;
  while (start > floor && bytes[start - 1] !== 0x0a) start--;
  return start > 0 && start === floor && bytes[start - 1] !== 0x0a ? undefined : start;
}

/** Where the line ends that begins at `at`, before its CR and LF; `undefined` where that is farther than `most` bytes behind. */
export function lineStop(bytes: Uint8Array, at: number, most: number): number | undefined {
  const limit = Math.min(bytes.length, at + most);
  let end = at;
  while (end < limit && bytes[end] !== 0x0a) end++;
  if (end === limit && end < bytes.length) return undefined;
  return end > at && bytes[end - 1] === 0x0d ? end - 1 : end;
}

/** Behind the end of a line that stands at `at`. */
export function behindEnd(bytes: Uint8Array, at: number): number | undefined {
  if (bytes[at] === 0x0a) return at + 1;
  return bytes[at] === 0x0d && bytes[at + 1] === 0x0a ? at + 2 : undefined;
}

/** Whether the line whose LF stands at `at` ends in a byte. */
export function endsIn(bytes: Uint8Array, at: number, last: number): boolean {
  return bytes[at - 1] === last || (bytes[at - 1] === 0x0d && bytes[at - 2] === last);
}

/** Where the line begins that a place is in, or as far before it as a decoder reads. */
export function lineStart(bytes: Uint8Array, at: number): number {
  const floor = Math.max(0, at - READ_BEFORE / 2);
  let start = at;
  while (start > floor && bytes[start - 1] !== 0x0a) start--;
  return start;
}

/** Where the next line begins, or `limit`: what is behind that may be megabytes. */
export function nextLine(bytes: Uint8Array, at: number, limit: number): number {
  let end = at;
  while (end < limit && bytes[end] !== 0x0a) end++;
  return Math.min(end + 1, limit);
}
