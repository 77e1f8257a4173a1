import { BudgetExceeded } from '../../model/budget.js';
import { diagnostic } from '../../model/diagnostic.js';
import type { Provenance } from '../../model/provenance.js';
import { type ScanItem, SourceFault } from '../../model/source.js';

/** The same items. What keeps the rest from being read is the last of them. */
export function* untilFault(items: Iterable<ScanItem>, where: Provenance): Generator<ScanItem> {
  try {
    yield* items;
  } catch (error) {
    if (error instanceof SourceFault) yield error.diagnostic;
    else if (error instanceof BudgetExceeded) yield diagnostic(where, 'budget', error.message);
    else throw error;
  }
}
