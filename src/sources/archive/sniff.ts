import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { bytesAt, MemoryAccess } from '../random-access.js';
import { isAsar } from './asar-head.js';
import { BLOCKED } from './block-marks.js';
import { inflates, SAMPLE } from './deflate-sample.js';
import { embeddedAt } from './embedded.js';
import { mayHaveTrailer, sniffFurtherIn, sniffTrailer } from './further-in.js';
import { SNAPPY_FRAMES, SNAPPY_JAVA } from './snappy.js';
import { isTarHeader } from './tar-header.js';
import { UNREAD } from './unread-marks.js';
import { findDirectory, holdsEndRecord } from './zip-directory.js';

/** What is read by our own code, by formats that hold one content, and by formats that hold many. */
export type ContainerFormat =
  | 'zip'
  | 'gzip'
  | 'tar'
  | 'lz4'
  | 'brotli'
  | 'bundle'
  | 'pack'
  | 'mail'
  | 'opaque'
  | 'streams'
  | 'blocks'
  | 'pg_dump'
  | 'asar'
  | 'snappy'
  | 'lzip'
  | 'zstd'
  | 'compress'
  | 'embedded'
  | 'unread'
  | 'part'
  | 'sqlite'
  | PackedFormat
  | ArchiveFormat;
/** What 7-Zip unpacks. */
export type PackedFormat = 'xz' | 'bzip2' | 'lzma';
export type ArchiveFormat = Archive | Disk;
type Archive =
  | '7z'
  | 'rar'
  | 'cab'
  | 'iso'
  | 'udf'
  | 'cpio'
  | 'ar'
  | 'rpm'
  | 'xar'
  | 'arj'
  | 'lzh'
  | 'wim'
  | 'chm'
  | 'compound'
  | 'szdd'
  | 'nsis';
type Disk =
  | 'squashfs'
  | 'cramfs'
  | 'ext'
  | 'ntfs'
  | 'fat'
  | 'hfs'
  | 'gpt'
  | 'dmg'
  | 'vhd'
  | 'vhdx'
  | 'vdi'
  | 'vmdk'
  | 'qcow';

/** As many bytes from the front as tell every format. */
export const SNIFF_LENGTH = 512;
/** The end record of a zip and the longest comment behind it. */
const ZIP_TAIL = 22 + 0xffff;

/** What container these first bytes begin, by their content alone; cheap, because every blob of a history passes here. */
export function sniff(head: Uint8Array): ContainerFormat | undefined {
  for (const { text, format, fits } of BY_FIRST_BYTE[head[0]!] ?? []) {
    if (startsWith(head, text) && (fits === undefined || fits(head))) return format;
  }
  if (head.length >= 512 && isTarHeader(head)) return 'tar';
  return mayBeMail(head) && isMail(head) ? 'mail' : undefined;
}

/** The same for bytes that are there as a whole: also what shows further in, or at the end. */
export function sniffWhole(bytes: Uint8Array): ContainerFormat | undefined {
  const format = sniff(bytes);
  if (format !== undefined) return format;
  // Text, as nearly everything is, can only be what shows further in.
  if (!isOpaque(bytes) && !mayEndInZip(bytes) && !mayHaveTrailer(bytes)) return sniffFurtherIn(bytes);
  return sniffAround(bytes, new MemoryAccess(bytes));
}

/** What shows further in, at the end, or behind a program. @param head at least {@link FURTHER_IN} bytes, where there are so many */
export function sniffAround(head: Uint8Array, access: RandomAccess): ContainerFormat | undefined {
  if (endsInZip(head, access)) return 'zip';
  if (mayEndInZip(head) && embeddedAt(access) !== undefined) return 'embedded';
  return sniffFurtherIn(head) ?? sniffTrailer(access);
}

/** What a format begins with (one character a byte), and what else must fit. */
interface Mark {
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

/** What the first lines of a mail or a mailbox are called; what else must be there is looked for further on. */
const MAIL =
  /^(?:From |(?:Return-Path|Received|Delivered-To|From|To|Cc|Subject|Date|Message-ID|MIME-Version|Content-Type|Reply-To|X-[A-Za-z-]+|ARC-[A-Za-z-]+|DKIM-Signature|Authentication-Results|Envelope-To|Sender|Organization|User-Agent|Content-Transfer-Encoding):)/i;

export const PDF = '%PDF-';

/** What begins so is made of streams that are packed, or holds some as a rule: they are looked for in it wherever it stands. */
const STREAMS: readonly Mark[] = [
  ...['x\x01', 'x\x5e', 'x\x9c', 'x\xda'].map((text) => ({ text, fits: isZlib })),
  { text: PDF },
  // Captures of networks (pcap, pcapng), of the web, of HTTP caches of Chromium.
  { text: '\xd4\xc3\xb2\xa1' },
  { text: '\x4d\x3c\xb2\xa1' },
  { text: '\xa1\xb2\xc3\xd4' },
  { text: '\xa1\xb2\x3c\x4d' },
  {
    text: '\x0a\x0d\x0d\x0a',
    fits: (head: Uint8Array) => isAt(head, 8, '\x4d\x3c\x2b\x1a') || isAt(head, 8, '\x1a\x2b\x3c\x4d'),
  },
  { text: 'WARC/' },
  { text: '\x30\x5c\x72\xa7\x1b\x6d\xfb\xfc' },
  // Tables of HDF5 and Arrow, back-ups of Android, Flash.
  { text: '\x89HDF\r\n\x1a\n' },
  { text: 'ARROW1\0\0' },
  { text: 'ANDROID BACKUP\n' },
  { text: 'CWS', fits: (head: Uint8Array) => head[3]! < 64 && head[8] === 0x78 },
].map((mark) => ({ format: 'streams', ...mark }));

const MARKS: readonly Mark[] = [
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
  { text: 'SQLite format 3\0', format: 'sqlite' },
  { text: '7\x7f\x06\x82', format: 'sqlite' },
  { text: '7\x7f\x06\x83', format: 'sqlite' },
  ...UNREAD.map(
    ({ text, fits }): Mark => ({ text, format: 'unread', ...(fits === undefined ? {} : { fits }) }),
  ),
  { text: 'begin ', format: 'mail', fits: (head) => /^begin [0-7]{3,4} \S/.test(latin1(head, 0, 20)) },
  {
    text: 'begin-base64 ',
    format: 'mail',
    fits: (head) => /^begin-base64 [0-7]{3,4} \S/.test(latin1(head, 0, 30)),
  },
  ...STREAMS,
  ...BLOCKED.map(
    ({ text, fits }): Mark => ({ text, format: 'blocks', ...(fits === undefined ? {} : { fits }) }),
  ),
  { text: 'PGDMP', format: 'pg_dump' },
  { text: '\x04\0\0\0', format: 'asar', fits: isAsar },
  { text: SNAPPY_FRAMES, format: 'snappy' },
  { text: SNAPPY_JAVA, format: 'snappy' },
  { text: '# v2 git bundle\n', format: 'bundle' },
  { text: '# v3 git bundle\n', format: 'bundle' },
  { text: 'PACK\0\0\0\x02', format: 'pack', fits: isPack },
  { text: 'PACK\0\0\0\x03', format: 'pack', fits: isPack },
];

/** What a container begins with, as far as the first bytes tell it: one character a byte. */
export const BEGINNINGS: readonly string[] = MARKS.map(({ text }) => text);

const BY_FIRST_BYTE: (Mark[] | undefined)[] = new Array(256);
for (const mark of MARKS) {
  const first = mark.text.charCodeAt(0);
  BY_FIRST_BYTE[first] = [...(BY_FIRST_BYTE[first] ?? []), mark];
}

const BROTLI = /\.br$/i;
const PART = /\.(?:7z|zip|rar|tar|t?gz|tgz|bz2|xz|zst)\.\d{3}$|\.z\d\d$|\.r\d\d$/i;

/** Brotli (RFC 7932) has no mark to be told by: a file is one if its name says so. */
export function isNamedBrotli(where: Provenance): boolean {
  return 'path' in where && BROTLI.test(where.path);
}

/** A part of an archive that was cut into files: nothing in it tells what it is a part of, so its name does. */
export function isNamedPart(where: Provenance): boolean {
  return 'path' in where && PART.test(where.path);
}

/** Whether a file of this name is a container whatever it begins with. */
export function isContainerByName(path: string): boolean {
  return BROTLI.test(path) || PART.test(path);
}

/** As many bytes as tell a mail. */
export const MAIL_HEAD = 16 * 1024;

/** Whether it begins as a mail does. */
export function mayBeMail(head: Uint8Array): boolean {
  let end = 0;
  while (isLetterOrDash(head[end]!)) end++;
  // Every name of a header ends in a colon; "From " begins a mailbox.
  if (end < 2 || (head[end] !== 0x3a && head[end] !== 0x20)) return false;
  return MAIL.test(Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 40)).toString('latin1'));
}

function isLetterOrDash(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x2d;
}

/** Whether there is anything in a mail that must be decoded to be read. */
function isMail(head: Uint8Array): boolean {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, MAIL_HEAD)).toString('latin1');
  return /^(?:MIME-Version:|Content-Type:\s*multipart\/|Content-Transfer-Encoding:)/im.test(text);
}

function skipped(head: Uint8Array): number {
  return head.length < 8 ? 0 : Buffer.from(head.buffer, head.byteOffset, 8).readUInt32LE(4);
}

/** How much of a file tells whether it is text. */
const TELLING = 8000;

/** Bytes that are no text, in which compressed streams may lie: a program, a disk image, a PDF. */
export function isOpaque(head: Uint8Array): boolean {
  // Buffer's search is memchr, that of a typed array a loop ten times as slow.
  const bytes = Buffer.isBuffer(head) ? head : Buffer.from(head.buffer, head.byteOffset, head.length);
  const telling = bytes.length > TELLING ? bytes.subarray(0, TELLING) : bytes;
  return telling.indexOf(0) >= 0 || startsWith(head, PDF);
}

/** Whether it is a program or a script. */
export function mayEndInZip(head: Uint8Array): boolean {
  return startsWith(head, 'MZ') || startsWith(head, '\x7fELF') || startsWith(head, '#!');
}

/**
 * Whether there is a zip at the end: as self-extractors and Python's zipapps have it behind a program or a script, and
 * behind any other bytes that are no text if the end leads to a directory.
 */
export function endsInZip(head: Uint8Array, access: RandomAccess): boolean {
  const isProgram = mayEndInZip(head);
  if (!isProgram && !isOpaque(head)) return false;
  const tail = bytesAt(access, Math.max(0, access.size - ZIP_TAIL), ZIP_TAIL);
  if (!tail.includes('PK\x05\x06', 0, 'latin1')) return false;
  const directory = findDirectory(access);
  if (directory !== undefined) return isProgram || directory.end > directory.start;
  return isProgram && holdsEndRecord(tail, access.size - tail.length);
}

/** A zlib stream by itself, as loose objects of git are. */
function isZlib(head: Uint8Array): boolean {
  return inflates(Buffer.from(head.buffer, head.byteOffset + 2, Math.min(head.length - 2, SAMPLE)));
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

function isAt(head: Uint8Array, at: number, text: string): boolean {
  return startsWith(head.subarray(at, at + text.length), text);
}

function startsWith(head: Uint8Array, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (head[i] !== text.charCodeAt(i)) return false;
  return true;
}
