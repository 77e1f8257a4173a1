import type { Diagnostic } from '../../model/diagnostic.js';
import { SourceFault } from '../../model/source.js';

/**
 * What `read` gives, or undefined where it throws `SourceFault`.
 *
 * @param faults takes the fault; left out where somebody else lists it, as those who search all files do.
 */
export function attempt<T>(read: () => T, faults?: Diagnostic[]): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SourceFault)) throw error;
    faults?.push(error.diagnostic);
    return undefined;
  }
}
