import { latin1 } from '../latin1.js';
import type { Decoder } from './view.js';
import { READ_AFTER, ViewBuilder } from './view.js';

/** How many bytes before the hit are read: what shows the left boundary. */
const BYTES_BEFORE = 64;
/** How much more each byte is than the one it stands for; and that behind a sign of equality. */
export const YENC = 42;
const ESCAPED = 64;
/** Behind a sign of equality: a line that says something of the data. */
const KEYWORD = 0x79;

/** yEnc (1.3), in which binaries are posted: each byte moved on, line ends put in. */
export const decodeYenc: Decoder = (bytes, at) => {
  const builder = new ViewBuilder();
  const limit = Math.min(bytes.length, at + READ_AFTER);
  let next = behindKeywords(bytes, Math.max(0, at - BYTES_BEFORE), at);
  while (next < limit && !builder.full) {
    const byte = bytes[next]!;
    const isEscape = byte === 0x3d && next + 1 < limit;
    if (isEscape && bytes[next + 1] === KEYWORD) break;
    const length = isEscape ? 2 : 1;
    if (isEscape) builder.push((bytes[next + 1]! - ESCAPED - YENC) & 255, next, next + length);
    else if (byte !== 0x0a && byte !== 0x0d) builder.push((byte - YENC) & 255, next, next + length);
    next += length;
  }
  return builder.view('yenc', next, limit, bytes);
};

/** Where the data begin, where lines with keywords stand before them. */
function behindKeywords(bytes: Uint8Array, from: number, at: number): number {
  const text = latin1(bytes, from, at);
  const keyword = text.lastIndexOf('=y');
  return keyword === -1 ? from : from + (text.indexOf('\n', keyword) + 1 || text.length);
}
