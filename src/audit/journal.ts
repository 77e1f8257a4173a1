import { closeSync, constants, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { JournalEntry } from '../model/journal.js';
import { Misuse } from '../model/misuse.js';
import { type Chain, openJournalFile, readChain } from './chain.js';
import { type JournalLine, writeLine } from './line.js';
import { JournalLocked, lockJournal } from './lock.js';

export interface JournalOptions {
  /** Takes tokens out of text: messages of the service may quote one. */
  readonly redact: (text: string) => string;
  /** Whose tokens it is about: every run begins with that, so that nobody finishes it at another service. */
  readonly service?: string;
  readonly now?: () => Date;
}

export class JournalError extends Misuse {
  override readonly name = 'JournalError';
}

/**
 * The record of what is done to tokens: JSON lines, each naming the hash of the one before, each on disk before
 * `append` returns. One process writes at a time.
 */
export class Journal {
  readonly file: string;
  /** What stood in it when it was opened. */
  readonly earlier: readonly JournalLine[];
  readonly #fd: number;
  readonly #release: () => void;
  readonly #redact: (text: string) => string;
  readonly #service: string | undefined;
  readonly #now: () => Date;
  #seq: number;
  #head: string;
  #length: number;
  #failed: string | undefined;

  /**
   * Opens a journal to append to it, or begins one (mode 0600). A last line that a crash cut off is taken away: what it
   * announced never began, because `append` had not returned.
   *
   * @throws {JournalError} when it can't be opened or its chain is broken; JournalLocked while another process writes.
   */
  static open(file: string, options: JournalOptions): Journal {
    const release = lockOrExplain(file);
    let fd: number | undefined;
    try {
      fd = openJournalFile(file, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT);
      const earlier: JournalLine[] = [];
      const chain = readChain(fd, (line) => earlier.push(line));
      if (chain.broken !== undefined) {
        throw new JournalError(
          `${file} was altered: line ${chain.broken.line}: ${chain.broken.reason}. Nothing is appended to it; keep it as it is and use another --journal.`,
        );
      }
      ftruncateSync(fd, chain.length);
      fsyncSync(fd);
      syncFolder(file);
      return new Journal(file, fd, release, chain, earlier, options);
    } catch (error) {
      if (fd !== undefined) closeSync(fd);
      release();
      if (error instanceof JournalError) throw error;
      throw new JournalError(`The journal ${file} cannot be opened: ${messageOf(error)}.`, { cause: error });
    }
  }

  private constructor(
    file: string,
    fd: number,
    release: () => void,
    chain: Chain,
    earlier: readonly JournalLine[],
    options: JournalOptions,
  ) {
    this.file = file;
    this.earlier = earlier;
    this.#fd = fd;
    this.#release = release;
    this.#redact = options.redact;
    this.#service = options.service;
    this.#now = options.now ?? (() => new Date());
    this.#seq = chain.lines;
    this.#head = chain.head;
    this.#length = chain.length;
  }

  /**
   * Returns when the line is on disk.
   *
   * @throws {JournalError} when it can't be written; then and ever after: what a disk holds after a failed write or
   * fsync is not known, so nothing more may be done that would have to be recorded.
   */
  append(entry: JournalEntry): void {
    if (this.#failed !== undefined) throw new JournalError(this.#failed);
    const { text, hash } = writeLine(
      this.#clean(this.#signed(entry)),
      this.#seq + 1,
      this.#now().toISOString(),
      this.#head,
    );
    const bytes = Buffer.from(`${text}\n`);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
      fsyncSync(this.#fd);
    } catch (error) {
      this.#failed = `The journal ${this.file} cannot be written: ${messageOf(error)}. Nothing more is done.`;
      this.#takeBack();
      throw new JournalError(this.#failed, { cause: error });
    }
    this.#seq += 1;
    this.#head = hash;
    this.#length += bytes.length;
  }

  /** Why nothing more can be recorded, and so what was done last may not be; undefined while all is well. */
  get failure(): string | undefined {
    return this.#failed;
  }

  close(): void {
    this.#failed ??= `The journal ${this.file} is closed.`;
    closeSync(this.#fd);
    this.#release();
  }

  #signed(entry: JournalEntry): JournalEntry {
    if (entry.event !== 'RUN' || this.#service === undefined) return entry;
    return { ...entry, service: this.#service };
  }

  #clean(entry: JournalEntry): JournalEntry {
    return Object.fromEntries(
      Object.entries(entry).map(([name, value]) => [
        name,
        typeof value === 'string'
          ? this.#redact(value)
          : Array.isArray(value)
            ? value.map((each) => this.#redact(String(each)))
            : value,
      ]),
    ) as unknown as JournalEntry;
  }

  /** Half a line would be dropped at the next opening anyway; where the disk allows it, drop it now. */
  #takeBack(): void {
    try {
      ftruncateSync(this.#fd, this.#length);
    } catch {}
  }
}

function lockOrExplain(file: string): () => void {
  try {
    return lockJournal(file);
  } catch (error) {
    if (error instanceof JournalLocked) throw error;
    throw new JournalError(`The journal ${file} cannot be written: ${messageOf(error)}.`, { cause: error });
  }
}

/** A new file survives a power cut only once its folder is on disk too. Some systems can't sync a folder. */
function syncFolder(file: string): void {
  try {
    const fd = openSync(dirname(file), 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch {}
}

/** Without the call and the file that Node adds: it may be a lock that nobody knows. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { syscall } = error as NodeJS.ErrnoException;
  return syscall === undefined ? error.message : error.message.split(`, ${syscall}`)[0]!;
}
