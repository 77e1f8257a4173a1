import { latin1 } from '../latin1.js';
import { behindEnd, lineBegin } from './lines.js';

/** Lines of base64 are not longer, nor is what stands before them. */
const LONGEST_LINE = 200;
/** A quotation in a mail, a line of a patch, a comment; and at least as much of base64 as makes a line. */
const MARKED = /^([ \t]*(?:[+-]|(?:> ?)+|#+ ?|\/\/+ ?|\* ?|;+ ?)[ \t]*)[A-Za-z0-9+/_-]{48}/;

/** What logs put before each line: when it was written, or by whom. What follows is base64 up to the line's end. */
const LOGGED = /^([^\r\n]{0,120}[ \t])[A-Za-z0-9+/_-]{48,}={0,2}(?=\r?\n|\r?$)/;
const LOG_HEAD = /\d:\d\d|[|\]] *$/;

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
  return mark === undefined ? undefined : sameMarkAt(bytes, start, mark);
}

/** The mark of the line before, where that is the same. */
export function markAbove(bytes: Uint8Array, mark: LineMark): LineMark | undefined {
  if (mark.start === 0) return undefined;
  const above = markBefore(bytes, mark.start - 1);
  return above !== undefined && isAlike(above.text, mark.text) ? above : undefined;
}

/** Behind the mark of the next line, where a line that has the same ends at `at`. */
export function behindMark(bytes: Uint8Array, at: number): number | undefined {
  const next = behindEnd(bytes, at);
  const mark = next === undefined ? undefined : markBefore(bytes, at);
  return mark === undefined ? undefined : sameMarkAt(bytes, next!, mark)?.end;
}

/** The same mark, before a line that may be short: of a log, up to the last blank, with other times. */
function sameMarkAt(bytes: Uint8Array, start: number, mark: LineMark): LineMark | undefined {
  const line = /^[^\r\n]*/.exec(latin1(bytes, start, start + LONGEST_LINE))![0];
  const text = LOG_HEAD.test(mark.text)
    ? (/^.*[ \t]/.exec(line)?.[0] ?? '')
    : line.slice(0, mark.text.length);
  return isAlike(text, mark.text) ? { start, end: start + text.length, text } : undefined;
}

/** Whether two marks differ in their numbers alone. */
function isAlike(one: string, other: string): boolean {
  return one.replace(/\d+/g, '0') === other.replace(/\d+/g, '0');
}

function markAt(bytes: Uint8Array, start: number): LineMark | undefined {
  const line = latin1(bytes, start, start + LONGEST_LINE);
  const text = MARKED.exec(line)?.[1];
  if (text === undefined) {
    const head = LOGGED.exec(line)?.[1];
    return head === undefined || !LOG_HEAD.test(head)
      ? undefined
      : { start, end: start + head.length, text: head };
  }
  // A plus, a minus and slashes are of base64 too: then they fill the groups of a line.
  const length = /^[^\r\n]*/.exec(line)![0].length;
  if (/[+/-]$/.test(text) && (length % 4 === 0 || (length - text.length) % 4 !== 0)) return undefined;
  return { start, end: start + text.length, text };
}
