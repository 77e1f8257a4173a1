import type { JournalEntry } from '../model/journal.js';
import type { Journal } from '../remediation/ports.js';

/**
 * What one run writes down. What can't be written down must not be done: after the first failure nothing more is noted,
 * and the run looks at `failure` before its next step.
 */
export class RunRecord {
  readonly run: string;
  readonly #journal: Journal;
  #failure: string | undefined;

  constructor(run: string, journal: Journal) {
    this.run = run;
    this.#journal = journal;
  }

  /** Why the journal can no longer be written. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** @returns whether it is on disk. */
  note(entry: Omit<JournalEntry, 'run'>): boolean {
    if (this.#failure !== undefined) return false;
    try {
      this.#journal.append({ ...entry, run: this.run });
      return true;
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
      return false;
    }
  }
}
