import type { JournalEntry } from '../../src/model/journal.js';
import type { Approved } from '../../src/model/plan.js';
import type { SecretValue } from '../../src/model/secret.js';
import type { ProbeAnswer, RevokeAnswer } from '../../src/model/token.js';

export const EXCHANGE = { httpStatus: 204, attempts: 1, ms: 7 };
export const DEAD: ProbeAnswer = { state: 'inactive', exchange: { httpStatus: 200, attempts: 1, ms: 3 } };
export const ALIVE: ProbeAnswer = { state: 'active', exchange: { attempts: 2, ms: 4 } };
export const ACCEPTED: RevokeAnswer = { state: 'accepted', exchange: EXCHANGE };

/** A service that answers by a script, the last answer for ever; a text is thrown. Time passes by sleeping alone. */
export class Scripted {
  readonly journal: JournalEntry[] = [];
  /** Every request and every pause, in their order. */
  readonly log: string[] = [];
  readonly #revoke: (RevokeAnswer | string)[];
  readonly #probe: (ProbeAnswer | string)[];
  readonly #failing: (entry: JournalEntry) => boolean;
  #now = 0;

  constructor(
    revoke: (RevokeAnswer | string)[],
    probe: (ProbeAnswer | string)[],
    failing: (entry: JournalEntry) => boolean = () => false,
  ) {
    this.#revoke = revoke;
    this.#probe = probe;
    this.#failing = failing;
  }

  append(entry: JournalEntry): void {
    if (this.#failing(entry)) throw new Error('the disk is full');
    this.journal.push(entry);
  }

  async revoke({ tokenId }: Approved): Promise<RevokeAnswer> {
    this.log.push(`revoke ${tokenId}`);
    return next(this.#revoke);
  }

  async probe(secret: SecretValue): Promise<ProbeAnswer> {
    this.log.push(`probe ${secret.redacted}`);
    return next(this.#probe);
  }

  wall(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  async sleep(milliseconds: number): Promise<void> {
    if (this.log.push(`sleep ${milliseconds}`) > 1_000) throw new Error('it sleeps for ever');
    this.#now += milliseconds;
  }
}

function next<T extends object>(answers: (T | string)[]): T {
  const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
  if (typeof answer === 'string') throw new Error(answer);
  return answer;
}
