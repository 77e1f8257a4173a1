import { createHash } from 'node:crypto';
import { readEwah } from './ewah.js';
import { hexAt, type ObjectFormat } from './object-format.js';
import { readVarint } from './varint.js';

/** One entry of the index: what the next commit will hold at a path. */
export interface IndexEntry {
  /** Its bytes, one character each. Empty in a split index for an entry that replaces one of the shared index. */
  readonly path: string;
  /** Object ID in hex. */
  readonly id: string;
  readonly mode: number;
  /** 0, or 1 to 3 for the sides of a conflict. */
  readonly stage: number;
}

/** What a split index says of the shared one that it builds on. */
export interface IndexLink {
  /** The shared index is the file `sharedindex.` and this ID in hex. */
  readonly base: string;
  /** Positions of its entries that are gone, and of those that have other content. */
  readonly deleted: readonly number[];
  readonly replaced: readonly number[];
}

export interface IndexFile {
  readonly entries: readonly IndexEntry[];
  readonly link: IndexLink | undefined;
  /** Why the rest could not be read, where it could not. */
  readonly damage: string | undefined;
}

const EXTENDED = 0x4000;
const NAME_LENGTH = 0xfff;
/** No system checks out a longer name. In version 4 each can repeat the one before it, so that few bytes make many. */
const LONGEST_PATH = 16 * 1024;
const ALL_PATHS = 512 * 1024 ** 2;

/** Reads an index (gitformat-index, versions 2 to 4). Of a damaged one, the entries before the damage count. */
export function parseIndex(bytes: Buffer, format: ObjectFormat): IndexFile {
  const broken = (damage: string): IndexFile => ({ entries: [], link: undefined, damage });
  if (!beginsLikeIndex(bytes, format)) return broken('does not begin like an index');
  const version = bytes.readUInt32BE(4);
  if (version < 2 || version > 4) return broken(`is an index of version ${version}, which is not known`);
  const count = bytes.readUInt32BE(8);
  const end = bytes.length - format.bytes;
  const entries: IndexEntry[] = [];
  const fixed = 40 + format.bytes + 2;
  let at = 12;
  let previous = '';
  let paths = 0;
  while (entries.length < count) {
    const start = at;
    if (start + fixed > end) return { entries, link: undefined, damage: 'is cut short' };
    const flags = bytes.readUInt16BE(start + fixed - 2);
    at = start + fixed + ((flags & EXTENDED) === 0 || version === 2 ? 0 : 2);
    let path: string;
    if (version === 4) {
      const strip = readVarint(bytes, at);
      const zero = strip === undefined ? -1 : bytes.indexOf(0, strip.next);
      if (strip === undefined || zero < 0 || strip.value > previous.length) {
        return { entries, link: undefined, damage: 'has a damaged name' };
      }
      path = previous.slice(0, previous.length - strip.value) + bytes.toString('latin1', strip.next, zero);
      at = zero + 1;
    } else {
      const known = flags & NAME_LENGTH;
      const zero = known < NAME_LENGTH ? at + known : bytes.indexOf(0, at);
      if (zero < 0 || zero >= end) return { entries, link: undefined, damage: 'has a damaged name' };
      path = bytes.toString('latin1', at, zero);
      at = start + ((zero - start + 8) & ~7);
    }
    paths += path.length;
    if (path.length > LONGEST_PATH || paths > ALL_PATHS) {
      return { entries, link: undefined, damage: 'has longer names than can be checked out' };
    }
    previous = path;
    const id = hexAt(bytes, start + 40, format.bytes);
    entries.push({ path, id, mode: bytes.readUInt32BE(start + 24), stage: (flags >> 12) & 3 });
  }
  return { entries, link: readLink(bytes, at, end, format), damage: undefined };
}

/** What is wrong with an index, by the checksum at its end; there is none where all its bytes are zero (`index.skipHash`). */
export function indexDamage(bytes: Buffer, format: ObjectFormat): string | undefined {
  if (!beginsLikeIndex(bytes, format)) return 'does not begin like an index';
  const end = bytes.length - format.bytes;
  const checksum = bytes.subarray(end);
  if (checksum.every((byte) => byte === 0)) return undefined;
  const made = createHash(format.name).update(bytes.subarray(0, end)).digest();
  return made.equals(checksum) ? undefined : 'does not match its checksum: it is damaged or cut short';
}

function beginsLikeIndex(bytes: Buffer, format: ObjectFormat): boolean {
  return bytes.length >= 12 + format.bytes && bytes.toString('latin1', 0, 4) === 'DIRC';
}

/** The entries of a split index and the shared one together. */
export function mergeSplit(own: IndexFile, shared: IndexFile): readonly IndexEntry[] {
  const nameless = own.entries.filter((entry) => entry.path === '');
  const deleted = new Set(own.link?.deleted);
  const replaced = new Map(own.link?.replaced.map((position, order) => [position, nameless[order]]));
  const kept = shared.entries.flatMap((entry, position) => {
    if (deleted.has(position)) return [];
    const other = replaced.get(position);
    return [other === undefined ? entry : { ...other, path: entry.path }];
  });
  return [...kept, ...own.entries.filter((entry) => entry.path !== '')];
}

/** The `link` extension; the others change nothing about what is staged. */
function readLink(bytes: Buffer, from: number, end: number, format: ObjectFormat): IndexLink | undefined {
  for (let at = from; at + 8 <= end; ) {
    const size = bytes.readUInt32BE(at + 4);
    if (bytes.toString('latin1', at, at + 4) === 'link' && size >= format.bytes) {
      const base = hexAt(bytes, at + 8, format.bytes);
      if (/^0+$/.test(base)) return undefined;
      const deleted = readEwah(bytes, at + 8 + format.bytes);
      const replaced = deleted === undefined ? undefined : readEwah(bytes, deleted.end);
      return { base, deleted: deleted?.bits ?? [], replaced: replaced?.bits ?? [] };
    }
    at += 8 + size;
  }
  return undefined;
}
