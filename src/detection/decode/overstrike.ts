import { latin1 } from '../latin1.js';
import { readAnsi } from './control-sequences.js';
import type { Escape, EscapeReader } from './escape.js';
import type { Decoder } from './view.js';
import { READ_AFTER, VIEW_BYTES, ViewBuilder } from './view.js';

/** How many bytes before the hit are read: what shows the left boundary. */
const BYTES_BEFORE = 512;
const BACKSPACE = 0x08;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const BLANK = 0x20;

/**
 * What a terminal is told while a line is typed or printed: a backspace (or a cursor that goes back) and what is written over
 * it, put in or taken out there. So `man` and `ul` print bold and underlined characters, and shells mend what was typed.
 */
export const decodeOverstrike: Decoder = (bytes, at) => {
  const builder = new ViewBuilder();
  const limit = Math.min(bytes.length, at + READ_AFTER);
  const line = new Line();
  let next = Math.max(0, at - BYTES_BEFORE);
  while (next < limit && builder.length + line.length < VIEW_BYTES) {
    const moved = moveAt(bytes, next);
    const found = moved ?? readAnsi(bytes, next);
    const byte = found === undefined ? bytes[next]! : found.byte;
    if (byte !== undefined) line.write(byte, next);
    else if (moved !== undefined) line[moved.move](moved.columns);
    next += found?.length ?? 1;
    if (byte === LINE_FEED) line.moveTo(builder);
  }
  line.moveTo(builder);
  return builder.view('overstrike', next, limit, bytes);
};

/** What leads a terminal back in its line. */
export const readBack: EscapeReader = (bytes, at) => {
  const found = moveAt(bytes, at);
  return found?.move === 'back' ? { length: found.length, byte: undefined } : undefined;
};

/** A line of a terminal, of which the cursor may stand before its end. */
class Line {
  #cells: { readonly byte: number; readonly at: number }[] = [];
  #cursor = 0;

  get length(): number {
    return this.#cells.length;
  }

  write(byte: number, at: number): void {
    // What ends a line, or leads to its beginning, leaves what stands behind the cursor.
    if (byte === LINE_FEED || byte === RETURN) this.#cursor = this.length;
    this.#cells[this.#cursor++] = { byte, at };
  }

  back(columns: number): void {
    this.#cursor = Math.max(0, this.#cursor - columns);
  }

  forth(columns: number): void {
    this.#cursor = Math.min(this.length, this.#cursor + columns);
  }

  erase(): void {
    this.#cells.length = this.#cursor;
  }

  takeOut(columns: number): void {
    this.#cells.splice(this.#cursor, columns);
  }

  putIn(columns: number): void {
    const at = this.#cells[Math.max(0, this.#cursor - 1)]?.at ?? 0;
    this.#cells.splice(this.#cursor, 0, ...Array.from({ length: columns }, () => ({ byte: BLANK, at })));
  }

  moveTo(builder: ViewBuilder): void {
    for (const { byte, at } of this.#cells) builder.push(byte, at, at + 1);
    this.#cells = [];
    this.#cursor = 0;
  }
}

/** ECMA-48, sections 8.3.18, 8.3.20, 8.3.26, 8.3.41 and 8.3.64. */
const MOVES = { D: 'back', C: 'forth', P: 'takeOut', '@': 'putIn', K: 'erase' } as const;

interface Move extends Escape {
  readonly move: (typeof MOVES)[keyof typeof MOVES];
  readonly columns: number;
}

function moveAt(bytes: Uint8Array, at: number): Move | undefined {
  if (bytes[at] === BACKSPACE) return { length: 1, byte: undefined, move: 'back', columns: 1 };
  if (bytes[at] !== 0x1b) return undefined;
  const found = SEQUENCE.exec(latin1(bytes, at, at + LONGEST_SEQUENCE));
  if (found === null) return undefined;
  const move = MOVES[(found[2] ?? 'K') as keyof typeof MOVES];
  return { length: found[0].length, byte: undefined, move, columns: Number(found[1] || 1) };
}

const SEQUENCE = /^\x1b\[(?:(\d{0,3})([DCP@])|0?K)/;
const LONGEST_SEQUENCE = 6;
