import { crc32 } from 'node:zlib';
import { type Budget, BudgetExceeded } from '../../model/budget.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream } from '../random-access.js';

/** A member that lies in its container as it is. It counts as expansion: many members may name the same bytes. */
export class StoredStream extends AccessStream {
  readonly #budget: Budget;
  fault: BudgetExceeded | undefined;
  checksum = 0;
  consumed = 0;

  constructor(access: RandomAccess, budget: Budget) {
    super(access);
    this.#budget = budget;
  }

  override read(into: Uint8Array): number {
    if (this.fault !== undefined) return 0;
    const count = super.read(into);
    try {
      this.#budget.expand(count, 0);
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error;
      this.fault = error;
      return 0;
    }
    this.checksum = crc32(into.subarray(0, count), this.checksum);
    this.consumed += count;
    return count;
  }
}
