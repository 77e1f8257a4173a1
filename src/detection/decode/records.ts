import type { Span } from '../../model/span.js';
import { latin1 } from '../latin1.js';
import { lineStart } from './lines.js';

/** Lines before the hit that are read: what shows the left boundary. */
const LINES_BEFORE = 12;
/** 255 bytes of data, with what stands around them. */
const LONGEST = 530;

/** A colon, a count, an address, the kind of a record, data, a sum. */
const INTEL = /^:((?:[0-9A-Fa-f]{2}){5,})\r?(?:\n|$)/;
/** The kind of a record, a count of what follows, an address, data, a sum. */
const MOTOROLA = /^S([0-9])((?:[0-9A-Fa-f]{2}){3,})\r?(?:\n|$)/;
const DATA = 0;

/**
 * The digits of the data in a line of Intel HEX or of Motorola's S-records, in which firmware is kept; none in a record of
 * another kind. A sum ends each line, so that nothing else is one.
 */
export function recordLine(bytes: Uint8Array, start: number): Span | undefined {
  const first = bytes[start];
  if (first !== 0x3a && first !== 0x53) return undefined;
  const line = latin1(bytes, start, start + LONGEST);
  const intel = INTEL.exec(line);
  const motorola = intel === null ? MOTOROLA.exec(line) : null;
  const digits = intel?.[1] ?? motorola?.[2];
  if (digits === undefined) return undefined;
  const all = Buffer.from(digits, 'hex');
  const sum = all.reduce((total, byte) => total + byte, 0) & 255;
  if (intel !== null) {
    if (sum !== 0 || all[0] !== all.length - 5) return undefined;
    return dataOf(start + 1, 4, all[3] === DATA ? all[0]! : 0);
  }
  const kind = Number(motorola![1]);
  if (sum !== 255 || all[0] !== all.length - 1) return undefined;
  return dataOf(start + 2, kind + 2, kind >= 1 && kind <= 3 ? all[0]! - kind - 2 : 0);
}

function dataOf(digits: number, head: number, count: number): Span {
  const start = digits + 2 * head;
  return { start, end: start + 2 * count };
}

/** Where the records begin that the line of a place belongs to, or some lines before it. */
export function firstRecord(bytes: Uint8Array, at: number): number {
  let line = lineStart(bytes, at);
  for (let count = 0; count < LINES_BEFORE && line > 0; count++) {
    const before = lineStart(bytes, line - 1);
    if (recordLine(bytes, before) === undefined) break;
    line = before;
  }
  return line;
}
