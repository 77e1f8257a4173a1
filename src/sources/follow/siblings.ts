import { type BigIntStats, closeSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { OPEN_FLAGS } from '../disk-access.js';

/** A file that lies beside a log and is called as it is, and more: `app.log.1`, `app.log-20250102`. */
export interface Sibling {
  readonly path: string;
  readonly id: FileId;
  readonly size: number;
  /** Milliseconds since 1970, where the file system records it. */
  readonly bornAt: number;
}

/** What tells two files apart as long as both are there: device and inode. */
export type FileId = string;

export function idOf({ dev, ino }: Pick<BigIntStats, 'dev' | 'ino'>): FileId {
  return `${dev}:${ino}`;
}

/** The siblings of a log, oldest first. What can't be looked at is none. */
export function siblingsOf(path: string): Sibling[] {
  const folder = dirname(path);
  const name = basename(path);
  return namesIn(folder)
    .filter((other) => other.length > name.length && other.startsWith(name))
    .map((other) => siblingAt(join(folder, other)))
    .filter((sibling) => sibling !== undefined)
    .sort((a, b) => a.bornAt - b.bornAt);
}

/** Whether a file holds exactly these bytes at this place. */
export function holds(path: string, bytes: Uint8Array, position: number): boolean {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, OPEN_FLAGS);
    return bytesFrom(descriptor, bytes.length, position).equals(bytes);
  } catch {
    return false;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Up to `length` bytes of an open file. */
export function bytesFrom(descriptor: number, length: number, position: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(descriptor, bytes, 0, length, position));
}

function siblingAt(path: string): Sibling | undefined {
  try {
    const stat = lstatSync(path, { bigint: true });
    if (!stat.isFile()) return undefined;
    return { path, id: idOf(stat), size: Number(stat.size), bornAt: Number(stat.birthtimeMs) };
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
