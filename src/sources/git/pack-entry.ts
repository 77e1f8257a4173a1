import type { ObjectType } from '../../model/provenance.js';

/** Type numbers of pack entries (gitformat-pack). */
export const OFS_DELTA = 6;
export const REF_DELTA = 7;

const TYPES: readonly (ObjectType | undefined)[] = [undefined, 'commit', 'tree', 'blob', 'tag'];

export function typeOf(number: number): ObjectType | undefined {
  return TYPES[number];
}

export function numberOf(type: ObjectType): number {
  return TYPES.indexOf(type);
}

/** Longest header: 10 bytes of type and size, then 10 bytes of offset or an object ID. */
export const LONGEST_HEADER = 10 + 32;

/** What stands before the compressed bytes of an entry. Reused: {@link parseEntryHeader} fills it. */
export interface EntryHeader {
  type: number;
  /** Bytes that the compressed part claims to become. */
  size: number;
  /** Length of the header itself. */
  length: number;
  /** OFS_DELTA: how far before this entry its base begins. */
  distance: number;
  /** REF_DELTA: where in the bytes given the ID of its base stands. */
  baseAt: number;
}

export function newEntryHeader(): EntryHeader {
  return { type: 0, size: 0, length: 0, distance: 0, baseAt: 0 };
}

/** Reads the header at `at`; false when it is cut short or has a type or a number that git doesn't write. */
export function parseEntryHeader(
  bytes: Uint8Array,
  at: number,
  idBytes: number,
  header: EntryHeader,
): boolean {
  let position = at;
  let byte = bytes[position++];
  if (byte === undefined) return false;
  header.type = (byte >> 4) & 7;
  let size = byte & 15;
  let scale = 16;
  while ((byte & 0x80) !== 0) {
    byte = bytes[position++];
    if (byte === undefined || scale > Number.MAX_SAFE_INTEGER / 128) return false;
    size += (byte & 0x7f) * scale;
    scale *= 128;
  }
  header.size = size;
  if (header.type === OFS_DELTA) {
    byte = bytes[position++];
    if (byte === undefined) return false;
    let distance = byte & 0x7f;
    while ((byte & 0x80) !== 0) {
      byte = bytes[position++];
      if (byte === undefined || distance > Number.MAX_SAFE_INTEGER / 256) return false;
      distance = (distance + 1) * 128 + (byte & 0x7f);
    }
    header.distance = distance;
  } else if (header.type === REF_DELTA) {
    header.baseAt = position;
    position += idBytes;
    if (position > bytes.length) return false;
  } else if (typeOf(header.type) === undefined) {
    return false;
  }
  header.length = position - at;
  return true;
}
