import type { Decoder } from './view.js';
import { READ_AFTER, ViewBuilder } from './view.js';

/** How many bytes before the hit are read: what shows the left boundary. */
const BYTES_BEFORE = 64;
/** How much more each byte is than the one it stands for; and that behind a sign of equality. */
export const YENC = 42;
const ESCAPED = 64;

/** yEnc (1.3), in which binaries are posted: each byte moved on, line ends put in. */
export const decodeYenc: Decoder = (bytes, at) => {
  const builder = new ViewBuilder();
  const limit = Math.min(bytes.length, at + READ_AFTER);
  let next = Math.max(0, at - BYTES_BEFORE);
  while (next < limit && !builder.full) {
    const byte = bytes[next]!;
    const isEscape = byte === 0x3d && next + 1 < limit;
    const length = isEscape ? 2 : 1;
    if (isEscape) builder.push((bytes[next + 1]! - ESCAPED - YENC) & 255, next, next + length);
    else if (byte !== 0x0a && byte !== 0x0d) builder.push((byte - YENC) & 255, next, next + length);
    next += length;
  }
  return builder.view('yenc', next, limit, bytes);
};
