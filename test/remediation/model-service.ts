import type { JournalEntry } from '../../src/model/journal.js';
import type { Approved } from '../../src/model/plan.js';
import type { SecretValue } from '../../src/model/secret.js';
import type { Exchange, ProbeAnswer, RevokeAnswer } from '../../src/model/token.js';
import type { Clock, Journal, TokenProber, TokenRevoker } from '../../src/remediation/ports.js';

export interface ModelToken {
  readonly id: string;
  readonly plaintext: string;
  alive: boolean;
  /** When a revocation that was accepted takes effect, on the model's clock. */
  dies?: number;
}

export type RevokeFault =
  | 'none'
  | 'lost_before'
  | 'lost_after'
  | 'rejected'
  | 'gone'
  | 'forbidden'
  | 'throws'
  | 'slow';
export type ProbeFault = 'none' | 'unknown' | 'foreign' | 'forbidden' | 'throws';

/** Faults by turns; after the last, none. */
export interface Schedule {
  readonly revoke: readonly RevokeFault[];
  readonly probe: readonly ProbeFault[];
  /** Die (never answer, never record) at this step; a step is a record or a request. */
  readonly killAt?: number;
}

const exchange: Exchange = { attempts: 1, ms: 1 };

/** The service, the journal and the clock of one run as a model: what happened is kept in `journal` and `deletes`. */
export class Model implements TokenRevoker, TokenProber, Journal, Clock {
  readonly tokens: ModelToken[];
  readonly journal: JournalEntry[];
  readonly deletes: { readonly id: string; readonly recorded: number }[] = [];
  readonly killed: Promise<'killed'>;
  steps = 0;
  #schedule: Schedule;
  #time = 0;
  #sleeps = 0;
  #dead = false;
  #die: () => void = () => {};

  constructor(tokens: ModelToken[], schedule: Schedule, journal: JournalEntry[] = []) {
    this.tokens = tokens;
    this.journal = journal;
    this.#schedule = { ...schedule, revoke: [...schedule.revoke], probe: [...schedule.probe] };
    this.killed = new Promise((resolve) => {
      this.#die = () => resolve('killed');
    });
  }

  append(entry: JournalEntry): void {
    if (!this.#step()) return;
    this.journal.push(entry);
  }

  async revoke({ tokenId }: Approved): Promise<RevokeAnswer> {
    if (!this.#step()) return new Promise(() => {});
    const fault = (this.#schedule.revoke as RevokeFault[]).shift() ?? 'none';
    this.deletes.push({ id: tokenId, recorded: this.journal.length });
    const token = this.tokens.find(({ id }) => id === tokenId);
    if (token === undefined) return { state: 'gone', exchange: { ...exchange, httpStatus: 404 } };
    if (fault === 'none' || fault === 'lost_after') token.alive = false;
    if (fault === 'slow') token.dies = this.#time + 3_000;
    switch (fault) {
      case 'none':
      case 'slow':
        return { state: 'accepted', exchange: { ...exchange, httpStatus: 204 } };
      case 'gone':
        return { state: 'gone', exchange: { ...exchange, httpStatus: 404 } };
      case 'rejected':
        return { state: 'rejected', reason: 'a 409', failure: 'refused', exchange };
      case 'forbidden':
        return { state: 'rejected', reason: 'a 403', failure: 'forbidden', exchange };
      case 'throws':
        throw new Error('the client broke');
      default:
        return { state: 'unknown', reason: 'the connection broke', failure: 'network', exchange };
    }
  }

  async probe(secret: SecretValue): Promise<ProbeAnswer> {
    if (!this.#step()) return new Promise(() => {});
    const fault = (this.#schedule.probe as ProbeFault[]).shift() ?? 'none';
    if (fault === 'throws') throw new Error('the client broke');
    if (fault === 'unknown') return { state: 'unknown', reason: 'a 503', failure: 'server', exchange };
    if (fault === 'forbidden')
      return { state: 'unknown', reason: 'a 401', failure: 'unauthorized', exchange };
    if (fault === 'foreign') return { state: 'foreign', exchange };
    const token = this.tokens.find(({ plaintext }) => sameSecret(secret, plaintext));
    return { state: token !== undefined && this.isAlive(token) ? 'active' : 'inactive_or_foreign', exchange };
  }

  isAlive(token: ModelToken): boolean {
    return token.alive && (token.dies === undefined || this.#time < token.dies);
  }

  wall(): number {
    return this.#time;
  }

  monotonic(): number {
    return this.#time;
  }

  async sleep(milliseconds: number): Promise<void> {
    if (++this.#sleeps > 1_000) throw new Error('it sleeps for ever');
    this.#time += milliseconds;
  }

  #step(): boolean {
    this.steps += 1;
    if (this.steps === this.#schedule.killAt) {
      this.#dead = true;
      this.#die();
    }
    return !this.#dead;
  }
}

function sameSecret(secret: SecretValue, plaintext: string): boolean {
  return secret.reveal() === plaintext;
}
