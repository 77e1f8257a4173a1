import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fchownSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Misuse } from '../model/misuse.js';
import { makeFolders } from './make-folders.js';
import { refuseSpecial } from './replaceable.js';
import { writeWhole } from './whole-write.js';

/**
 * Replaces a file whole or not at all: written beside it (mode 0600), synced, renamed over it. Whoever owned the file,
 * or the folder that it is new in, owns it afterwards: a management agent writes as root what a user has to read.
 *
 * @throws {Misuse} when the path leads through a link that somebody else than the file's owner may have put there, or to
 *   what is no file.
 */
export function writeAtomically(path: string, content: string | Uint8Array): void {
  refuseSpecial(path);
  const target = trueTarget(path);
  const folder = dirname(target);
  makeFolders(folder);
  const owner = statSync(target, { throwIfNoEntry: false }) ?? statSync(folder);
  const temporary = join(folder, `${draftName(target)}${randomBytes(8).toString('hex')}`);
  const fd = openSync(temporary, 'wx', 0o600);
  try {
    if (isRoot()) fchownSync(fd, owner.uid, owner.gid);
    const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
    writeWhole(fd, bytes);
    fsyncSync(fd);
    closeSync(fd);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(folder);
}

/** Removes what runs left that were killed while they wrote this file: it holds a token. Only for who holds its lock. */
export function removeDrafts(path: string): void {
  const target = trueTarget(path);
  const folder = dirname(target);
  const name = draftName(target);
  for (const each of readdirSync(folder)) {
    if (each.startsWith(name) && /^[0-9a-f]{16}$/.test(each.slice(name.length))) {
      rmSync(join(folder, each), { force: true });
    }
  }
}

function draftName(target: string): string {
  return `.guardsweep-${basename(target)}-`;
}

/** A link is followed where its target is its owner's own: people keep their dot files elsewhere. */
function trueTarget(path: string): string {
  const link = lstatSync(path, { throwIfNoEntry: false });
  if (link?.isSymbolicLink() !== true) return path;
  const target = realpathSync(path);
  if (isRoot() && statSync(target).uid !== link.uid) {
    throw new Misuse(`${path} is a link to a file of another owner; name the file itself`);
  }
  return target;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The rename survives a power cut only once the folder is on disk too. Some systems can't sync a folder. */
function syncFolder(folder: string): void {
  try {
    const fd = openSync(folder, 'r');
    fsyncSync(fd);
    closeSync(fd);
  } catch {}
}
