import type { Unpacked } from './block.js';

/** What frames of Snappy begin with (framing_format.txt), and what those that Java writes do (snappy-java, Kafka). */
export const SNAPPY_FRAMES = '\xff\x06\0\0sNaPpY';
export const SNAPPY_JAVA = '\x82SNAPPY\0';

/** What a block of Snappy (format_description.txt) says that it unpacks to; 0 where it says nothing that could be. */
export function snappySize(packed: Uint8Array): number {
  return preamble(packed).size;
}

/** Unpacks one block into at most `room` bytes, as far as it is whole. */
export function unpackSnappy(packed: Uint8Array, room: number): Unpacked {
  const out = Buffer.allocUnsafe(room);
  let { at } = preamble(packed);
  let length = 0;
  while (at < packed.length) {
    const tag = packed[at++]!;
    let count = (tag >> 2) + 1;
    const kind = tag & 3;
    if (kind === 0) {
      const extra = count > 60 ? count - 60 : 0;
      if (extra > 0) count = littleEndian(packed, at, extra) + 1;
      at += extra;
      if (at + count > packed.length || length + count > room)
        return broken(out, length, 'literals without end');
      out.set(packed.subarray(at, at + count), length);
      at += count;
      length += count;
      continue;
    }
    const bytes = kind === 3 ? 4 : kind;
    let distance = littleEndian(packed, at, bytes);
    if (kind === 1) {
      count = ((tag >> 2) & 7) + 4;
      distance += (tag >> 5) << 8;
    }
    at += bytes;
    if (at > packed.length) return broken(out, length, 'it ends in the middle of a copy');
    if (distance === 0 || distance > length)
      return broken(out, length, 'a copy reaches before the beginning');
    if (length + count > room) return broken(out, length, 'it unpacks to more than it says');
    for (const end = length + count; length < end; length++) out[length] = out[length - distance]!;
  }
  return length === room ? { content: out } : broken(out, length, 'it unpacks to less than it says');
}

/** As many bytes as a block that begins so takes at most (`MaxCompressedLength` of the reference implementation). */
export function mostSnappy(head: Uint8Array): number {
  const { size, at } = preamble(head.subarray(0, 5));
  return at + 32 + size + Math.floor(size / 6);
}

/** How far a block of Snappy holds together: where the input was left, how much it made, and how much it says that it makes. */
export interface WalkedSnappy {
  readonly at: number;
  readonly length: number;
  readonly size: number;
}

/**
 * Goes through a block without unpacking it, until it makes what it says or the input ends: where no length is written, that
 * is the only way to its end.
 * @returns undefined where it is none
 */
export function walkSnappy(bytes: Uint8Array, from: number): WalkedSnappy | undefined {
  const head = preamble(bytes.subarray(from, from + 5));
  const { size } = head;
  if (size === 0) return undefined;
  let at = from + head.at;
  let length = 0;
  while (at < bytes.length && length < size) {
    const tag = bytes[at++]!;
    const kind = tag & 3;
    let count = (tag >> 2) + 1;
    const width = kind === 0 ? Math.max(0, count - 60) : kind === 3 ? 4 : kind;
    // What is cut off in the middle of a number held together up to there.
    if (at + width > bytes.length) break;
    const number = littleEndian(bytes, at, width);
    at += width;
    if (kind === 0) {
      if (width > 0) count = number + 1;
      at += count;
    } else {
      const distance = number + (kind === 1 ? (tag >> 5) << 8 : 0);
      if (kind === 1) count = ((tag >> 2) & 7) + 4;
      if (distance === 0 || distance > length) return undefined;
    }
    length += count;
  }
  return length > size ? undefined : { at: Math.min(at, bytes.length), length, size };
}

/** Where a block of Snappy ends that begins at `from`, if all of it holds together: for where its length is not written. */
export function snappyEnd(bytes: Uint8Array, from: number): number | undefined {
  const walked = walkSnappy(bytes, from);
  return walked !== undefined && walked.length === walked.size ? walked.at : undefined;
}

function broken(out: Buffer, length: number, problem: string): Unpacked {
  return { content: out.subarray(0, length), problem };
}

/** A number of up to five bytes, of seven bits each. */
function preamble(packed: Uint8Array): { readonly size: number; readonly at: number } {
  let size = 0;
  for (let at = 0; at < Math.min(5, packed.length); at++) {
    size += (packed[at]! & 127) * 2 ** (7 * at);
    if (packed[at]! < 128) return { size: size <= 0xffffffff ? size : 0, at: at + 1 };
  }
  return { size: 0, at: packed.length };
}

function littleEndian(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let index = 0; index < count; index++) value += (bytes[at + index] ?? 0) * 2 ** (8 * index);
  return value;
}
