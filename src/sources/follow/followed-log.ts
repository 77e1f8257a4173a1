import { closeSync, openSync, statSync } from 'node:fs';
import { type Diagnostic, type DiagnosticReason, diagnostic } from '../../model/diagnostic.js';
import type { FileProvenance } from '../../model/provenance.js';
import { OPEN_FLAGS, reasonOf } from '../disk-access.js';
import { TargetError } from '../target-error.js';
import type { Followed, FollowNotes } from './followed.js';
import { isPacked, LogFile } from './log-file.js';
import { LogRecords } from './log-records.js';
import { bytesFrom, type FileId, idOf, siblingsOf } from './siblings.js';

/** Whoever writes may keep to a file that was moved away: it is read on until it has been quiet for this long. */
const LINGER_MS = 30_000;
/** Files that were moved away and are still read: those touched last. The last of them stays open however quiet it is, unless it is deleted. */
const LEFT_OPEN = 3;
/** Times of files are this coarse. */
const COARSE_MS = 20;
const COMPRESSED = /\.(gz|bz2|xz|zst|lz4|Z|zip)$/;

/**
 * A log, by its path, whatever stands there: it may be moved away and made anew, emptied in place after it was copied,
 * deleted, led elsewhere by its symbolic link, or not be there yet. Each file that stands there is read from its beginning
 * to its end, the older before the newer, and further on as long as somebody may still write to it.
 */
export class FollowedLog implements Followed {
  readonly name: string;
  readonly isOver = false;
  readonly #notes: FollowNotes;
  readonly #fromEnd: boolean;
  readonly #records: LogRecords;
  readonly #losses = new Map<string, { readonly reason: DiagnosticReason; times: number }>();
  /** Open files, oldest first. */
  #files: LogFile[] = [];
  #current: LogFile | undefined;
  /** Those that are no longer read, though somebody may write to them. */
  readonly #left = new WeakSet<LogFile>();
  /** Milliseconds since 1970. */
  #lookedAt = Date.now();
  /** The files beside it that are none of its past: they were there before. */
  #beside: ReadonlySet<FileId>;
  /** Those that were moved on between being listed and being opened: to be opened at the next look. */
  #moved = new Set<FileId>();
  /** What keeps the path from being opened at present, and of which file. */
  #fault: { readonly detail: string; readonly id?: FileId } | undefined;
  #isAwaited = false;
  /** The trouble that was last spoken of. */
  #said: string | undefined;

  /** @throws {TargetError} for what can't be followed. That nothing is there yet is no error. */
  constructor(path: string, notes: FollowNotes, fromEnd = false) {
    assertFollowable(path);
    this.name = path;
    this.#notes = notes;
    this.#fromEnd = fromEnd;
    this.#records = new LogRecords(path);
    this.#beside = new Set(siblingsOf(path).map(({ id }) => id));
    this.look();
  }

  look(): readonly LogFile[] {
    let isStirred = false;
    for (const file of this.#files) {
      if (!file.isOver && file.check()) isStirred = true;
      if (file.isEmptied && !file.isOver) this.#replaceEmptied(file);
      if (file.fault !== undefined) this.#sayOnce(file.fault.detail);
    }
    const there = this.#stat();
    const isMoved = this.#moved.size > 0 || there === undefined || this.#current?.id !== there;
    if (isStirred || isMoved) this.#openMissed(there);
    this.#lookedAt = Date.now();
    if (there !== undefined && this.#current?.id !== there) this.#switchTo(there);
    const current = this.#current;
    if (current !== undefined && current.id === there) {
      if (current.fault === undefined) this.#said = undefined;
      if (current.fault?.reason === 'unreadable') this.#reopen(current);
      else this.#settleFault(there);
    }
    this.#leaveQuiet(there);
    return this.#files;
  }

  release(file: LogFile): void {
    if (file.fault !== undefined) this.#lose(file.fault.reason, file.fault.detail);
    this.#files = this.#files.filter((other) => other !== file);
    if (this.#current === file) this.#current = undefined;
    file.close();
  }

  unread(): Diagnostic[] {
    const where: FileProvenance = { kind: 'file', path: this.name };
    const lost = [...this.#losses].map(([detail, { reason, times }]) =>
      diagnostic(where, reason, times === 1 ? detail : `${detail} (${times} times)`),
    );
    for (const { path, bytes } of this.#records.grown((file) => this.#left.has(file))) {
      const detail = `${bytes} bytes were written to ${path} when it was no longer read: moved away, and quiet for ${LINGER_MS / 1000} seconds or older than ${LEFT_OPEN} others`;
      lost.push(diagnostic(where, 'unreadable', detail));
    }
    const faults = this.#files.flatMap(({ fault }) => (fault === undefined ? [] : [{ ...fault, where }]));
    if (this.#fault !== undefined) lost.push(diagnostic(where, 'unreadable', this.#fault.detail));
    else if (this.#records.count === 0) {
      lost.push(diagnostic(where, 'unreadable', 'there was no such file as long as it was waited for'));
    }
    return [...lost, ...faults];
  }

  placer(): (where: FileProvenance) => FileProvenance {
    return this.#records.placer();
  }

  close(): void {
    for (const file of this.#files.splice(0)) file.close();
    this.#current = undefined;
  }

  /** Which file stands under the path now. */
  #stat(): FileId | undefined {
    try {
      const stat = statSync(this.name, { bigint: true });
      if (stat.isFile()) return idOf(stat);
      this.#cannot('what stands there now is not a file');
    } catch (error) {
      if (isMissing(error)) this.#waits();
      else this.#cannot(reasonOf(error));
    }
    return undefined;
  }

  #waits(): void {
    if (this.#records.count === 0 && !this.#isAwaited) {
      this.#notes.say(`${this.name} does not exist yet; waiting for it`);
    }
    this.#isAwaited = true;
    this.#settleFault(undefined);
  }

  #cannot(detail: string, id?: FileId): void {
    if (this.#fault?.detail === detail && this.#fault.id === id) return;
    this.#settleFault(id);
    this.#sayOnce(detail);
    this.#fault = { detail, ...(id === undefined ? {} : { id }) };
  }

  /** @param id what stands there now. Where that is not what could not be opened, that was never read. */
  #settleFault(id: FileId | undefined): void {
    if (this.#fault?.id !== undefined && this.#fault.id !== id) this.#lose('unreadable', this.#fault.detail);
    this.#fault = undefined;
  }

  #switchTo(id: FileId): void {
    const known = this.#files.find((file) => file.id === id && !file.isOver);
    if (known !== undefined) {
      this.#files = [...this.#files.filter((file) => file !== known), known];
      this.#current = known;
      return;
    }
    const file = this.#open(this.name, id);
    if (file === undefined) return;
    if (this.#current !== undefined) {
      this.#current.stirredAt = Date.now();
      this.#notes.detail(`${this.name} was replaced; the new file is read from its beginning`);
    } else if (this.#isAwaited) this.#notes.say(`${this.name} is there now`);
    this.#isAwaited = false;
    this.#current = file;
  }

  /**
   * @param id what is expected there; another file may stand there by now
   * @param isThatAlone whether another one is left alone
   */
  #open(path: string, id: FileId, isThatAlone = false): LogFile | undefined {
    try {
      const isFirst = this.#records.count === 0 && !this.#isAwaited;
      const file = new LogFile(path, this.#records.next(), this.#fromEnd && isFirst);
      if (isThatAlone && file.id !== id) {
        file.close();
        return undefined;
      }
      this.#settleFault(file.id);
      this.#records.add(file, path);
      this.#files.push(file);
      return file;
    } catch (error) {
      if (!isMissing(error)) this.#cannot(reasonOf(error), id);
      return undefined;
    }
  }

  /** Its disk may have come back: then what was open of it stays broken. */
  #reopen(file: LogFile): void {
    try {
      file.reopen(this.name);
    } catch (error) {
      this.#cannot(reasonOf(error), file.id);
    }
  }

  /**
   * Files that came and went between two looks: they are beside it, and were born since the last one.
   * @param there the file that stands under the path now
   */
  #openMissed(there: FileId | undefined): void {
    const siblings = siblingsOf(this.name);
    const known = new Set([...this.#files.map((file) => file.id), ...this.#beside, there]);
    const moved = new Set<FileId>();
    for (const { id, path, bornAt } of siblings) {
      const isNew = !known.has(id) && (this.#moved.has(id) || bornAt >= this.#lookedAt - COARSE_MS);
      if (!isNew || COMPRESSED.test(path) || this.#open(path, id, true) !== undefined) continue;
      // What can't be opened was said so, once.
      if (this.#fault?.id !== id) moved.add(id);
    }
    this.#moved = moved;
    this.#beside = new Set(siblings.map(({ id }) => id).filter((id) => !moved.has(id)));
  }

  /** What was written last is read from the copy that was made of it before it was emptied, where there is one. */
  #replaceEmptied(file: LogFile): void {
    const { id } = file;
    const siblings = siblingsOf(this.name);
    const copies = siblings.filter(({ path }) => file.isCopiedTo(path)).sort((a, b) => b.size - a.size);
    if (!copies.some(({ path }) => file.goOnIn(path))) {
      file.finish();
      this.#lose(
        'unreadable',
        'it was emptied, and there is no copy of it: what was written to it right before may be missing',
      );
    }
    this.#notes.detail(`${this.name} was emptied; it is read from its beginning`);
    if (this.#current === file) this.#current = undefined;
    // It may have been filled again, and moved away after that.
    const moved = siblings.find((sibling) => sibling.id === id);
    if (moved !== undefined) this.#open(moved.path, id);
  }

  /** Lets go of files that nobody writes to any more. */
  #leaveQuiet(there: FileId | undefined): void {
    // A writer may keep to what was moved away last. That need not be the youngest: copies are made of older files. Where
    // both were touched at the same moment, for times are coarse, the copy is the younger.
    const left = this.#files
      .filter((file) => !file.isOver && file.id !== there)
      .map((file) => ({ file, ...file.times() }))
      .sort((a, b) => Number(a.touched - b.touched) || Number(b.born - a.born));
    const now = Date.now();
    for (const [index, { file }] of left.entries()) {
      const isQuiet = now - file.stirredAt >= LINGER_MS;
      const isNewest = index === left.length - 1;
      if (left.length - index > LEFT_OPEN || (isQuiet && (!isNewest || file.isDeleted))) {
        file.finish();
        this.#left.add(file);
      }
    }
  }

  #lose(reason: DiagnosticReason, detail: string): void {
    const known = this.#losses.get(detail);
    if (known === undefined) {
      this.#losses.set(detail, { reason, times: 1 });
      this.#sayOnce(detail);
    } else known.times += 1;
  }

  #sayOnce(trouble: string): void {
    if (trouble !== this.#said) this.#notes.say(`${this.name}: ${trouble}`);
    this.#said = trouble;
  }
}

/** @throws {TargetError} for what is there and is no log. */
function assertFollowable(path: string): void {
  let head: Buffer;
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) {
      throw new TargetError(path, 'is a folder: name the logs in it, for example with *.log');
    }
    if (!stat.isFile())
      throw new TargetError(path, 'is a socket or a device: only files and pipes can be followed');
    head = headOf(path);
  } catch (error) {
    if (error instanceof TargetError) throw error;
    return;
  }
  if (isPacked(head))
    throw new TargetError(path, 'is compressed, and does not grow: scan it without --follow');
}

function headOf(path: string): Buffer {
  const descriptor = openSync(path, OPEN_FLAGS);
  try {
    return bytesFrom(descriptor, 512, 0);
  } finally {
    closeSync(descriptor);
  }
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
