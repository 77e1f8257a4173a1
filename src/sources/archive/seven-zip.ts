import { type Budget, BudgetExceeded } from '../../model/budget.js';
import type { RandomAccess, SharedBytes } from '../file-tree.js';
import { AccessStream } from '../random-access.js';
import type { Spool } from '../spool.js';
import type { DecodedStream } from './decoded-stream.js';
import { type SevenZipFile, SevenZipRun } from './seven-zip-thread.js';

/** A listing beyond this belongs to an archive that is made to hurt. */
const LONGEST_LISTING = 64 * 1024 * 1024;

export interface SevenZipJob {
  readonly access: RandomAccess;
  readonly budget: Budget;
  readonly spool: Spool;
  readonly password?: string;
  /** What 7-Zip calls the format: it then opens this, and not what it holds for the main part of it. */
  readonly type?: string;
}

export interface Listing {
  readonly text: string;
  /** Its complaints, one per line. */
  readonly errors: readonly string[];
}

/** The text of `7z l -slt`, with the streams that NTFS keeps beside the content of a file: they are unpacked, too. */
export async function list(job: SevenZipJob): Promise<Listing> {
  const run = await begin(job, ['l', '-slt', '-sns', '-sccUTF-8']);
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let part = await run.next(); part !== undefined; part = await run.next()) {
    length += part.length;
    if (length > LONGEST_LISTING) {
      run.close();
      return { text: '', errors: ['error: its list of members is too long'] };
    }
    parts.push(part);
  }
  return { text: Buffer.concat(parts).toString('utf8'), errors: run.errors };
}

/** What `7z t` complains about. */
export async function test(job: SevenZipJob): Promise<readonly string[]> {
  const run = await begin(job, ['t', '-bd']);
  while ((await run.next()) !== undefined);
  return run.errors;
}

/** Everything in the archive, one content behind the other, in the order of the listing. No file is written. */
export async function unpack(job: SevenZipJob): Promise<SevenZipStream> {
  return new SevenZipStream(await begin(job, ['x', '-so', '-bd']), job.budget);
}

/** What 7-Zip unpacks, as it comes from another thread. */
export class SevenZipStream implements DecodedStream {
  readonly #run: SevenZipRun;
  readonly #budget: Budget;
  #piece: Uint8Array = new Uint8Array(0);
  fault: BudgetExceeded | undefined;
  size = 0;

  constructor(run: SevenZipRun, budget: Budget) {
    this.#run = run;
    this.#budget = budget;
  }

  /** Its complaints, one per line; complete at the end of the stream. */
  get errors(): readonly string[] {
    return this.#run.errors;
  }

  read(into: Uint8Array): number | Promise<number> {
    if (this.fault !== undefined) return 0;
    return this.#piece.length > 0 ? this.#deliver(into) : this.#next(into);
  }

  close(): void {
    this.#run.close();
  }

  async #next(into: Uint8Array): Promise<number> {
    const piece = await this.#run.next();
    if (piece === undefined) return 0;
    this.#piece = piece;
    return this.#deliver(into);
  }

  #deliver(into: Uint8Array): number {
    const count = Math.min(into.length, this.#piece.length);
    try {
      this.#budget.expand(count, 0);
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error;
      this.fault = error;
      this.#run.close();
      return 0;
    }
    into.set(this.#piece.subarray(0, count));
    this.#piece = this.#piece.subarray(count);
    this.size += count;
    return count;
  }
}

async function begin(
  { access, spool, password = '', type }: SevenZipJob,
  args: readonly string[],
): Promise<SevenZipRun> {
  const typed = type === undefined ? [] : [`-t${type}`];
  const files = volumesOf(access) ?? [{ name: 'archive', source: await sharedBytes(access, spool) }];
  return new SevenZipRun([...args, ...typed, '-y', `-p${password}`], files);
}

const VOLUME = /(?:\.part\d+)?\.(?:rar|[r-z]\d\d)$/i;

/** The volumes of a RAR as files of their own: each has a head, and 7-Zip looks for the next by its name. */
function volumesOf(access: RandomAccess): SevenZipFile[] | undefined {
  const files = access.volumes?.map(({ name, start, size }) => {
    const counter = VOLUME.exec(name)?.[0];
    const source = access.shared?.(start, size);
    return counter === undefined || source === undefined
      ? undefined
      : { name: `archive${counter.toLowerCase()}`, source };
  });
  return files?.every((file) => file !== undefined) ? files : undefined;
}

/** The same bytes for another thread; what can't be shared as it is goes through the spool. */
async function sharedBytes(access: RandomAccess, spool: Spool): Promise<SharedBytes> {
  const shared = access.shared?.(0, access.size);
  if (shared !== undefined) return shared;
  const kept = await spool.keep(new AccessStream(access));
  return kept.shared!(0, kept.size)!;
}
