import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { Misuse } from '../model/misuse.js';

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process started, as its system counts; tells it from a later one with the same number. */
  readonly started?: string | undefined;
}

/** A lock that is being broken is held for microseconds; one older than this was left by a crash in between. */
const BREAKING_MS = 10_000;

export class JournalLocked extends Misuse {
  override readonly name = 'JournalLocked';
}

/**
 * Takes the one right to write to `file`: `file.lock`, made exclusively and holding who made it. A lock whose process is
 * gone was left by a crash and is taken over.
 *
 * @returns gives the right back.
 * @throws {JournalLocked} when somebody else has it.
 */
export function lockJournal(file: string): () => void {
  const lock = `${file}.lock`;
  for (let attempt = 0; attempt < 2; attempt++) {
    if (create(lock)) return () => rmSync(lock, { force: true });
    const holder = holderOf(lock);
    if (holder === 'gone') continue;
    if (holder === undefined || !isStale(holder)) throw locked(file, lock, holder);
    breakLock(file, lock);
  }
  throw locked(file, lock, undefined);
}

/** A lock appears with its holder in it: an empty one, left by a crash in between, would hold everybody up. */
function create(lock: string): boolean {
  const draft = `${lock}.${randomBytes(8).toString('hex')}`;
  try {
    fill(draft);
    linkSync(draft, lock);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'EOPNOTSUPP') return createUnlinked(lock);
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Where the file system knows no hard links. */
function createUnlinked(lock: string): boolean {
  try {
    fill(lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    rmSync(lock, { force: true });
    throw error;
  }
}

function fill(path: string): void {
  const fd = openSync(path, 'wx', 0o600);
  const holder: Holder = { pid: process.pid, host: hostname(), started: startOf(process.pid) };
  try {
    writeSync(fd, JSON.stringify(holder));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Two that find the same dead lock must not both remove it: the second would remove the first one's new lock. */
function breakLock(file: string, lock: string): void {
  const breaking = `${lock}.breaking`;
  if (!create(breaking)) {
    if (isOld(breaking)) {
      throw new JournalLocked(
        `${file}: a crash left ${breaking} behind. Make sure that no guardsweep is running, then remove it.`,
      );
    }
    throw locked(file, lock, undefined);
  }
  try {
    const holder = holderOf(lock);
    if (typeof holder === 'object' && isStale(holder)) rmSync(lock, { force: true });
  } finally {
    rmSync(breaking, { force: true });
  }
}

/** `undefined` for a lock that can't be read: its maker may be about to write it. */
function holderOf(lock: string): Holder | 'gone' | undefined {
  let text: string;
  try {
    text = readFileSync(lock).toString();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'gone';
    throw error;
  }
  try {
    const holder = JSON.parse(text) as Partial<Holder>;
    return typeof holder.pid === 'number' && typeof holder.host === 'string' ? (holder as Holder) : undefined;
  } catch {
    // A crash between making and filling it leaves an empty one.
    return isOld(lock) ? { pid: -1, host: hostname() } : undefined;
  }
}

function isStale({ pid, host, started }: Holder): boolean {
  // Of another machine nothing can be known.
  if (host !== hostname()) return false;
  if (pid <= 0) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  const running = startOf(pid);
  return started !== undefined && running !== undefined && running !== started;
}

/** Field 22 of `/proc/PID/stat` (proc_pid_stat(5)), where there is one. The name in field 2 may hold anything up to the last `)`. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {}
  return undefined;
}

function isOld(path: string): boolean {
  const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
  return Date.now() - made > BREAKING_MS;
}

function locked(file: string, lock: string, holder: Holder | undefined): JournalLocked {
  const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`;
  return new JournalLocked(
    `${file} is being written by ${who}. Wait for it to end. If it is not running, remove ${lock}.`,
  );
}
