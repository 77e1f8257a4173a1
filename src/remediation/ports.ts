import type { JournalEntry } from '../model/journal.js';
import type { Approved } from '../model/plan.js';
import type { SecretValue } from '../model/secret.js';
import type { ProbeAnswer, RevokeAnswer } from '../model/token.js';

export interface TokenRevoker {
  revoke(approved: Approved): Promise<RevokeAnswer>;
}

export interface TokenProber {
  probe(secret: SecretValue): Promise<ProbeAnswer>;
}

/** Keeps a record. `append` returns when the entry is on disk and throws when it is not. */
export interface Journal {
  append(entry: JournalEntry): void;
}

export interface Clock {
  /** Milliseconds since 1970. */
  wall(): number;
  /** Milliseconds that never run backwards. */
  monotonic(): number;
  sleep(milliseconds: number): Promise<void>;
}
