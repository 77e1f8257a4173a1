import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import { isTarHeader } from './tar-header.js';

export type ContainerFormat = 'zip' | 'gzip' | 'tar';

/** As many bytes from the front as tell every format. */
export const SNIFF_LENGTH = 512;
/** The end record of a zip and the longest comment behind it. */
const ZIP_TAIL = 22 + 0xffff;

/** What container these first bytes begin, by their content alone; cheap, because every blob of a history passes here. */
export function sniff(head: Uint8Array): ContainerFormat | undefined {
  switch (head[0]) {
    case 0x50: // P
      return isZip(head) ? 'zip' : tar(head);
    case 0x1f:
      return head[1] === 0x8b && head[2] === 8 && (head[3]! & 0xe0) === 0 ? 'gzip' : tar(head);
    default:
      return tar(head);
  }
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

function tar(head: Uint8Array): ContainerFormat | undefined {
  return head.length >= 512 && isTarHeader(head) ? 'tar' : undefined;
}

function startsWith(head: Uint8Array, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (head[i] !== text.charCodeAt(i)) return false;
  return true;
}
