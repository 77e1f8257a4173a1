import { constants, fstatSync, openSync, readSync } from 'node:fs';
import { GENESIS, type JournalLine, readLine } from './line.js';

const WINDOW = 1 << 20;
/** The first line of a run names everything that was scanned: as much as arguments may be long. */
const LONGEST_LINE = 16 << 20;

/** What reading a journal from its first byte gave. */
export interface Chain {
  readonly lines: number;
  /** The hash that the next line has to name. */
  readonly head: string;
  /** Bytes up to the end of the last whole line. */
  readonly length: number;
  /** Bytes after it, without an LF: a line whose writing was cut off. */
  readonly tail: number;
  /** The first line that does not belong, from 1, and why. Nothing after it was read. */
  readonly broken?: { readonly line: number; readonly reason: string };
}

/** Reads an open journal, line by line, as far as the chain holds. */
export function readChain(fd: number, onLine: (line: JournalLine) => void = () => {}): Chain {
  let head = GENESIS;
  let lines = 0;
  let length = 0;
  let pending = Buffer.alloc(0);
  const window = Buffer.alloc(WINDOW);
  const whole = (tail: number): Chain => ({ lines, head, length, tail });
  const broken = (reason: string): Chain => ({ ...whole(0), broken: { line: lines + 1, reason } });
  for (let position = 0; ; ) {
    const count = readSync(fd, window, 0, WINDOW, position);
    if (count === 0) {
      return isCutOff(pending, lines + 1) ? whole(pending.length) : broken('it is no line of a journal');
    }
    position += count;
    pending = Buffer.concat([pending, window.subarray(0, count)]);
    let start = 0;
    for (let end = pending.indexOf(10); end !== -1; end = pending.indexOf(10, start)) {
      const line = readLine(pending.toString('utf8', start, end), lines + 1, head);
      if (typeof line === 'string') return broken(line);
      onLine(line);
      lines += 1;
      head = line.hash;
      length += end + 1 - start;
      start = end + 1;
    }
    pending = pending.subarray(start);
    if (pending.length > LONGEST_LINE) return broken('it is longer than any line of a journal');
  }
}

/**
 * Whether this may be the beginning of a line whose writing was cut off, and not what somebody else has written. A power
 * cut may leave zeros where content was to come.
 */
function isCutOff(tail: Buffer, seq: number): boolean {
  const written = tail.toString('latin1').replace(/\0+$/, '');
  const beginning = `{"seq":${seq},"at":"`;
  return written.startsWith(beginning) || beginning.startsWith(written);
}

/** @throws when it is not a regular file: a link or a pipe put in its place would lead the record elsewhere. */
export function openJournalFile(file: string, flags: number): number {
  const fd = openSync(file, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600);
  if (!fstatSync(fd).isFile()) throw new Error(`${file} is not a regular file`);
  return fd;
}
