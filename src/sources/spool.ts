import {
  closeSync,
  ftruncateSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ByteStream } from '../model/source.js';
import type { RandomAccess, SharedBytes } from './file-tree.js';
import { AccessStream, MemoryAccess, PartsAccess, WindowAccess } from './random-access.js';

/** A stream that never makes its reader wait. */
export interface SyncStream extends ByteStream {
  read(into: Uint8Array): number;
}

export interface SpoolWriter {
  write(bytes: Uint8Array): void;
  /** What was written, readable at any place. */
  end(): RandomAccess;
}

const FOLDER = /^guardsweep-spool-(\d+)-/;
const CHUNK = 256 * 1024;

/**
 * Keeps bytes that arrive once and must be read at any place: in memory up to a limit, above it in one file of a
 * private folder (0700). The file has a name of ours and is unlinked as soon as it is open, so that a killed run leaves
 * an empty folder at most; the next run that spools removes it.
 */
export class Spool {
  readonly #memory: number;
  #inMemory = 0;
  #file: number | undefined;
  #fileEnd = 0;
  #fileUsers = 0;
  #folder: string | undefined;

  /** @param memory how many bytes it may hold in memory, all that is kept at one time together. */
  constructor(memory: number) {
    this.#memory = memory;
  }

  /** Reads a stream to its end. Closing what comes back frees it. */
  async keep(stream: ByteStream): Promise<RandomAccess> {
    const writer = this.writer();
    try {
      for (;;) {
        const chunk = Buffer.allocUnsafe(CHUNK);
        const reading = stream.read(chunk);
        const count = typeof reading === 'number' ? reading : await reading;
        if (count === 0) return writer.end();
        writer.write(count < CHUNK / 2 ? Buffer.from(chunk.subarray(0, count)) : chunk.subarray(0, count));
      }
    } catch (error) {
      writer.end().close();
      throw error;
    }
  }

  /** The same for a stream that answers at once, as what is unpacked from random access does. */
  keepNow(stream: SyncStream): RandomAccess {
    const writer = this.writer();
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK);
      const count = stream.read(chunk);
      if (count === 0) return writer.end();
      writer.write(chunk.subarray(0, count));
    }
  }

  /**
   * For who pushes bytes. They are kept, not copied. One writer at a time.
   * @param long whether they are many, so that none of them need to be in memory
   */
  writer(long = false): SpoolWriter {
    const parts: Uint8Array[] = [];
    let size = 0;
    let start: number | undefined;
    return {
      write: (bytes) => {
        size += bytes.length;
        if (start === undefined && (long || this.#inMemory + size > this.#memory))
          start = this.#spill(parts.splice(0));
        if (start === undefined) parts.push(bytes);
        else this.#append(bytes);
      },
      end: () => (start === undefined ? this.#hold(parts, size) : this.#window(start, size)),
    };
  }

  /** Copies bytes, so that they outlive the buffer they are in. */
  copy(bytes: Uint8Array): RandomAccess {
    if (this.#inMemory + bytes.length <= this.#memory) return this.#hold([Buffer.from(bytes)], bytes.length);
    return this.#window(this.#spill([bytes]), bytes.length);
  }

  /** Frees everything that was kept. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.#file = this.#folder = undefined;
    this.#fileEnd = this.#fileUsers = this.#inMemory = 0;
  }

  #hold(parts: readonly Uint8Array[], size: number): RandomAccess {
    this.#inMemory += size;
    return new Kept(parts.length === 1 ? new MemoryAccess(parts[0]!) : new PartsAccess(parts, size), () => {
      this.#inMemory -= size;
    });
  }

  #window(start: number, size: number): RandomAccess {
    const file: RandomAccess = {
      size: this.#fileEnd,
      readAt: (position, into) => readSync(this.#file!, into, 0, into.length, position),
      close: () => {},
      shared: (from, length) => ({ descriptor: this.#file!, start: from, size: length }),
    };
    return new Kept(new WindowAccess(file, start, size), () => this.#release());
  }

  #spill(parts: readonly Uint8Array[]): number {
    if (this.#file === undefined) {
      removeStaleSpools();
      this.#folder = mkdtempSync(join(tmpdir(), `guardsweep-spool-${process.pid}-`));
      const path = join(this.#folder, 'spool');
      this.#file = openSync(path, 'wx+', 0o600);
      removeIfAllowed(path);
    }
    this.#fileUsers += 1;
    const start = this.#fileEnd;
    for (const part of parts) this.#append(part);
    return start;
  }

  #append(bytes: Uint8Array): void {
    let written = 0;
    while (written < bytes.length) {
      written += writeSync(this.#file!, bytes, written, bytes.length - written, this.#fileEnd + written);
    }
    this.#fileEnd += bytes.length;
  }

  #release(): void {
    this.#fileUsers -= 1;
    if (this.#fileUsers > 0 || this.#file === undefined) return;
    ftruncateSync(this.#file);
    this.#fileEnd = 0;
  }
}

/** Bytes in a spool. `pin()` makes them outlive `close()`, until the spool itself is closed. */
class Kept implements RandomAccess {
  readonly size: number;
  readonly #bytes: RandomAccess;
  #free: (() => void) | undefined;

  constructor(bytes: RandomAccess, free: () => void) {
    this.#bytes = bytes;
    this.#free = free;
    this.size = bytes.size;
  }

  readAt(position: number, into: Uint8Array): number {
    return this.#bytes.readAt(position, into);
  }

  close(): void {
    this.#free?.();
    this.#free = undefined;
  }

  shared(start: number, size: number): SharedBytes | undefined {
    return this.#bytes.shared?.(start, size);
  }

  pin(): void {
    this.#free = undefined;
  }
}

/** What `content` holds, readable at any place; what arrives once goes to the spool. */
export async function accessOf(content: Uint8Array | ByteStream, spool: Spool): Promise<RandomAccess> {
  if (content instanceof Uint8Array) return new MemoryAccess(content, true);
  return content instanceof AccessStream ? content.access : spool.keep(content);
}

/** The same bytes, readable until the spool is closed, whatever happens to what they were read from. */
export function pin(access: RandomAccess, spool: Spool): RandomAccess {
  if (access instanceof WindowAccess) {
    return new WindowAccess(pin(access.whole, spool), access.start, access.size);
  }
  if (access instanceof MemoryAccess && access.lent) return spool.copy(access.bytes);
  if (access instanceof Kept) access.pin();
  return access;
}

/** Removes what runs that were killed left behind: folders of ours whose process is gone. */
export function removeStaleSpools(): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = FOLDER.exec(name)?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    const path = join(tmpdir(), name);
    try {
      // Anybody may make a folder or a link of this name: what is not a folder of this user is left alone.
      const stat = lstatSync(path);
      if (stat.isDirectory() && stat.uid === process.getuid?.())
        rmSync(path, { recursive: true, force: true });
    } catch {
      // Another run removed it first.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Windows keeps open files: there the folder goes when the spool is closed. */
function removeIfAllowed(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    return;
  }
}
