import type { Provenance } from '../model/provenance.js';

/**
 * Files under one root, read synchronously and without running anything: a folder on disk, or the members of a
 * container. Paths are relative to the root, separated by `/`, and the root itself is `''`. Names are byte strings, one
 * character per byte (latin1), so that a name in any encoding survives; `textOfPath` makes them readable.
 */
export interface FileTree {
  /** The entries of a folder; empty where there is none. Throws `SourceFault` when the folder can't be read. */
  list(folder: string): readonly TreeEntry[];
  /** A regular file (never a link's target), or undefined where there is none. Throws `SourceFault` when it can't be opened. */
  open(path: string): RandomAccess | undefined;
  /** How a report names this path. */
  whereOf(path: string): Provenance;
}

export interface TreeEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'symlink' | 'other';
}

/** Bytes that can be read at any place, any number of times. */
export interface RandomAccess {
  readonly size: number;
  /** Reads up to `into.length` bytes at `position`; the count, 0 at or after the end. Throws `SourceFault`. */
  readAt(position: number, into: Uint8Array): number;
  close(): void;
  /** How another thread reads a part of the same bytes, until `close()`. Undefined where it cannot. */
  shared?(start: number, size: number): SharedBytes | undefined;
  /** The files that it was cut into, where it was. */
  readonly volumes?: readonly Volume[];
}

/** One of the files that an archive was cut into, and where its bytes begin in the whole. */
export interface Volume {
  readonly name: string;
  readonly start: number;
  readonly size: number;
}

/**
 * Bytes that any thread of the process can read: `size` of them from `start` on, in an open file, in memory, or in pieces of
 * these one behind the other.
 */
export type SharedBytes = { readonly start: number; readonly size: number } & (
  | { readonly descriptor: number }
  | { readonly bytes: SharedArrayBuffer }
  | { readonly pieces: readonly SharedBytes[] }
);

/** Joins paths of a {@link FileTree}, whose root is `''`. */
export function joinPath(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** Resolves `.` and `..` in `path`, relative to `folder`; undefined when it leads out of the tree. */
export function resolveInside(folder: string, path: string): string | undefined {
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}
