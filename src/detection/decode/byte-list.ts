import { latin1 } from '../latin1.js';
import type { Decoder } from './view.js';
import { READ_AFTER, ViewBuilder } from './view.js';

/** How many bytes before the hit are read: what shows the left boundary, however the list is indented. */
const BYTES_BEFORE = 512;

const NUMBER = /(?<![\w.])(?:0[xX]([0-9a-fA-F]{1,2})|(\d{1,3}))(?![\w.])/g;
/** What may stand between two numbers of a list: a backslash continues a line, dumps have an offset or an address in front. */
const GAP = /^(?:[\s,;\\]*|\s*\n(?:0x)?[0-9a-fA-F]{6,16}(?: <[^>\n]{0,99}>)?:?\s+)$/;

/** Bytes as numbers in a row, decimal or `0x`, with commas, semicolons or white space between, or as a dump has them. */
export const decodeByteList: Decoder = (bytes, at) => {
  const from = Math.max(0, at - BYTES_BEFORE);
  const limit = Math.min(bytes.length, at + READ_AFTER);
  const text = latin1(bytes, from, limit);
  let builder = new ViewBuilder();
  let end = 0;
  for (const number of text.matchAll(NUMBER)) {
    const gap = text.slice(end, number.index);
    const isFirst = builder.length === 0;
    const value = number[1] === undefined ? Number(number[2]) : Number.parseInt(number[1], 16);
    if (!isFirst && (gap === '' || !GAP.test(gap))) {
      if (from + end > at) break;
      builder = new ViewBuilder();
    }
    if (value > 255 && from + number.index > at) break;
    if (value > 255 || builder.full) {
      if (builder.full) break;
      builder = new ViewBuilder();
    } else builder.push(value, from + number.index, from + number.index + number[0].length);
    end = number.index + number[0].length;
  }
  return builder.view('byte-list', from + end, limit, bytes);
};
