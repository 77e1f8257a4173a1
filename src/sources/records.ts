import type { Span } from '../model/span.js';
import type { RandomAccess } from './file-tree.js';
import { bytesAt } from './random-access.js';

/** Rows that are all as long as each other, one behind the other, and how each is divided. */
interface Records {
  /** Where the first one begins. */
  readonly start: number;
  /** Where in a row its fields begin, and where it ends. */
  readonly bounds: readonly number[];
}

/** What is read of a header; NumPy's and those of dBase are a few kilobytes at most. */
const LONGEST_HEADER = 64 * 1024;
const NUMPY = '\x93NUMPY';
/** A field's name, type and size, or the type of all there is: `('name', '<U47')`, `'|S40'`; with more of them, how many. */
const TYPES = /'[<>|=]?([a-zA-Z])(\d+)'(?:, \((\d+),?\))?/g;
/** Versions of dBase and FoxPro. */
const DBASE = new Set([0x02, 0x03, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8b, 0xcb, 0xf5, 0xfb]);

/** Whether these may be the first bytes of such rows: cheap. */
export function mayBeRecords(head: Uint8Array): boolean {
  if (head.length < 64) return false;
  // The day of its last change: months and days are no characters of a text.
  const isDated = head[2]! >= 1 && head[2]! <= 12 && head[3]! >= 1 && head[3]! <= 31;
  return (
    (DBASE.has(head[0]!) && isDated) ||
    Buffer.from(head.subarray(0, NUMPY.length)).toString('latin1') === NUMPY
  );
}

/**
 * The field that holds a byte, where a file has rows of fields that are always as long: arrays of NumPy, tables of dBase.
 * What fills one up to its last character has the next right behind it.
 */
export function fieldsIn(access: RandomAccess): ((offset: number) => Span | undefined) | undefined {
  const header = bytesAt(access, 0, LONGEST_HEADER);
  if (!mayBeRecords(header)) return undefined;
  const records = header[0] === 0x93 ? recordsOfNumpy(header) : recordsOfDbase(header);
  if (records === undefined) return undefined;
  const { start, bounds } = records;
  const size = bounds.at(-1)!;
  return (offset) => {
    if (offset < start) return undefined;
    const row = offset - ((offset - start) % size);
    const next = bounds.findIndex((bound) => row + bound > offset);
    return { start: row + bounds[next - 1]!, end: row + bounds[next]! };
  };
}

function recordsOfNumpy(header: Buffer): Records | undefined {
  const isShort = header[6] === 1;
  const begin = isShort ? 10 : 12;
  const start = begin + (isShort ? header.readUInt16LE(8) : header.readUInt32LE(8));
  const text = header.toString('latin1', begin, start);
  const described = /'descr': (.*?), 'fortran_order'/s.exec(text)?.[1] ?? '';
  const sizes = [...described.matchAll(TYPES)].map(
    ([, kind, size, many]) => Number(size) * (kind === 'U' ? 4 : 1) * Number(many ?? 1),
  );
  return recordsOf(start, sizes);
}

function recordsOfDbase(header: Buffer): Records | undefined {
  const start = header.readUInt16LE(8);
  const size = header.readUInt16LE(10);
  const sizes = [1];
  for (let at = 32; at + 32 < Math.min(start, header.length) && header[at] !== 0x0d; at += 32)
    sizes.push(header[at + 16]!);
  return sizes.reduce((sum, each) => sum + each, 0) === size ? recordsOf(start, sizes) : undefined;
}

function recordsOf(start: number, sizes: readonly number[]): Records | undefined {
  const bounds = [0];
  for (const size of sizes) bounds.push(bounds.at(-1)! + size);
  const size = bounds.at(-1)!;
  return size > 0 && Number.isSafeInteger(size) ? { start, bounds } : undefined;
}
