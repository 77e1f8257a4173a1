import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import type { Block } from './block.js';
import { endsInZip, SNIFF_LENGTH } from './sniff.js';

const PNG = '\x89PNG\r\n\x1a\n';
/** Length, type, checksum. */
const HEADER = 8;
const CHECKSUM = 4;
/** A keyword has 79 bytes at most; languages are short. */
const LONGEST_FRONT = 1024;

/**
 * The texts of a picture that are packed (PNG 11.3.4), as drawings of diagrams.net are kept, and its profile of colours; what
 * stands behind its end, too.
 */
export function* pngTexts(access: RandomAccess): Generator<Block> {
  for (let at = PNG.length; at + HEADER <= access.size; ) {
    const header = bytesAt(access, at, HEADER);
    const start = at + HEADER;
    const end = start + header.readUInt32BE(0);
    const type = header.toString('latin1', 4);
    if (type === 'zTXt' || type === 'iTXt' || type === 'iCCP') {
      const data = textStart(bytesAt(access, start, Math.min(LONGEST_FRONT, end - start)), type);
      if (data !== undefined) yield { start: start + data, end: Math.min(end, access.size), codec: 'zlib' };
    }
    at = end + CHECKSUM;
    if (type === 'IEND') {
      // A zip there is read as one.
      if (at < access.size && !endsInZip(bytesAt(access, 0, SNIFF_LENGTH), access))
        yield { start: at, end: access.size, codec: 'stored' };
      return;
    }
  }
}

/** Behind a keyword and how it is packed; behind a language and a translation of the keyword, too. */
function textStart(bytes: Buffer, type: 'zTXt' | 'iTXt' | 'iCCP'): number | undefined {
  const keyword = bytes.indexOf(0);
  if (keyword < 0) return undefined;
  if (type !== 'iTXt') return keyword + 2;
  if (bytes[keyword + 1] !== 1) return undefined;
  const translated = bytes.indexOf(0, bytes.indexOf(0, keyword + 3) + 1);
  return translated < 0 ? undefined : translated + 1;
}
