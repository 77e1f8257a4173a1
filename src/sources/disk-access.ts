import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { diagnostic } from '../model/diagnostic.js';
import type { Provenance } from '../model/provenance.js';
import { SourceFault } from '../model/source.js';
import type { RandomAccess, SharedBytes } from './file-tree.js';

/** Not blocking: a path that was a file when it was listed may be a pipe by now. */
export const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
const NO_LINK = constants.O_NOFOLLOW ?? 0;

/**
 * A regular file on disk. It is opened when it is read, and again when it is read after `close()`: what needs it late
 * (attribution) does not hold a descriptor until then.
 */
export class DiskAccess implements RandomAccess {
  readonly #path: string | Buffer;
  readonly #where: Provenance;
  readonly #flags: number;
  #descriptor: number | undefined;
  #size: number | undefined;

  /** @param path as the system knows it, or its bytes. A symbolic link is refused unless `follow` is set. */
  constructor(path: string | Buffer, where: Provenance, follow = false) {
    this.#path = path;
    this.#where = where;
    this.#flags = follow ? OPEN_FLAGS : OPEN_FLAGS | NO_LINK;
  }

  get size(): number {
    this.#size ??= this.#attempt(() => fstatSync(this.#open()).size);
    return this.#size;
  }

  readAt(position: number, into: Uint8Array): number {
    return this.#attempt(() => readSync(this.#open(), into, 0, into.length, position));
  }

  close(): void {
    if (this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  shared(start: number, size: number): SharedBytes {
    return { descriptor: this.#attempt(() => this.#open()), start, size };
  }

  #open(): number {
    this.#descriptor ??= openSync(this.#path, this.#flags);
    return this.#descriptor;
  }

  #attempt<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw new SourceFault(diagnostic(this.#where, 'unreadable', reasonOf(error)), { cause: error });
    }
  }
}

/** What the system said, in words, without the path: the report names that itself. */
export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'permission denied: scan as a user who may read it';
    case 'ENOENT':
      return 'it vanished while it was being scanned';
    case 'ELOOP':
      return 'it became a symbolic link while it was being scanned';
    case 'EMFILE':
    case 'ENFILE':
      return 'too many open files: raise the limit (ulimit -n)';
    case 'ENAMETOOLONG':
      return 'its path is longer than the system can open: scan from a folder further inside';
    case 'EIO':
      return 'the disk could not read it (input/output error)';
    default:
      return code === undefined ? String(error) : `could not be read (${code})`;
  }
}
