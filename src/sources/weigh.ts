import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** How much work a target is, as far as it was looked at. */
export interface Weight {
  readonly files: number;
  /** Bytes of git packs. */
  readonly packed: number;
}

/**
 * Looks into folders until what is there exceeds `enough`, in one respect or the other. An estimate for deciding whether
 * threads are worth their start: what can't be read weighs nothing.
 */
export function weigh(target: string, enough: Weight): Weight {
  const folders = [target];
  let files = 0;
  let packed = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of entriesOf(folder)) {
      if (entry.isDirectory()) folders.push(join(folder, entry.name));
      else files += 1;
      if (entry.name.endsWith('.pack')) packed += sizeOf(join(folder, entry.name));
      if (files > enough.files || packed > enough.packed) return { files, packed };
    }
  }
  return { files, packed };
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}
