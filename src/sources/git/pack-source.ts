import { createHash } from 'node:crypto';
import { type Budget, BudgetExceeded } from '../../model/budget.js';
import { diagnostic } from '../../model/diagnostic.js';
import type { Provenance } from '../../model/provenance.js';
import { type ScanItem, type Source, SourceFault } from '../../model/source.js';
import type { RandomAccess } from '../file-tree.js';
import { bytesAt, fill } from '../random-access.js';
import { LonePack } from './lone-pack.js';
import { type ObjectFormat, SHA1, SHA256 } from './object-format.js';
import type { Screening } from './reader-options.js';

const WINDOW = 1024 ** 2;

/**
 * A pack that somebody has put aside, or that was being written: whatever its objects name and it doesn't hold may be
 * anywhere, and is nothing of it. What they are built on is.
 */
export class PackSource implements Source {
  readonly #file: RandomAccess;
  readonly #where: Provenance;
  readonly #budget: Budget;
  readonly #screening: Screening | undefined;

  /** @param options.screening lets objects in which nothing is to be seen be passed over. */
  constructor(options: {
    readonly file: RandomAccess;
    readonly where: Provenance;
    readonly budget: Budget;
    readonly screening?: Screening;
  }) {
    this.#file = options.file;
    this.#where = options.where;
    this.#budget = options.budget;
    this.#screening = options.screening;
  }

  async *units(): AsyncGenerator<ScanItem> {
    yield* this.items();
  }

  /** The same without a promise for each object. */
  *items(): Generator<ScanItem> {
    const [file, where, budget, screening] = [this.#file, this.#where, this.#budget, this.#screening];
    try {
      yield* new LonePack({ file, where, format: formatOf(file), budget, screening }).items();
    } catch (error) {
      if (error instanceof SourceFault) yield error.diagnostic;
      else if (error instanceof BudgetExceeded) yield diagnostic(where, 'budget', error.message);
      else throw error;
    }
  }

  close(): void {
    this.#file.close();
  }
}

/** A pack doesn't name its hash, but ends in one of all that is before it. One that is cut short is taken for the usual. */
function formatOf(file: RandomAccess): ObjectFormat {
  const end = file.size - SHA256.bytes;
  if (end <= 0) return SHA1;
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(Math.min(WINDOW, end));
  for (let at = 0; at < end; ) {
    const length = fill(file, at, buffer.subarray(0, Math.min(buffer.length, end - at)));
    if (length === 0) return SHA1;
    hash.update(buffer.subarray(0, length));
    at += length;
  }
  return hash.digest().equals(bytesAt(file, end, SHA256.bytes)) ? SHA256 : SHA1;
}
