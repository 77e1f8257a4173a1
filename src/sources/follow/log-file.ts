import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type Diagnostic, diagnostic } from '../../model/diagnostic.js';
import type { FileProvenance } from '../../model/provenance.js';
import { PACKED } from '../archive/reader.js';
import { sniff } from '../archive/sniff.js';
import { OPEN_FLAGS, reasonOf } from '../disk-access.js';
import type { FollowedBytes } from './followed.js';
import { bytesFrom, type FileId, holds, idOf } from './siblings.js';

/** Bytes of the beginning, and before the place that is read next, by which a file is known again. */
const HEAD = 256;
const TAIL = 1024;

/**
 * One file that stood under a log's path. It is kept open while it may grow, under whatever name. Before bytes are
 * believed to follow those that were read, the last of these must still stand where they did: a log that was emptied and
 * filled again may be longer than before.
 */
export class LogFile implements FollowedBytes {
  readonly where: FileProvenance;
  readonly from: number;
  #id: FileId;
  #descriptor: number;
  #position = 0;
  #head = Buffer.alloc(0);
  #tail = Buffer.alloc(0);
  #changed: bigint;
  #isEmptied = false;
  #isLast = false;
  /** What keeps it from being read at present. */
  fault: Diagnostic | undefined;
  /** When bytes last came, or when another took its place; milliseconds since 1970. */
  stirredAt = Date.now();

  /** @param fromEnd whether what stands in it now is not told. @throws what the system says, or that it is no file. */
  constructor(path: string, where: FileProvenance, fromEnd = false) {
    this.where = where;
    this.#descriptor = openSync(path, OPEN_FLAGS);
    const stat = fstatSync(this.#descriptor, { bigint: true });
    if (!stat.isFile()) {
      this.close();
      throw new Error('what stands there now is not a file');
    }
    this.#id = idOf(stat);
    this.#changed = stat.mtimeNs;
    this.from = fromEnd ? Number(stat.size) : 0;
  }

  get id(): FileId {
    return this.#id;
  }

  get position(): number {
    return this.#position;
  }

  /** Its first bytes, as far as they were read. */
  get head(): Uint8Array {
    return this.#head;
  }

  /** Whether it was emptied: what was read of it is no longer there. */
  get isEmptied(): boolean {
    return this.#isEmptied;
  }

  get isOver(): boolean {
    return this.#isLast;
  }

  /** Whether no folder names it any more. */
  get isDeleted(): boolean {
    try {
      return fstatSync(this.#descriptor).nlink === 0;
    } catch {
      return false;
    }
  }

  /** When it was made, and when it was last written to or given another name, in nanoseconds since 1970; 0 where that can't be told. */
  times(): { readonly born: bigint; readonly touched: bigint } {
    try {
      const { birthtimeNs, ctimeNs } = fstatSync(this.#descriptor, { bigint: true });
      return { born: birthtimeNs, touched: ctimeNs };
    } catch {
      return { born: 0n, touched: 0n };
    }
  }

  read(into: Uint8Array): number {
    if (this.#isEmptied || this.fault?.reason === 'unsupported') return 0;
    try {
      const count = readSync(this.#descriptor, into, 0, into.length, this.#position);
      this.fault = undefined;
      if (count === 0) return 0;
      this.#isEmptied = !this.#tailStands();
      return this.#isEmptied ? 0 : this.#took(into.subarray(0, count));
    } catch (error) {
      this.fault = diagnostic(this.where, 'unreadable', reasonOf(error));
      return 0;
    }
  }

  /**
   * Looks whether it is still what was read of it.
   * @returns whether something was done to it before any of it was read: it may have been filled and emptied again.
   */
  check(): boolean {
    try {
      const { size, mtimeNs } = fstatSync(this.#descriptor, { bigint: true });
      if (Number(size) === this.#position && mtimeNs === this.#changed) return false;
      const isNews = mtimeNs !== this.#changed;
      this.#changed = mtimeNs;
      this.#isEmptied = !this.#tailStands();
      return isNews && this.#position === 0;
    } catch (error) {
      this.fault = diagnostic(this.where, 'unreadable', reasonOf(error));
      return false;
    }
  }

  remaining(): number {
    if (this.#isEmptied || this.fault !== undefined) return 0;
    try {
      return Math.max(0, fstatSync(this.#descriptor).size - this.#position);
    } catch {
      return 0;
    }
  }

  /** Nobody writes to it any more. */
  finish(): void {
    this.#isLast = true;
  }

  /** Reads on through another descriptor. @throws what the system says; then it stays as it was. */
  reopen(path: string): void {
    const descriptor = openSync(path, OPEN_FLAGS);
    closeSync(this.#descriptor);
    this.#descriptor = descriptor;
  }

  /** Whether a file is a copy of this one, as long or longer. */
  isCopiedTo(path: string): boolean {
    return holds(path, this.#head, 0) && holds(path, this.#tail, this.#position - this.#tail.length);
  }

  /** Goes on in a copy of it that was made before it was emptied: there stands what was written last. */
  goOnIn(path: string): boolean {
    try {
      this.reopen(path);
      this.#id = idOf(fstatSync(this.#descriptor, { bigint: true }));
    } catch {
      return false;
    }
    this.#isEmptied = false;
    this.#isLast = true;
    return true;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #took(bytes: Uint8Array): number {
    if (this.#position === 0 && isPacked(bytes)) {
      this.fault = diagnostic(this.where, 'unsupported', 'it is compressed: scan it without --follow');
      return 0;
    }
    if (this.#head.length < HEAD) {
      this.#head = Buffer.concat([this.#head, bytes.subarray(0, HEAD - this.#head.length)]);
    }
    this.#tail = Buffer.from(
      bytes.length >= TAIL ? bytes.subarray(-TAIL) : Buffer.concat([this.#tail, bytes]).subarray(-TAIL),
    );
    this.#position += bytes.length;
    this.stirredAt = Date.now();
    return bytes.length;
  }

  #tailStands(): boolean {
    const { length } = this.#tail;
    return bytesFrom(this.#descriptor, length, this.#position - length).equals(this.#tail);
  }
}

/** Whether these first bytes of a file are those of a compressed one. */
export function isPacked(head: Uint8Array): boolean {
  const format = sniff(head);
  return format !== undefined && PACKED.has(format);
}
