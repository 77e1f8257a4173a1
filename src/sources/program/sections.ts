import type { Span } from '../../model/span.js';
import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';

const ELF = '\x7fELF';
/** Of ELF: what is not linked yet. */
const OBJECT = 1;
/** A section that takes no room in the file. */
const NO_BITS = 8;
/** Sections that are looked at: there is one for each text and function. */
const MOST_SECTIONS = 64 * 1024;

/**
 * The section that holds a byte, in an object file of ELF: nothing is linked there, so there are no addresses, but
 * compilers give each text a section of its own, and these lie side by side. `undefined` for anything else.
 */
export function sectionsIn(access: RandomAccess): ((offset: number) => Span | undefined) | undefined {
  const head = bytesAt(access, 0, 64);
  if (head.length < 64 || head.toString('latin1', 0, 4) !== ELF) return undefined;
  if (head[5] !== 1 || head.readUInt16LE(16) !== OBJECT) return undefined;
  const isWide = head[4] === 2;
  const table = isWide ? Number(head.readBigUInt64LE(40)) : head.readUInt32LE(32);
  const size = isWide ? 64 : 40;
  const count = head.readUInt16LE(isWide ? 60 : 48);
  // Where there are too many for two bytes, the first one's size says how many there are.
  const first = bytesAt(access, table, size);
  if (first.length < size) return undefined;
  const many = count > 0 ? count : isWide ? Number(first.readBigUInt64LE(32)) : first.readUInt32LE(20);
  const headers = bytesAt(access, table, Math.min(many, MOST_SECTIONS) * size);
  const sections: Span[] = [];
  for (let at = 0; at + size <= headers.length; at += size) {
    if (headers.readUInt32LE(at + 4) === NO_BITS) continue;
    const start = isWide ? Number(headers.readBigUInt64LE(at + 24)) : headers.readUInt32LE(at + 16);
    const length = isWide ? Number(headers.readBigUInt64LE(at + 32)) : headers.readUInt32LE(at + 20);
    sections.push({ start, end: start + length });
  }
  return (offset) => sections.find(({ start, end }) => offset >= start && offset < end);
}
