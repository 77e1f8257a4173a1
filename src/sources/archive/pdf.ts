import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import { type Found, missed } from './found.js';

const WINDOW = 256 * 1024;
const LONGEST = 20;
/** Filters of streams (ISO 32000-1, 7.4) that nobody undoes here; what is packed by Flate is carved. */
const FILTERS = /\/(?:ASCII85Decode|A85|ASCIIHexDecode|AHx|LZWDecode|LZW|RunLengthDecode|RL|Crypt)\b/;

export function isPdf(head: Uint8Array): boolean {
  return Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 5)).toString('latin1') === '%PDF-';
}

/** What of a PDF is not looked into: a line for its encryption, one for streams behind other filters. */
export function* unreadOfPdf(access: RandomAccess, where: Provenance): Generator<Found> {
  let filter: string | undefined;
  let isEncrypted = false;
  for (let position = 0; position < access.size; position += WINDOW - LONGEST) {
    const text = bytesAt(access, position, WINDOW).toString('latin1');
    filter ??= FILTERS.exec(text)?.[0];
    isEncrypted ||= /\/Encrypt\s+\d+\s+\d+\s+R/.test(text);
  }
  if (isEncrypted) {
    yield missed(
      where,
      'encrypted',
      'the PDF is encrypted: save it without its password, and scan the result',
    );
  }
  if (filter !== undefined) {
    const detail = `the PDF has streams behind the filter ${filter}, which is not undone: extract its text and scan the result`;
    yield missed(where, 'unsupported', detail);
  }
}
