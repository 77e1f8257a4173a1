import type { Reason } from '../../model/reason.js';
import { escapeAt } from '../decode/decoders.js';
import { inDumpText } from '../decode/dump-line.js';
import type { DecoderName } from '../decode/encoding.js';
import { readFold } from '../decode/folded.js';
import { readAdjacency } from '../decode/joined-strings.js';
import { isMarkedEnd } from '../decode/marked-end.js';
import { isElision } from './boundary.js';

/**
 * What joins the text that ends at `end` to what follows, or may: then nothing says for sure that it does.
 *
 * @param isAmong whether bytes that no text has stand within reach.
 */
export function joinedAt(bytes: Uint8Array, end: number, isAmong: boolean): DecoderName | undefined {
  if (isAmong && isMarkedEnd(bytes, end)) return 'marked-end';
  const isLine = bytes[end] === 0x0a || bytes[end] === 0x0d;
  if (!isLine && readAdjacency(bytes, end) !== undefined) return 'adjacency';
  const joint = escapeAt(bytes, end);
  if (joint !== undefined) return joint.decoder;
  if (readFold(bytes, end) !== undefined) return 'folded';
  return isLine && readAdjacency(bytes, end) !== undefined ? 'adjacency' : undefined;
}

/** Whether a line of a dump ends there, wide enough to show as much of a token as makes one. */
export function isPiece(bytes: Uint8Array, start: number, end: number): boolean {
  const behind = bytes[end] ?? 0x0a;
  return LINE_ENDS.has(behind) && inDumpText(bytes, start);
}

/** LF, CR, and what closes the text of a dump. */
const LINE_ENDS = new Set([0x0a, 0x0d, 0x7c, 0x3c]);

/** What cut the text that ends at `end`. */
export function cutOf(bytes: Uint8Array, from: number, end: number, ended: boolean): Reason | undefined {
  if (end === bytes.length) return ended ? 'cut_by_end' : undefined;
  if (isElision(bytes, end)) return 'elided';
  return isLineEnd(bytes, end) && !inDumpText(bytes, from) ? 'cut_by_line_end' : undefined;
}

/** As such, or as an escape in a string: so are the lines of a log that is kept as JSON. */
function isLineEnd(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] === 0x0a || bytes[at] === 0x0d) return true;
  return bytes[at] === 0x5c && (bytes[at + 1] === 0x6e || bytes[at + 1] === 0x72);
}
