import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import type { Block } from './block.js';

/** Behind an answer: a sum of what describes it, and of each so long stretch of it (netwerk/cache2, CacheFileMetadata). */
const STRETCH = 256 * 1024;
const VERSIONS = 3;
const SHORTEST = 40;
const LONGEST = 1024 * 1024;
const LONGEST_KEY = 16 * 1024;

/** Where what describes an entry of Firefox's cache stands: the last bytes say where it begins, and its version is one that there is. */
function describedAt(access: RandomAccess): number | undefined {
  const end = access.size - 4;
  if (end < SHORTEST) return undefined;
  const size = bytesAt(access, end, 4).readUInt32BE(0);
  if (size === 0 || end - size < SHORTEST || end - size > LONGEST) return undefined;
  const at = size + 4 + 2 * Math.ceil(size / STRETCH);
  const header = bytesAt(access, at, 28);
  if (header.length < 28 || at + 28 > end) return undefined;
  const [version, key] = [header.readUInt32BE(0), header.readUInt32BE(24)];
  return version >= 1 && version <= VERSIONS && key > 0 && key <= LONGEST_KEY && at + key <= end
    ? size
    : undefined;
}

export function isFirefoxEntry(access: RandomAccess): boolean {
  return describedAt(access) !== undefined;
}

/** What an address was answered with, in Brotli: it has no mark, and the headers behind it alone tell. */
export function* firefoxBody(access: RandomAccess): Generator<Block> {
  const end = describedAt(access);
  if (end === undefined) return;
  const headers = bytesAt(access, end, LONGEST).toString('latin1');
  if (/content-encoding:\s*br\b/i.test(headers)) yield { start: 0, end, codec: 'brotli' };
}
