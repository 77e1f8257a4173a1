import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import type { ArchiveFormat } from './container-format.js';
import { isFirefoxEntry } from './firefox-cache.js';
import { isHeap } from './heap-head.js';
import { pieceKind } from './piece-kinds.js';
import { isRecordLog } from './record-log-head.js';
import { SNAPPY_FRAMES } from './snappy.js';
import { isAt } from './starts-with.js';
import { unmarkedKind } from './unmarked.js';
import { unreadFurtherIn } from './unread-marks.js';

/** As many bytes from the front as tell every format that shows further in: Btrfs shows last. */
export const FURTHER_IN = 0x10048;
/** An ISO image. */
const VOLUME = 0x8806;
/** Some disks have their mark in a record at their end. */
const TRAILER = 512;

/**
 * What container this is by what stands further in: file systems and disks have their marks behind room for a program
 * that starts the machine. Each is checked by more than its mark, because any file may hold that. Cheap, because every
 * blob of a history passes here.
 */
export function sniffFurtherIn(
  head: Uint8Array,
): ArchiveFormat | 'unread' | 'record log' | 'heap' | 'streams' | 'blocks' | 'pieces' | undefined {
  const format = sniffDisk(head);
  if (format !== undefined) return format;
  if (unreadFurtherIn(head) !== undefined) return 'unread';
  if (isHeap(head)) return 'heap';
  if (pieceKind(head) !== undefined) return 'pieces';
  if (unmarkedKind(head) !== undefined) return 'blocks';
  // A chunk of Loki: what says what is in it is framed Snappy, and so are the lines, or they are gzip or LZ4.
  if (isAt(head, 4, SNAPPY_FRAMES)) return 'streams';
  // Tables of InnoDB (MySQL, MariaDB), whose pages and values may be packed by zlib.
  if (head[25] === 8 && isInnoDb(head)) return 'streams';
  return isRecordLog(head) ? 'record log' : undefined;
}

/** Whether a space of tables begins there: its first page (fil0fil.h, fsp0fsp.h), which names it twice. */
function isInnoDb(head: Uint8Array): boolean {
  if (head.length < 1024 || head[24] !== 0 || !isAt(head, 4, '\0\0\0\0') || !isAt(head, 42, '\0\0\0\0'))
    return false;
  const size = text(head, 46, 4);
  return text(head, 34, 4) === text(head, 38, 4) && size !== '\0\0\0\0' && head[46]! < 0x80;
}

function sniffDisk(head: Uint8Array): ArchiveFormat | undefined {
  if (head[2] === 0x2d && head[3] === 0x6c && isLzh(head)) return 'lzh';
  if (head[4] === 0xef && text(head, 4, 16) === '\xef\xbe\xad\xdeNullsoftInst') return 'nsis';
  if (head.length < 1104) return undefined;
  if (head[510] === 0x55 && head[511] === 0xaa && isSector(head)) {
    if (text(head, 3, 8) === 'NTFS    ') return 'ntfs';
    if (text(head, 54, 3) === 'FAT' || text(head, 82, 5) === 'FAT32') return 'fat';
  }
  if (head[512] === 0x45 && text(head, 512, 8) === 'EFI PART') return 'gpt';
  if (head[1080] === 0x53 && head[1081] === 0xef && number(head, 1048, 4) <= 6 && number(head, 1100, 4) <= 1)
    return 'ext';
  if (head[1024] === 0x48 && /^H[+X]\0[\x04\x05]$/.test(text(head, 1024, 4))) return 'hfs';
  const volume = head.length < VOLUME ? '' : text(head, 0x8001, 5);
  if (volume === 'CD001' || volume === 'BEA01') return volume === 'CD001' ? 'iso' : 'udf';
  // What starts from a disk or a disc alike has both.
  return head[510] === 0x55 && head[511] === 0xaa && hasPartitions(head) ? 'mbr' : undefined;
}

/** Where the four partitions of a disk are told, and how long each entry is. */
const PARTITIONS = 446;
const PARTITION = 16;

/** Whether a first sector names partitions of a disk: each is one that may be, or is empty, and one is there. */
function hasPartitions(head: Uint8Array): boolean {
  let count = 0;
  for (let at = PARTITIONS; at < 510; at += PARTITION) {
    const [state, kind] = [head[at]!, head[at + 4]!];
    const [start, length] = [number(head, at + 8, 4), number(head, at + 12, 4)];
    if (kind === 0 && length === 0) continue;
    if ((state & 0x7f) !== 0 || kind === 0 || start === 0 || length === 0) return false;
    count += 1;
  }
  return count > 0;
}

/** What tables of LevelDB, RocksDB and Pebble (CockroachDB) end in. */
const TABLES: readonly string[] = [
  '\x57\xfb\x80\x8b\x24\x75\x47\xdb',
  '\xf7\xcf\xf4\x85\xb7\x41\xe2\x88',
  '\xf0\x9f\xaa\xb3\xf0\x9f\xaa\xb3',
];
const MARK = 8;

/** Whether {@link sniffTrailer} may find something: by two bytes. */
export function mayHaveTrailer(bytes: Uint8Array): boolean {
  const first = bytes[bytes.length - TRAILER];
  const last = bytes[bytes.length - 1];
  return first === 0x6b || first === 0x63 || last === 0xdb || last === 0x88 || last === 0xb3;
}

/** The same by what stands at the end. */
export function sniffTrailer(access: RandomAccess): ArchiveFormat | 'blocks' | undefined {
  if (TABLES.includes(bytesAt(access, Math.max(0, access.size - MARK), MARK).toString('latin1')))
    return 'blocks';
  if (isFirefoxEntry(access)) return 'blocks';
  if (access.size < 2 * TRAILER) return undefined;
  const mark = bytesAt(access, access.size - TRAILER, 12).toString('latin1');
  if (mark === 'koly\0\0\0\x04\0\0\x02\0') return 'dmg';
  return mark.startsWith('conectix') ? 'vhd' : undefined;
}

/** An LHA header (levels 0 to 3) of a member: its method, and a level that there is. */
function isLzh(head: Uint8Array): boolean {
  return /^-l(?:h[0-7dx]|z[45s])-$/.test(text(head, 2, 5)) && head[20]! <= 3;
}

/** A boot sector says how long its sectors are. */
function isSector(head: Uint8Array): boolean {
  return [512, 1024, 2048, 4096].includes(number(head, 11, 2));
}

function text(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

/** Little-endian. */
function number(bytes: Uint8Array, at: number, length: number): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).readUIntLE(at, length);
}
