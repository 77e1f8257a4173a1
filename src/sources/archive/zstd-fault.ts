import type { Provenance } from '../../model/provenance.js';
import { type Found, faultFound, missed } from './found.js';

/** Something wrong in a Zstandard file: what (a number of the kernel's), at which packed byte, and what about it. */
export interface ZstdFault {
  readonly fault: number;
  readonly at: number;
  readonly detail: number;
}

export const NO_FRAME = 2;
const BEYOND_WINDOW = 9;
const DICTIONARY = 10;
const NO_MEMORY = 13;

const DAMAGES: Readonly<Record<number, string>> = {
  1: 'the data ends in the middle',
  [NO_FRAME]: 'no frame begins where one is due',
  3: 'a frame uses what the format reserves',
  4: 'no block begins where one is due',
  5: 'the literals of a block are damaged',
  6: 'the tables of a block are damaged',
  7: 'the sequences of a block are damaged',
  8: 'a match reaches before the beginning',
  11: 'the checksum does not match the content',
  12: 'the content is not as long as its frame says',
};

/** What a report says of it. `most` is how far back frames may look. */
export function zstdFaultFound(where: Provenance, { fault, at, detail }: ZstdFault, most: number): Found {
  if (fault === DICTIONARY) {
    const needs = `the frame at byte ${at} needs the dictionary ${detail}, which is kept elsewhere`;
    return missed(where, 'unsupported', `${needs}: unpack it (zstd -d -D FILE) and scan the result`);
  }
  if (fault === BEYOND_WINDOW || fault === NO_MEMORY) {
    const needs = `from byte ${at} on it needs more memory to unpack than the ${most} bytes that are allowed`;
    return missed(where, 'too_large', `${needs} (--max-memory, half of it). What came before was scanned`);
  }
  return faultFound(where, { at, detail: DAMAGES[fault] ?? 'the decoder does not know what is wrong' });
}
