import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import { isTarHeader } from './tar-header.js';

/** What is read by our own code, by formats that hold one content, and by formats that hold many. */
export type ContainerFormat = 'zip' | 'gzip' | 'tar' | PackedFormat | ArchiveFormat;
export type PackedFormat = 'xz' | 'bzip2' | 'zstd' | 'lzma' | 'compress';
export type ArchiveFormat = '7z' | 'rar' | 'cab' | 'iso' | 'cpio' | 'ar' | 'rpm' | 'xar';

/** As many bytes from the front as tell every format. */
export const SNIFF_LENGTH = 512;
/** The end record of a zip and the longest comment behind it. */
const ZIP_TAIL = 22 + 0xffff;

/** What container these first bytes begin, by their content alone; cheap, because every blob of a history passes here. */
export function sniff(head: Uint8Array): ContainerFormat | undefined {
  const format = MARKS[head[0]!]?.(head);
  return format ?? (head.length >= 512 && isTarHeader(head) ? 'tar' : undefined);
}

type Mark = (head: Uint8Array) => ContainerFormat | undefined;

/** What formats begin with, by the first byte. */
const MARKS: Readonly<Record<number, Mark>> = {
  31: (head) =>
    head[1] === 0x8b && head[2] === 8 && (head[3]! & 0xe0) === 0 ? 'gzip' : has(head, '\x1f\x9d', 'compress'),
  33: (head) => has(head, '!<arch>\n', 'ar'),
  40: (head) => has(head, '\x28\xb5\x2f\xfd', 'zstd'),
  48: (head) => has(head, '070701', 'cpio') ?? has(head, '070702', 'cpio') ?? has(head, '070707', 'cpio'),
  55: (head) => has(head, '7z\xbc\xaf\x27\x1c', '7z'),
  66: (head) =>
    startsWith(head, 'BZh') && (isMark(head, '1AY&SY') || isMark(head, '\x17rE8P\x90')) ? 'bzip2' : undefined,
  77: (head) => has(head, 'MSCF\0\0\0\0', 'cab'),
  80: (head) => (isZip(head) ? 'zip' : undefined),
  82: (head) => has(head, 'Rar!\x1a\x07', 'rar'),
  93: (head) => (isLzma(head) ? 'lzma' : undefined),
  120: (head) => has(head, 'xar!', 'xar'),
  237: (head) => has(head, '\xed\xab\xee\xdb', 'rpm'),
  253: (head) => has(head, '\xfd7zXZ\0', 'xz'),
};

/** The volume descriptor of an ISO 9660 image stands behind 32 KiB that belong to the system. */
export function isIso(access: RandomAccess): boolean {
  return access.size > 0x8800 && bytesAt(access, 0x8001, 5).toString('latin1') === 'CD001';
}

/** Whether a program or a script has a zip behind it, as self-extractors and Python's zipapps do. */
export function endsInZip(head: Uint8Array, access: RandomAccess): boolean {
  if (!startsWith(head, 'MZ') && !startsWith(head, '\x7fELF') && !startsWith(head, '#!')) return false;
  return bytesAt(access, Math.max(0, access.size - ZIP_TAIL), ZIP_TAIL).includes('PK\x05\x06', 0, 'latin1');
}

function isZip(head: Uint8Array): boolean {
  if (head[1] !== 0x4b) return false;
  const kind = (head[2]! << 8) | head[3]!;
  // A member; the end record of an empty zip; the mark of a split one.
  return kind === 0x0304 || kind === 0x0506 || kind === 0x0708 || kind === 0x3030;
}

/** LZMA without a container has no mark: usual properties, a dictionary of a usual size, a size that may be. */
function isLzma(head: Uint8Array): boolean {
  if (head.length < 14 || head[1] !== 0 || head[2] !== 0 || head[13] !== 0) return false;
  const dictionary = (head[3]! | (head[4]! << 8)) * 65_536;
  const unknown = head.subarray(5, 13).every((byte) => byte === 0xff);
  const power = 2 ** Math.floor(Math.log2(dictionary));
  return (
    (dictionary === power || dictionary === power * 1.5) &&
    (unknown || (head[10] === 0 && head[11] === 0 && head[12] === 0))
  );
}

/** Behind the block size of a bzip2 stream. */
function isMark(head: Uint8Array, text: string): boolean {
  return startsWith(head.subarray(4), text);
}

function has(head: Uint8Array, text: string, format: ContainerFormat): ContainerFormat | undefined {
  return startsWith(head, text) ? format : undefined;
}

function startsWith(head: Uint8Array, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (head[i] !== text.charCodeAt(i)) return false;
  return true;
}
