import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';

/** What was said in a connection of WebSocket (RFC 6455) in one direction. */
export interface Messages {
  /** Of messages that are not packed: one per line. */
  readonly plain: Buffer;
  /** One stream of DEFLATE, of those that are (RFC 7692): each may refer to the ones before. */
  readonly packed: Buffer;
  /** Where they no longer hold together, and whether that is because there are too many. */
  readonly end: number;
  readonly isCut: boolean;
}

const LINE_END = Buffer.from('\n');
/** What is left out behind each packed message; and an empty block, the last one. */
const TAIL = Buffer.from('0000ffff', 'hex');
const LAST = Buffer.from('0300', 'hex');
/** Kinds from here on control the connection. */
const CONTROL = 8;

/** The messages from `start` on, with their masks taken off, as far as they hold together and `most` bytes. */
export function messagesFrom(access: RandomAccess, start: number, most: number): Messages {
  const plain: Buffer[] = [];
  const packed: Buffer[] = [];
  let isPacked = false;
  let isCut = false;
  let at = start;
  while (at + 2 <= access.size) {
    const frame = frameAt(access, at);
    if (frame === undefined || frame.end > access.size) break;
    isCut = frame.end - start > most;
    if (isCut) break;
    at = frame.end;
    if (frame.kind >= CONTROL) continue;
    const content = bytesAt(access, frame.start, frame.end - frame.start);
    unmask(content, frame.mask);
    if (frame.kind !== 0) isPacked = frame.isPacked;
    if (isPacked) packed.push(content, ...(frame.isLast ? [TAIL] : []));
    else plain.push(content, ...(frame.isLast ? [LINE_END] : []));
  }
  if (packed.length > 0) packed.push(LAST);
  return { plain: Buffer.concat(plain), packed: Buffer.concat(packed), end: at, isCut };
}

/** 5.2: flags and a kind, a length of one byte, three or nine, a mask of four. */
function frameAt(access: RandomAccess, at: number) {
  const head = bytesAt(access, at, 14);
  const [first, second] = [head[0]!, head[1]!];
  const isMasked = second >= 0x80;
  const short = second & 127;
  const header = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0);
  const start = at + header + (isMasked ? 4 : 0);
  if (head.length < start - at || (first & 0x30) !== 0) return undefined;
  const length =
    short === 126 ? head.readUInt16BE(2) : short === 127 ? Number(head.readBigUInt64BE(2)) : short;
  return {
    kind: first & 15,
    isLast: first >= 0x80,
    isPacked: (first & 0x40) !== 0,
    mask: isMasked ? head.subarray(header, header + 4) : undefined,
    start,
    end: start + length,
  };
}

function unmask(content: Buffer, mask: Buffer | undefined): void {
  if (mask !== undefined) for (let at = 0; at < content.length; at++) content[at]! ^= mask[at & 3]!;
}
