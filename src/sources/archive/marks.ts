import { isArrowStream } from './arrow-head.js';
import { isAsar } from './asar-head.js';
import { BLOCKED } from './block-marks.js';
import type { ContainerFormat } from './container-format.js';
import { inflates, SAMPLE } from './deflate-sample.js';
import { GIT_WIRE } from './git-wire-head.js';
import { HDF5 } from './hdf5.js';
import { isOldKafka } from './kafka-head.js';
import { LZOP } from './lzo.js';
import { SNAPPY_FRAMES, SNAPPY_JAVA } from './snappy.js';
import { isAt } from './starts-with.js';
import { UNREAD } from './unread-marks.js';
import { BAZAAR, VERSION_STREAMS } from './version-marks.js';

/** What a format begins with (one character per byte), and what else must fit. */
export interface Mark {
  readonly text: string;
  readonly format: ContainerFormat;
  readonly fits?: (head: Uint8Array) => boolean;
}

/** A frame that LZ4 and Zstandard decoders skip (RFC 8878, 3.1.2) may come first: what follows it tells which it is. */
const SKIPPABLE = Array.from({ length: 16 }, (_, low): Mark[] => {
  const text = `${String.fromCharCode(0x50 + low)}\x2a\x4d\x18`;
  return [
    { text, format: 'zstd', fits: (head) => isAt(head, 8 + skipped(head), '\x28\xb5\x2f\xfd') },
    { text, format: 'lz4' },
  ];
}).flat();

export const PDF = '%PDF-';

/** What begins so is made of streams that are packed, or holds some as a rule: they are looked for in it wherever it stands. */
const STREAMS: readonly Mark[] = [
  ...['x\x01', 'x\x5e', 'x\x9c', 'x\xda'].map((text) => ({ text, fits: isZlib })),
  { text: PDF },
  // Logs of MySQL and MariaDB, whose transactions and events may be packed; JFFS2, whose nodes are; what CMS packs (RFC 3274).
  { text: '\xfebin' },
  { text: '\x85\x19', fits: isJffs2 },
  ...['\x30\x80', '\x30\x82', '\x30\x83'].map((text) => ({ text, fits: isPackedCms })),
  // Tables of HDF5, back-ups of Android, fonts of the web, Flash.
  { text: HDF5 },
  { text: 'ANDROID BACKUP\n' },
  { text: 'wOFF' },
  { text: 'CWS', fits: (head: Uint8Array) => head[3]! < 64 && head[8] === 0x78 },
  // Variables of MATLAB; images of disks (partclone, Parallels, QED); memory that AVML wrote; images for phones; deltas of bsdiff.
  ...['MATLAB 5.0 MAT-file', 'partclone-image', 'WithoutFreeSpace', 'WithouFreSpacExt', 'QED\0'].map(
    (text) => ({ text }),
  ),
  { text: 'AVML', fits: (head: Uint8Array) => head[4] === 2 && head[5] === 0 },
  { text: 'ANDROID!' },
  { text: 'BSDIFF40' },
  { text: '\0\0\0\0', fits: isOldKafka },
  // Modules of Erlang and Elixir, whose literals are packed; packed terms; what older joblib kept.
  { text: 'FOR1', fits: (head: Uint8Array) => isAt(head, 8, 'BEAM') },
  { text: '\x83P', fits: (head: Uint8Array) => isZlib(head.subarray(6)) && head[6] === 0x78 },
  { text: 'ZF0x' },
  // Binary property lists, whose values may be packed.
  { text: 'bplist0' },
  // Files of Hadoop (SequenceFile, RCFile); machines that libvirt saved; chunks of Proxmox; what btrfs, ZFS and xtrabackup send;
  // back-ups of machines (VMA) and of Neo4j; the logs of macOS.
  { text: 'SEQ', fits: (head: Uint8Array) => head[3]! > 3 && head[3]! < 9 },
  ...[
    'RCF\x01',
    'LibvirtQemudSave',
    'LibvirtQemudPart',
    '\x31\xb9\x58\x42\x6f\xb6\xa3\x7f',
    'btrfs-stream\0',
  ].map((text) => ({ text })),
  ...['XBSTCK01', 'VMA\0\0', 'DZV1', 'DGV1'].map((text) => ({ text })),
  {
    text: '\0\x10\0\0',
    fits: (head: Uint8Array) => isAt(head, 5, '\0\0\0') && isAt(head, 10, '\0\0\0\0\0\0'),
  },
  // What Apple's library packed by LZ4; answers as pip keeps them, in two of its versions.
  { text: 'bv41' },
  { text: 'cc=2,', fits: (head: Uint8Array) => head[5] === 0x78 },
  { text: 'cc=4,', fits: (head: Uint8Array) => head[5] === 0x82 },
  ...VERSION_STREAMS,
].map((mark) => ({ format: 'streams', ...mark }));

/** Captures of networks: pcap in either order of bytes (of microseconds, nanoseconds, Kuznetzov's), pcapng. */
const CAPTURES: readonly Mark[] = [
  ...['\xd4\xc3\xb2\xa1', '\x4d\x3c\xb2\xa1', '\x34\xcd\xb2\xa1'].map((text) => ({ text })),
  ...['\xa1\xb2\xc3\xd4', '\xa1\xb2\x3c\x4d', '\xa1\xb2\xcd\x34'].map((text) => ({ text })),
  {
    text: '\x0a\x0d\x0d\x0a',
    fits: (head: Uint8Array) => isAt(head, 8, '\x4d\x3c\x2b\x1a') || isAt(head, 8, '\x1a\x2b\x3c\x4d'),
  },
].map((mark) => ({ format: 'capture', ...mark }));

/** Messages of HTTP, and captures of the web (WARC), which are made of them. */
const MESSAGES: readonly Mark[] = [
  { text: 'WARC/', format: 'http' },
  ...['1.', '2 ', '2.0 ', '3 '].map((version): Mark => ({ text: `HTTP/${version}`, format: 'http' })),
  ...['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'CONNECT'].map(
    (method): Mark => ({ text: `${method} `, format: 'http', fits: isRequest }),
  ),
];

/** Recordings of terminals (asciinema): their versions, and what follows those. */
const CASTS: readonly Mark[] = ['{"version": 2, "', '{"version":2,"wi', '{"version":3,"te'].map((text) => ({
  text,
  format: 'asciicast',
  fits: (head) => /^\{"version": ?[23], ?"(?:width|term)": ?[\d{]/.test(latin1(head, 0, 64)),
}));

/** What tells containers by their first bytes; of those that fit, the first counts. */
export const MARKS: readonly Mark[] = [
  { text: 'PK\x03\x04', format: 'zip' },
  // Without members, and split into volumes.
  { text: 'PK\x05\x06', format: 'zip' },
  { text: 'PK\x07\x08', format: 'zip' },
  { text: 'PK00PK', format: 'zip' },
  { text: '\x1f\x8b\x08', format: 'gzip', fits: (head) => (head[3]! & 0xe0) === 0 },
  { text: '\x1f\x9d', format: 'compress', fits: (head) => (head[2]! & 0x1f) >= 9 && (head[2]! & 0x1f) <= 16 },
  { text: 'BZh', format: 'bzip2', fits: (head) => isAt(head, 4, '1AY&SY') || isAt(head, 4, '\x17rE8P\x90') },
  { text: '\xfd7zXZ\0', format: 'xz' },
  { text: '\x28\xb5\x2f\xfd', format: 'zstd' },
  { text: '\x04\x22\x4d\x18', format: 'lz4' },
  { text: '\x02\x21\x4c\x18', format: 'lz4' },
  ...SKIPPABLE,
  { text: ']\0\0', format: 'lzma', fits: isLzma },
  { text: ']\0\x10\0\0', format: 'lzma', fits: isLzma },
  { text: '^\0\0', format: 'lzma', fits: isLzma },
  { text: LZOP, format: 'lzop' },
  { text: 'LZIP', format: 'lzip', fits: (head) => head[4]! <= 1 },
  { text: '7z\xbc\xaf\x27\x1c', format: '7z' },
  { text: 'Rar!\x1a\x07', format: 'rar' },
  { text: 'MSCF\0\0\0\0', format: 'cab' },
  { text: '070701', format: 'cpio' },
  { text: '070702', format: 'cpio' },
  { text: '070707', format: 'cpio' },
  { text: '!<arch>\n', format: 'ar' },
  { text: '\xed\xab\xee\xdb', format: 'rpm' },
  { text: 'xar!', format: 'xar' },
  { text: '\x60\xea', format: 'arj', fits: isArj },
  { text: 'MSWIM\0\0\0', format: 'wim' },
  { text: 'ITSF\x03\0\0\0', format: 'chm' },
  { text: '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', format: 'compound' },
  { text: "SZDD\x88\xf0'3", format: 'szdd' },
  { text: 'hsqs', format: 'squashfs', fits: (head) => head[28] === 4 && head[29] === 0 },
  { text: 'sqsh', format: 'squashfs', fits: (head) => head[28] === 0 && head[29] === 4 },
  { text: '\x45\x3d\xcd\x28', format: 'cramfs' },
  { text: 'vhdxfile', format: 'vhdx' },
  { text: 'conectix', format: 'vhd' },
  { text: 'KDMV', format: 'vmdk' },
  { text: 'QFI\xfb\0\0\0', format: 'qcow' },
  { text: '<<< ', format: 'vdi', fits: (head) => isAt(head, 64, '\x7f\x10\xda\xbe') },
  { text: 'EVF\x09\r\n\xff\0', format: 'ewf' },
  { text: 'SQLite format 3\0', format: 'sqlite' },
  { text: '7\x7f\x06\x82', format: 'sqlite' },
  { text: '7\x7f\x06\x83', format: 'sqlite' },
  ...UNREAD.map(
    ({ text, fits }): Mark => ({ text, format: 'unread', ...(fits === undefined ? {} : { fits }) }),
  ),
  { text: '-----BEGIN PGP MESSAGE-----', format: 'armor' },
  { text: 'begin ', format: 'mail', fits: (head) => /^begin [0-7]{3,4} \S/.test(latin1(head, 0, 20)) },
  {
    text: 'begin-base64 ',
    format: 'mail',
    fits: (head) => /^begin-base64 [0-7]{3,4} \S/.test(latin1(head, 0, 30)),
  },
  ...CAPTURES,
  ...MESSAGES,
  ...CASTS,
  ...STREAMS,
  ...BLOCKED.map(
    ({ text, fits }): Mark => ({ text, format: 'blocks', ...(fits === undefined ? {} : { fits }) }),
  ),
  { text: BAZAAR, format: 'bazaar' },
  { text: 'ARROW1\0\0', format: 'arrow' },
  { text: '\xff\xff\xff\xff', format: 'arrow', fits: isArrowStream },
  { text: 'PGDMP', format: 'pg_dump' },
  { text: '\x04\0\0\0', format: 'asar', fits: isAsar },
  { text: SNAPPY_FRAMES, format: 'snappy' },
  { text: SNAPPY_JAVA, format: 'snappy' },
  { text: '# v2 git bundle\n', format: 'bundle' },
  { text: '# v3 git bundle\n', format: 'bundle' },
  { text: 'PACK\0\0\0\x02', format: 'pack', fits: isPack },
  { text: 'PACK\0\0\0\x03', format: 'pack', fits: isPack },
  ...GIT_WIRE.map((mark): Mark => ({ format: 'git wire', ...mark })),
];

function skipped(head: Uint8Array): number {
  return head.length < 8 ? 0 : Buffer.from(head.buffer, head.byteOffset, 8).readUInt32LE(4);
}

/** A first line that may go on behind what is looked at. */
function isRequest(head: Uint8Array): boolean {
  return /^[A-Z]+ [\x21-\x7e]+(?:$| HTTP\/(?:1\.[01]|[23](?:\.0)?)\r\n)/.test(
    latin1(head, 0, 512).slice(0, 512),
  );
}

/** A zlib stream by itself, as loose objects of git are. */
function isZlib(head: Uint8Array): boolean {
  return inflates(Buffer.from(head.buffer, head.byteOffset + 2, Math.min(head.length - 2, SAMPLE)));
}

/** A node of a type that there is: an inode, an entry, the mark of a clean block, a summary. */
function isJffs2(head: Uint8Array): boolean {
  return [0xe001, 0xe002, 0x2003, 0x2006].includes(head[2]! | (head[3]! << 8));
}

/** The object identifier of packed data (RFC 3274, 1.1.2). */
function isPackedCms(head: Uint8Array): boolean {
  return isAt(head, 2 + (head[1]! & 15), '\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09');
}

/** LZMA without a container has no mark: usual properties, a dictionary of a usual size, a size that may be. */
function isLzma(head: Uint8Array): boolean {
  if (head.length < 14 || head[13] !== 0) return false;
  const dictionary = (head[3]! | (head[4]! << 8)) * 65_536 + head[2]! * 256;
  const unknown = head.subarray(5, 13).every((byte) => byte === 0xff);
  const power = 2 ** Math.floor(Math.log2(dictionary));
  return (
    (dictionary === power || dictionary === power * 1.5) &&
    (unknown || (head[10] === 0 && head[11] === 0 && head[12] === 0))
  );
}

/** A git pack (gitformat-pack): its first object is of a type that there is. */
function isPack(head: Uint8Array): boolean {
  const type = (head[12]! >> 4) & 7;
  return type !== 0 && type !== 5;
}

/** ARJ (technote, "structure of archive block"): a main header of a size and of versions that there are. */
function isArj(head: Uint8Array): boolean {
  const size = head[2]! | (head[3]! << 8);
  return size >= 30 && size <= 2600 && head[4]! >= 30 && head[4]! < size && head[10] === 2 && head[5]! < 20;
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1', start, end);
}
