import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import type { Damage } from './decoded-stream.js';
import { SHORTEST_NAME } from './found.js';

/** What the central directory and a local header both say of a member. Sizes are claims, in bytes. */
export interface ZipHeader {
  readonly name: Buffer;
  readonly flags: number;
  readonly method: number;
  readonly checksum: number;
  /** Of its last change, in DOS form. */
  readonly time: number;
  readonly extra: Buffer;
  readonly packed: number;
  readonly size: number;
}

/** One member as the central directory has it (APPNOTE 4.3.12). */
export interface ZipEntry extends ZipHeader {
  /** Where its local header stands, in bytes from the beginning of what is read. */
  readonly header: number;
  /** The volume that it says it lies in, from 1, where that is not among what is read. */
  readonly missingVolume?: number;
  /** Where its name or its comment ends in the directory, if what follows could be taken for more of it. */
  readonly seams: readonly number[];
}

/** Where the directory lies. `shift` is added to every offset: bytes before the archive (a program, a mail) are not counted in it. */
export interface ZipDirectory {
  readonly start: number;
  readonly end: number;
  readonly shift: number;
  /** Of the volume that it ends in, from 0: of what was not cut it is 0. */
  readonly lastDisk: number;
}

const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const ENTRY = 0x02014b50;
const END_SIZE = 22;
const LOCATOR_SIZE = 20;
/** The end record, the longest comment, and as much again of what is sometimes stuck on behind. */
const TAIL = 128 * 1024;
const WINDOW = 256 * 1024;
/** Fixed part, and name, extra field and comment of 64 KiB each. */
const LONGEST_ENTRY = 46 + 3 * 0xffff;
const FULL = 0xffffffff;

/** Finds the directory from its end record; undefined where there is none that leads to one. */
export function findDirectory(access: RandomAccess): ZipDirectory | undefined {
  const tailStart = Math.max(0, access.size - TAIL);
  const tail = bytesAt(access, tailStart, TAIL);
  for (let at = tail.lastIndexOf('PK\x05\x06', undefined, 'latin1'); at >= 0; ) {
    const directory = at + END_SIZE <= tail.length ? directoryOf(access, tail, tailStart, at) : undefined;
    if (directory !== undefined) return directory;
    at = at === 0 ? -1 : tail.lastIndexOf('PK\x05\x06', at - 1, 'latin1');
  }
  return undefined;
}

/** Whether there is an end record in a tail that may be believed, though its directory is lost: programs that read zips hold the mark, too. */
export function holdsEndRecord(tail: Buffer, tailStart: number): boolean {
  for (
    let at = tail.indexOf('PK\x05\x06', 0, 'latin1');
    at >= 0;
    at = tail.indexOf('PK\x05\x06', at + 1, 'latin1')
  )
    if (at + END_SIZE <= tail.length && isEndRecord(tail, at, tailStart + at)) return true;
  return false;
}

/** One disk, as many entries as on it, a directory before the record, a comment behind it (APPNOTE 4.3.16). */
function isEndRecord(tail: Buffer, at: number, position: number): boolean {
  const size = tail.readUInt32LE(at + 12);
  return (
    tail.readUInt32LE(at + 4) === 0 &&
    tail.readUInt16LE(at + 8) === tail.readUInt16LE(at + 10) &&
    (size <= position || size === FULL) &&
    at + END_SIZE + tail.readUInt16LE(at + 20) <= tail.length
  );
}

/** The members in the directory's order, until it ends or is damaged: the damage is returned. */
export function* directoryEntries(
  access: RandomAccess,
  directory: ZipDirectory,
): Generator<ZipEntry, Damage | undefined> {
  let window = bytesAt(access, directory.start, WINDOW);
  let windowStart = directory.start;
  let position = directory.start;
  while (position < directory.end) {
    if (position + LONGEST_ENTRY > windowStart + window.length && windowStart + window.length < access.size) {
      window = bytesAt(access, position, WINDOW);
      windowStart = position;
    }
    const at = position - windowStart;
    if (at + 46 > window.length || window.readUInt32LE(at) !== ENTRY) {
      return { at: position, detail: 'the directory of the zip is broken off here' };
    }
    const nameEnd = at + 46 + window.readUInt16LE(at + 28);
    const extraEnd = nameEnd + window.readUInt16LE(at + 30);
    const end = windowStart + extraEnd + window.readUInt16LE(at + 32);
    const disk = window.readUInt16LE(at + 34);
    const start = startOf(access, disk, directory.lastDisk);
    const hasText = nameEnd - at - 46 >= SHORTEST_NAME || end > windowStart + extraEnd;
    const seams = hasText ? [windowStart + nameEnd, end].slice(nameEnd === extraEnd ? 1 : 0) : [];
    const entry = entryAt(window, at, nameEnd, extraEnd, directory.shift + (start ?? 0), seams);
    yield start === undefined ? { ...entry, missingVolume: disk + 1 } : entry;
    position = end;
  }
  return undefined;
}

function entryAt(
  window: Buffer,
  at: number,
  nameEnd: number,
  extraEnd: number,
  shift: number,
  seams: readonly number[],
): ZipEntry {
  const sizes = zip64(window.subarray(nameEnd, extraEnd), [
    window.readUInt32LE(at + 24),
    window.readUInt32LE(at + 20),
    window.readUInt32LE(at + 42),
  ]);
  return {
    name: Buffer.from(window.subarray(at + 46, nameEnd)),
    flags: window.readUInt16LE(at + 8),
    method: window.readUInt16LE(at + 10),
    checksum: window.readUInt32LE(at + 16),
    time: window.readUInt16LE(at + 12),
    extra: Buffer.from(window.subarray(nameEnd, extraEnd)),
    size: sizes[0]!,
    packed: sizes[1]!,
    header: sizes[2]! + shift,
    seams,
  };
}

/** Replaces the values that are full (0xffffffff) by those of the zip64 extra field, in its order. */
export function zip64(extra: Buffer, values: readonly number[]): number[] {
  const field = extraField(extra, 1);
  let at = 0;
  return values.map((value) => {
    if (value !== FULL || field === undefined || at + 8 > field.length) return value;
    at += 8;
    return Number(field.readBigUInt64LE(at - 8));
  });
}

export function extraField(extra: Buffer, id: number): Buffer | undefined {
  for (let at = 0; at + 4 <= extra.length; ) {
    const size = extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === id) return extra.subarray(at + 4, at + 4 + size);
    at += 4 + size;
  }
  return undefined;
}

function directoryOf(
  access: RandomAccess,
  tail: Buffer,
  tailStart: number,
  at: number,
): ZipDirectory | undefined {
  let size = tail.readUInt32LE(at + 12);
  const lastDisk = tail.readUInt16LE(at + 4);
  let offset = tail.readUInt32LE(at + 16) + (startOf(access, tail.readUInt16LE(at + 6), lastDisk) ?? 0);
  let end = tailStart + at;
  const end64 = at >= LOCATOR_SIZE ? endRecord64(access, tail, at, end, lastDisk) : undefined;
  if (end64 !== undefined) ({ size, offset, end } = end64);
  // The offset that the record names comes first; where no directory stands there, it lies right before the record.
  for (const start of [offset, end - size]) {
    if (start < 0 || start > end) continue;
    if (start === end && size === 0) return { start, end, shift: 0, lastDisk };
    const mark = bytesAt(access, start, 4);
    if (mark.length === 4 && mark.readUInt32LE(0) === ENTRY)
      return { start, end, shift: start - offset, lastDisk };
  }
  return undefined;
}

function endRecord64(access: RandomAccess, tail: Buffer, at: number, end: number, lastDisk: number) {
  const locator = at - LOCATOR_SIZE;
  if (tail.readUInt32LE(locator) !== LOCATOR64) return undefined;
  const from = (disk: number) => startOf(access, disk, lastDisk) ?? 0;
  const named = Number(tail.readBigUInt64LE(locator + 8)) + from(tail.readUInt32LE(locator + 4));
  for (const start of [named, end - LOCATOR_SIZE - 56]) {
    if (start < 0 || start + 56 > access.size) continue;
    const record = bytesAt(access, start, 56);
    if (record.length === 56 && record.readUInt32LE(0) === END64) {
      return {
        size: Number(record.readBigUInt64LE(40)),
        offset: Number(record.readBigUInt64LE(48)) + from(record.readUInt32LE(20)),
        end: start,
      };
    }
  }
  return undefined;
}

/** Where a disk of a zip that was cut into volumes begins (APPNOTE 8.3): offsets count from there. */
function startOf({ volumes }: RandomAccess, disk: number, lastDisk: number): number | undefined {
  // Nobody counts disks where there is one, and what was cut as it is was one.
  if (lastDisk === 0) return 0;
  if (volumes === undefined) return disk === lastDisk ? 0 : undefined;
  const last = volumes.length - 1;
  if (disk === lastDisk) return volumes[last]!.start;
  return disk < last ? volumes[disk]!.start : undefined;
}
