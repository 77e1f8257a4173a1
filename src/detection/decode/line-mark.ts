import { latin1 } from '../latin1.js';
import { behindEnd, lineBegin } from './lines.js';

/** Lines of base64 are not longer, nor is what stands before them. */
const LONGEST_LINE = 200;
/** A quotation in a mail, a line of a patch, a comment; and at least as much of base64 as makes a line. */
const MARKED = /^([ \t]*(?:[+-]|(?:> ?)+|#+ ?|\/\/+ ?|\* ?|;+ ?)[ \t]*)[A-Za-z0-9+/_-]{48}/;

/** What stands before a line that was put into another text, half-open. */
export interface LineMark {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What stands before the line of base64 that holds the byte before `at`. */
export function markBefore(bytes: Uint8Array, at: number): LineMark | undefined {
  const start = lineBegin(bytes, at, LONGEST_LINE);
  if (start === undefined) return undefined;
  const own = markAt(bytes, start);
  if (own !== undefined || start === 0) return own;
  // The last line is as short as it may be.
  const above = lineBegin(bytes, start - 1, LONGEST_LINE);
  const mark = above === undefined ? undefined : markAt(bytes, above);
  if (mark === undefined) return undefined;
  const end = start + mark.text.length;
  return latin1(bytes, start, end) === mark.text ? { start, end, text: mark.text } : undefined;
}

/** The mark of the line before, where that is the same. */
export function markAbove(bytes: Uint8Array, mark: LineMark): LineMark | undefined {
  if (mark.start === 0) return undefined;
  const above = markBefore(bytes, mark.start - 1);
  return above?.text === mark.text ? above : undefined;
}

/** Behind the mark of the next line, where a line that has the same ends at `at`. */
export function behindMark(bytes: Uint8Array, at: number): number | undefined {
  const next = behindEnd(bytes, at);
  const mark = next === undefined ? undefined : markBefore(bytes, at);
  if (mark === undefined) return undefined;
  const end = next! + mark.text.length;
  return latin1(bytes, next!, end) === mark.text ? end : undefined;
}

function markAt(bytes: Uint8Array, start: number): LineMark | undefined {
  const line = latin1(bytes, start, start + LONGEST_LINE);
  const text = MARKED.exec(line)?.[1];
  if (text === undefined) return undefined;
  // A plus, a minus and slashes are of base64 too: then they fill the groups of a line.
  const length = /^[^\r\n]*/.exec(line)![0].length;
  if (/[+/-]$/.test(text) && (length % 4 === 0 || (length - text.length) % 4 !== 0)) return undefined;
  return { start, end: start + text.length, text };
}
