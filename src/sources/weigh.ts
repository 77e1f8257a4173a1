import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isPlainFile } from './plain-file.js';

/** How much work a target is, as far as it was looked at. */
export interface Weight {
  readonly files: number;
  /** Bytes of git packs. */
  readonly packed: number;
  /** Bytes of the indexes of one repository's packs, where it has the most of those that were seen. */
  readonly indexed: number;
  /** The lengths of files that are worth being divided, by path. */
  readonly long: ReadonlyMap<string, number>;
}

/** A file of this length takes one thread as long as another takes to start. */
const LONG = 192 * 1024 * 1024;
/** Where the packs of a repository lie. */
const PACKS = ['.git/objects/pack', 'objects/pack'];

/**
 * Looks into folders until what is there exceeds `enough`, in one respect or the other; then no file is called long. An
 * estimate for deciding whether threads are worth their start: what can't be read weighs nothing.
 */
export function weigh(
  target: string,
  enough: { readonly files: number; readonly packed: number },
  deep: boolean,
): Weight {
  const folders = [target];
  const paths: string[] = isFile(target) ? [target] : [];
  let packed = 0;
  let indexed = Math.max(...PACKS.map((folder) => indexedIn(`${target}/${folder}`)));
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    if (folder.endsWith('/objects/pack')) indexed = Math.max(indexed, indexedIn(folder));
    for (const entry of entriesOf(folder)) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) folders.push(path);
      else paths.push(path);
      if (entry.name.endsWith('.pack')) packed += sizeOf(path);
      if (paths.length > enough.files || packed > enough.packed) {
        return { files: paths.length, packed, indexed, long: new Map() };
      }
    }
  }
  return { files: paths.length, packed, indexed, long: longOf(target, paths, deep) };
}

function indexedIn(folder: string): number {
  const indexes = entriesOf(folder).filter(({ name }) => name.endsWith('.idx'));
  return indexes.reduce((sum, { name }) => sum + sizeOf(`${folder}/${name}`), 0);
}

function longOf(target: string, paths: readonly string[], deep: boolean): Map<string, number> {
  const long = new Map<string, number>();
  for (const path of paths) {
    const size = sizeOf(path);
    // A walk names what it finds in a folder without `.` and `//`.
    if (size >= LONG && isPlainFile(path, deep)) long.set(path === target ? path : join(path), size);
  }
  return long;
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}
