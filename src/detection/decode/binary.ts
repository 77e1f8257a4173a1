import { latin1 } from '../latin1.js';
import type { Decoder } from './view.js';
import { READ_AFTER, ViewBuilder } from './view.js';

/** How many bytes before the hit are read: what shows the left boundary, and a line. */
const BYTES_BEFORE = 160;
const DIGITS = 8;
const GAP = /^(?:[ \t\r\n,]*| {2}[^\n]{0,64}\r?\n[0-9a-f]{8}: )$/;

/** Eight binary digits a byte, packed or parted, or as `xxd -b` prints them, with offsets and text beside. */
export const decodeBinary: Decoder = (bytes, at) => {
  let builder = new ViewBuilder();
  const limit = Math.min(bytes.length, at + READ_AFTER);
  // Packed digits are read in step with the hit; of parted ones, the first is read whole.
  const from = groupBegin(bytes, at - Math.min(Math.floor(at / DIGITS) * DIGITS, BYTES_BEFORE));
  const text = latin1(bytes, from, limit);
  let end = 0;
  for (const { 0: digits, index } of text.matchAll(/(?<![^01 \t\r\n,:])[01]{8}/g)) {
    if (builder.length > 0 && !GAP.test(text.slice(end, index))) {
      if (from + end > at) break;
      builder = new ViewBuilder();
    }
    if (builder.full) break;
    builder.push(Number.parseInt(digits, 2), from + index, from + index + DIGITS);
    end = index + DIGITS;
  }
  return builder.view('binary', from + end, limit, bytes);
};

/** Where the eight digits begin that a place is in, if they stand by themselves; or that place. */
function groupBegin(bytes: Uint8Array, place: number): number {
  let begin = place;
  while (begin > place - DIGITS && isBit(bytes[begin - 1])) begin--;
  return isBit(bytes[begin - 1]) || isBit(bytes[begin + DIGITS]) ? place : begin;
}

function isBit(byte: number | undefined): boolean {
  return byte === 0x30 || byte === 0x31;
}
