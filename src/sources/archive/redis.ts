import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import type { Block, Break } from './block.js';
import { unpackLzf } from './lzf.js';

const PACKED = 0xc3;
/** Strings of up to so many bytes are looked for: what is longer is hardly text. */
const LONGEST = 16 * 1024 * 1024;
/** Crafted bytes may look like a string everywhere, and only their ends show that they are none. */
const MOST_WASTED = 64 * 1024 * 1024;
const WINDOW = 1024 * 1024;

/**
 * The strings of a dump that are packed, wherever they stand: each says how long it is packed and unpacked, and only
 * what unpacks to exactly that is one. So no type of value has to be known, and nothing is lost behind damage.
 */
export function* rdbStrings(access: RandomAccess): Generator<Block | Break> {
  let behind = 0;
  let wasted = 0;
  for (let position = 0; position < access.size; position += WINDOW) {
    const window = bytesAt(access, position, WINDOW);
    for (let at = window.indexOf(PACKED); at >= 0; at = window.indexOf(PACKED, at + 1)) {
      if (position + at < behind) continue;
      const block = stringAt(access, position + at);
      if (block === undefined) continue;
      if (isWhole(access, block)) {
        behind = block.end;
        yield block;
        continue;
      }
      wasted += block.end - block.start;
      if (wasted <= MOST_WASTED + 4 * access.size) continue;
      yield { at: position + at, detail: 'too much in it looks like strings that are packed, and is none' };
      return;
    }
  }
}

function stringAt(access: RandomAccess, at: number): Block | undefined {
  const head = bytesAt(access, at + 1, 10);
  const packed = lengthAt(head, 0);
  const whole = lengthAt(head, packed?.next ?? head.length);
  if (packed === undefined || whole === undefined) return undefined;
  if (packed.value === 0 || whole.value <= packed.value || whole.value > LONGEST) return undefined;
  const start = at + 1 + whole.next;
  const end = start + packed.value;
  if (end > access.size) return undefined;
  // LZF makes no more than this of a byte.
  if (whole.value > 264 * packed.value) return undefined;
  return { start, end, codec: 'lzf', size: whole.value };
}

function isWhole(access: RandomAccess, { start, end, size = 0 }: Block): boolean {
  return unpackLzf(bytesAt(access, start, end - start), size).problem === undefined;
}

/** A length: 6 bits, 14 bits, or four bytes behind 0x80. */
function lengthAt(bytes: Buffer, at: number): { readonly value: number; readonly next: number } | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  if (first < 0x40) return { value: first, next: at + 1 };
  if (first < 0x80 && at + 2 <= bytes.length)
    return { value: ((first & 63) << 8) | bytes[at + 1]!, next: at + 2 };
  return first === 0x80 && at + 5 <= bytes.length
    ? { value: bytes.readUInt32BE(at + 1), next: at + 5 }
    : undefined;
}
