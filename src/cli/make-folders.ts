import { chownSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder, and those above it that are missing, for their user alone. Each belongs to whom the folder around it
 * belongs to: what a management agent makes as root in somebody's home must not shut its owner out.
 *
 * Step by step, because `mkdirSync` never ends by itself where a system says of a folder that is there that it is not
 * (`/proc`, homes that are mounted when they are looked at).
 */
export function makeFolders(path: string): void {
  if (isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolders(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && isFolder(path)) return;
    throw error;
  }
  const { uid, gid } = statSync(parent);
  if (process.getuid?.() === 0) chownSync(path, uid, gid);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
