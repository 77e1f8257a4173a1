import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { bytesAt, MemoryAccess } from '../random-access.js';
import { isTarHeader } from './tar-header.js';

/** What is read by our own code, by formats that hold one content, and by formats that hold many. */
export type ContainerFormat =
  | 'zip'
  | 'gzip'
  | 'tar'
  | 'lz4'
  | 'brotli'
  | 'bundle'
  | 'mail'
  | 'opaque'
  | PackedFormat
  | ArchiveFormat;
export type PackedFormat = 'xz' | 'bzip2' | 'zstd' | 'lzma' | 'compress';
export type ArchiveFormat = '7z' | 'rar' | 'cab' | 'iso' | 'cpio' | 'ar' | 'rpm' | 'xar';

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
  const access = new MemoryAccess(bytes);
  if (endsInZip(bytes, access)) return 'zip';
  return isIso(access) ? 'iso' : undefined;
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
  { text: '7z\xbc\xaf\x27\x1c', format: '7z' },
  { text: 'Rar!\x1a\x07', format: 'rar' },
  { text: 'MSCF\0\0\0\0', format: 'cab' },
  { text: '070701', format: 'cpio' },
  { text: '070702', format: 'cpio' },
  { text: '070707', format: 'cpio' },
  { text: '!<arch>\n', format: 'ar' },
  { text: '\xed\xab\xee\xdb', format: 'rpm' },
  { text: 'xar!', format: 'xar' },
  { text: '# v2 git bundle\n', format: 'bundle' },
  { text: '# v3 git bundle\n', format: 'bundle' },
];

/** What a container begins with, as far as the first bytes tell it: one character a byte. */
export const BEGINNINGS: readonly string[] = MARKS.map(({ text }) => text);

const BY_FIRST_BYTE: (Mark[] | undefined)[] = new Array(256);
for (const mark of MARKS) {
  const first = mark.text.charCodeAt(0);
  BY_FIRST_BYTE[first] = [...(BY_FIRST_BYTE[first] ?? []), mark];
}

/** Brotli (RFC 7932) has no mark to be told by: a file is one if its name says so. */
export function isNamedBrotli(where: Provenance): boolean {
  return 'path' in where && /\.br$/i.test(where.path);
}

/** As many bytes as tell a mail. */
export const MAIL_HEAD = 16 * 1024;

/** Whether it begins as a mail does. */
export function mayBeMail(head: Uint8Array): boolean {
  const first = head[0]!;
  if (first < 0x41 || first > 0x7a) return false;
  return MAIL.test(Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 40)).toString('latin1'));
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
  return head.subarray(0, TELLING).includes(0) || startsWith(head, '%PDF-');
}

/** As many bytes as tell an ISO image. */
export const ISO_HEAD = 0x8801;

/** The volume descriptor of an ISO 9660 image stands behind 32 KiB that belong to the system. */
export function isIso(access: RandomAccess): boolean {
  return access.size >= ISO_HEAD && bytesAt(access, 0x8001, 5).toString('latin1') === 'CD001';
}

/** Whether it is a program or a script. */
export function mayEndInZip(head: Uint8Array): boolean {
  return startsWith(head, 'MZ') || startsWith(head, '\x7fELF') || startsWith(head, '#!');
}

/** Whether a program or a script has a zip behind it, as self-extractors and Python's zipapps do. */
export function endsInZip(head: Uint8Array, access: RandomAccess): boolean {
  if (!mayEndInZip(head)) return false;
  return bytesAt(access, Math.max(0, access.size - ZIP_TAIL), ZIP_TAIL).includes('PK\x05\x06', 0, 'latin1');
}

/** LZMA without a container has no mark: usual properties, a dictionary of a usual size, a size that may be. */
function isLzma(head: Uint8Array): boolean {
  if (head.length < 14 || head[13] !== 0) return false;
  const dictionary = (head[3]! | (head[4]! << 8)) * 65_536;
  const unknown = head.subarray(5, 13).every((byte) => byte === 0xff);
  const power = 2 ** Math.floor(Math.log2(dictionary));
  return (
    (dictionary === power || dictionary === power * 1.5) &&
    (unknown || (head[10] === 0 && head[11] === 0 && head[12] === 0))
  );
}

function isAt(head: Uint8Array, at: number, text: string): boolean {
  return startsWith(head.subarray(at, at + text.length), text);
}

function startsWith(head: Uint8Array, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (head[i] !== text.charCodeAt(i)) return false;
  return true;
}
