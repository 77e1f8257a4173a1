import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';

const OLD_MARK = 7;
const OLD_END = 0x7b;
/** Data follow the block. */
const OLD_DATA = 0x8000;
const MARK = 8;
const END = 5;
const EXTRA = 1;
const DATA = 2;
const LONGEST_HEADER = 40;
const MOST_BLOCKS = 2 ** 17;

/** Where a RAR ends that begins at `start`, by the block that says so; the end of all there is where none does. */
export function rarEnd(access: RandomAccess, start: number): number {
  const isOld = bytesAt(access, start + 6, 1)[0] === 0;
  let at = start + (isOld ? OLD_MARK : MARK);
  for (let blocks = 0; blocks < MOST_BLOCKS && at < access.size; blocks++) {
    const { next, isLast } = (isOld ? oldBlock : block)(bytesAt(access, at, LONGEST_HEADER), at);
    if (next <= at || next > access.size) break;
    if (isLast) return next;
    at = next;
  }
  return access.size;
}

interface Block {
  readonly next: number;
  readonly isLast: boolean;
}

/** Before version 5: a checksum, a type, flags, a length, and the length of what follows. */
function oldBlock(head: Buffer, at: number): Block {
  if (head.length < 7) return { next: at, isLast: false };
  const hasData = (head.readUInt16LE(3) & OLD_DATA) !== 0 && head.length >= 11;
  const next = at + head.readUInt16LE(5) + (hasData ? head.readUInt32LE(7) : 0);
  return { next, isLast: head[2] === OLD_END };
}

/** From version 5 on: a checksum, and then numbers of seven bits a byte. */
function block(head: Buffer, at: number): Block {
  let read = 4;
  const number = () => {
    let value = 0;
    for (let power = 1; read < head.length; power *= 128) {
      const byte = head[read++]!;
      value += (byte & 127) * power;
      if (byte < 128) break;
    }
    return value;
  };
  const size = number();
  const begin = read;
  const [type, flags] = [number(), number()];
  if ((flags & EXTRA) !== 0) number();
  const data = (flags & DATA) !== 0 ? number() : 0;
  return { next: size === 0 ? at : at + begin + size + data, isLast: type === END };
}
