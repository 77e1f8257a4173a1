import { BudgetExceeded } from '../../model/budget.js';
import { type Diagnostic, diagnostic } from '../../model/diagnostic.js';
import type { Provenance } from '../../model/provenance.js';
import type { ByteStream } from '../../model/source.js';

/** Where a container is damaged and what is lost by it; `at` counts bytes of the container as stored. */
export interface Damage {
  readonly at: number;
  readonly detail: string;
}

/**
 * What a compressed stream unpacks to. It ends softly: where it can't go on, `read` gives 0, and `fault` says why. So
 * what came before the damage is searched like anything else.
 */
export interface DecodedStream extends ByteStream {
  readonly fault: Damage | BudgetExceeded | undefined;
}

/** What a report says of where a decoded stream ended. */
export function diagnosticOf(where: Provenance, fault: Damage | BudgetExceeded): Diagnostic {
  return fault instanceof BudgetExceeded
    ? diagnostic(where, 'budget', `${fault.message}: the rest of it was not scanned`)
    : diagnostic(
        where,
        'corrupt',
        `damaged at byte ${fault.at}: ${fault.detail}. What came before was scanned`,
      );
}

/** Reads a stream to its end, for what is counted at its end. */
export async function drain(stream: ByteStream): Promise<void> {
  const sink = Buffer.allocUnsafe(64 * 1024);
  for (;;) {
    const count = stream.read(sink);
    if ((typeof count === 'number' ? count : await count) === 0) return;
  }
}
