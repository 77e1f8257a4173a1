import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import { type Found, missed } from './found.js';

export const HDF5 = '\x89HDF\r\n\x1a\n';
const WINDOW = 1024 * 1024;
const LONGEST = 64;

/** Before the name of a filter: its number, how long the name is, two more (HDF5 File Format, IV.A.2.l). */
const HEADER = 8;
const SHUFFLE = 2;

/** What filters are called where they are named, and by their numbers. What is packed by DEFLATE, Zstandard or bzip2 alone is read. */
const FILTERS: readonly { readonly number: number; readonly name: string; readonly text: string }[] = [
  { number: SHUFFLE, name: 'shuffled bytes', text: 'shuffle\0' },
  { number: 4, name: 'szip', text: 'szip\0' },
  { number: 32_000, name: 'LZF', text: 'lzf\0' },
  { number: 32_001, name: 'Blosc', text: 'blosc\0' },
  { number: 32_004, name: 'LZ4', text: 'HDF5 lz4' },
  { number: 32_004, name: 'LZ4', text: 'lz4\0' },
  { number: 32_008, name: 'Bitshuffle', text: 'bitshuffle' },
  { number: 32_026, name: 'Blosc', text: 'blosc2\0' },
];

/** What is packed in ways that are not read is listed, by the ways. */
export function* unreadFilters(access: RandomAccess, where: Provenance): Generator<Found> {
  const names = new Set<string>();
  for (let position = 0; position < access.size; position += WINDOW - LONGEST) {
    const window = bytesAt(access, position, WINDOW);
    for (const { number, name, text } of FILTERS) {
      if (!names.has(name) && isNamed(window, text, number)) names.add(name);
    }
  }
  if (names.size === 0) return;
  const ways = [...names].join(', ');
  const detail = `tables of HDF5 that are packed in ways that are not read (${ways}): its own bytes were scanned; unpack it (h5repack -f NONE) and scan the result`;
  yield missed(where, 'unsupported', detail);
}

function isNamed(window: Buffer, text: string, number: number): boolean {
  for (let at = window.indexOf(text, 0, 'latin1'); at >= 0; at = window.indexOf(text, at + 1, 'latin1')) {
    if (at < HEADER || window.readUInt16LE(at - HEADER) !== number) continue;
    // Bytes one by one are not shuffled.
    const isIdle = number === SHUFFLE && at + 12 <= window.length && window.readUInt32LE(at + 8) === 1;
    if (!isIdle) return true;
  }
  return false;
}
