import { latin1 } from '../latin1.js';
import { readAnsi } from './control-sequences.js';
import type { Escape, EscapeReader } from './escape.js';
import type { Decoder } from './view.js';
import { READ_AFTER, ViewBuilder } from './view.js';

/** How many bytes before the hit are read: what shows the left boundary. */
const BYTES_BEFORE = 512;
const BACKSPACE = 0x08;

/**
 * What a terminal is told while a line is typed or printed: a backspace (or a cursor that goes back) and what is written over
 * it. So `man` and `ul` print bold and underlined characters, and shells mend what was typed.
 */
export const decodeOverstrike: Decoder = (bytes, at) => {
  const builder = new ViewBuilder();
  const limit = Math.min(bytes.length, at + READ_AFTER);
  let next = Math.max(0, at - BYTES_BEFORE);
  while (next < limit && !builder.full) {
    const back = columnsBack(bytes, next);
    const skipped = back ?? readAnsi(bytes, next);
    if (back !== undefined) builder.length = Math.max(0, builder.length - back.columns);
    else if (skipped === undefined) builder.push(bytes[next]!, next, next + 1);
    next += skipped?.length ?? 1;
  }
  return builder.view('overstrike', next, limit, bytes);
};

/** What leads a terminal back in its line. */
export const readBack: EscapeReader = (bytes, at) => columnsBack(bytes, at);

function columnsBack(bytes: Uint8Array, at: number): (Escape & { readonly columns: number }) | undefined {
  if (bytes[at] === BACKSPACE) return { length: 1, byte: undefined, columns: 1 };
  if (bytes[at] !== 0x1b) return undefined;
  const found = CURSOR_BACK.exec(latin1(bytes, at, at + LONGEST_SEQUENCE));
  return found === null
    ? undefined
    : { length: found[0].length, byte: undefined, columns: Number(found[1] || 1) };
}

const CURSOR_BACK = /^\x1b\[(\d{0,3})D/;
const LONGEST_SEQUENCE = 6;
