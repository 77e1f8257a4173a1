import type { RandomAccess } from '../file-tree.js';
import { bytesAt, MemoryAccess } from '../random-access.js';
import type { ContainerFormat } from './container-format.js';
import { embeddedAt } from './embedded.js';
import { isFlow } from './flow-head.js';
import { mayHaveTrailer, sniffFurtherIn, sniffTrailer } from './further-in.js';
import { isMail, mayBeMail } from './mail-head.js';
import { MARKS, type Mark, PDF } from './marks.js';
import { isPicture } from './picture-end.js';
import { startsWith } from './starts-with.js';
import { isTarHeader } from './tar-header.js';
import { findDirectory, holdsEndRecord } from './zip-directory.js';

/** What a container begins with, as far as the first bytes tell it: one character per byte. */
export const BEGINNINGS: readonly string[] = MARKS.map(({ text }) => text);

const BY_FIRST_BYTE: (Mark[] | undefined)[] = new Array(256);
for (const mark of MARKS) {
  const first = mark.text.charCodeAt(0);
  BY_FIRST_BYTE[first] = [...(BY_FIRST_BYTE[first] ?? []), mark];
}

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
  if (mayBeMail(head) && isMail(head)) return 'mail';
  return isFlow(head) ? 'streams' : undefined;
}

/** The same for bytes that are there as a whole: also what shows further in, or at the end. */
export function sniffWhole(bytes: Uint8Array): ContainerFormat | undefined {
  const format = sniff(bytes);
  if (format !== undefined) return format;
  // Text, as nearly everything is, can only be what shows further in.
  if (!isOpaque(bytes) && !mayEndInZip(bytes) && !isPicture(bytes) && !mayHaveTrailer(bytes))
    return sniffFurtherIn(bytes);
  return sniffAround(bytes, new MemoryAccess(bytes));
}

/** What shows further in, at the end, or behind a program. @param head at least {@link FURTHER_IN} bytes, where there are so many */
export function sniffAround(head: Uint8Array, access: RandomAccess): ContainerFormat | undefined {
  if (endsInZip(head, access)) return 'zip';
  if ((mayEndInZip(head) || isPicture(head)) && embeddedAt(access) !== undefined) return 'embedded';
  return sniffFurtherIn(head) ?? sniffTrailer(access);
}

/** How much of a file tells whether it is text. */
export const TELLING = 8000;
/** Of so many bytes, more control characters than this are no text. */
const SAMPLED = 512;
const CONTROLS = SAMPLED / 32;

/** Bytes that are no text, in which compressed streams may lie: a program, a disk image, a PDF. */
export function isOpaque(head: Uint8Array): boolean {
  // Buffer's search is memchr, that of a typed array a loop ten times as slow.
  const bytes = Buffer.isBuffer(head) ? head : Buffer.from(head.buffer, head.byteOffset, head.length);
  const telling = bytes.length > TELLING ? bytes.subarray(0, TELLING) : bytes;
  return telling.indexOf(0) >= 0 || startsWith(head, PDF);
}

/** The same, and bytes that happen to have no NUL, as what is short and packed has none: too dear to ask of every blob. */
export function isNoText(head: Uint8Array): boolean {
  if (isOpaque(head)) return true;
  let controls = 0;
  for (let at = 0; at < Math.min(head.length, SAMPLED); at++) controls += isControl(head[at]!) ? 1 : 0;
  return controls > Math.min(head.length, SAMPLED) * (CONTROLS / SAMPLED);
}

/** What no text has: other than tabs, ends of lines and pages, and what colours a terminal. */
function isControl(byte: number): boolean {
  return byte < 0x20 && (byte < 8 || byte > 13) && byte !== 0x1b;
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
