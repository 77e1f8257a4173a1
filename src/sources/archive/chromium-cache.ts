import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import type { Block, Codec } from './block.js';
import { ForwardSearch } from './forward-search.js';
import { SNIFF_LENGTH, sniff } from './sniff.js';

/** What stands behind each stream of an entry of Chromium's cache (net/disk_cache/simple). */
const STREAM_END = '\xd8\x41\x0d\x97\x45\x6f\xfa\xf4';
/** The mark, a version, the length of the key and its hash. */
const HEADER = 24;
const LONGEST_HEADERS = 256 * 1024;
const CODECS: Readonly<Record<string, Codec>> = { br: 'brotli', gzip: 'gzip', zstd: 'zstd', deflate: 'zlib' };

/** What an address was answered with, packed as the server sent it: of Brotli, the headers behind it alone tell that. */
export function* cachedBody(access: RandomAccess): Generator<Block> {
  const header = bytesAt(access, 0, HEADER);
  if (header.length < HEADER) return;
  const start = HEADER + header.readUInt32LE(12);
  const end = new ForwardSearch(access).next(STREAM_END, start);
  if (end <= start) return;
  const headers = bytesAt(access, end, LONGEST_HEADERS).toString('latin1');
  const encoding = /content-encoding:\s*([a-z]+)/i.exec(headers)?.[1]?.toLowerCase() ?? '';
  const codec = CODECS[encoding];
  if (codec !== undefined) yield { start, end, codec };
  else if (sniff(bytesAt(access, start, SNIFF_LENGTH)) !== undefined) yield { start, end, codec: 'stored' };
}
