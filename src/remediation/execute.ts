import type { Finding } from '../model/finding.js';
import type { JournalEntry } from '../model/journal.js';
import type { ApprovedRevocation, Outcome, Plan } from '../model/plan.js';
import type { ActionRecord } from '../model/report.js';
import { type Exchange, isCredentialFailure, type ProbeAnswer, type RevokeAnswer } from '../model/token.js';
import { answered } from './answered.js';
import type { Clock, Journal, TokenProber, TokenRevoker } from './ports.js';
import { probeUntilDead, type Settled } from './settle.js';

export interface ExecuteOptions {
  /** The ID of the run, as the report has it. */
  readonly run: string;
  /** What was scanned: whoever finishes this run after a crash finds the tokens there again. */
  readonly targets?: readonly string[];
  readonly service: TokenRevoker & TokenProber;
  readonly journal: Journal;
  readonly clock: Clock;
  /** Milliseconds to wait for a revoked token to be dead. */
  readonly verifyFor?: number;
  /** Told before each token. */
  readonly onRevoking?: (done: number, of: number) => void;
}

export interface Execution {
  /** By fingerprint; one for every finding that the plan approved something for. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly actions: readonly ActionRecord[];
  /** Why the run ended before it had gone through the plan. */
  readonly stoppedBy?: string;
}

export const VERIFY_FOR = 60_000;
/** How long a request of unknown effect is watched before it is sent again, and how often it is sent at most. */
const WATCH_FOR = 5_000;
const SENDS = 3;
const RESEND_AFTER = 1_000;

/** Revokes what the plan approves, one token after the other, and proves by probes what came of each. */
export async function execute(plan: Plan, options: ExecuteOptions): Promise<Execution> {
  return new Run(options).carryOut(plan);
}

/** What came of the request for one token ID. */
type Sent =
  | { readonly state: 'accepted' }
  | { readonly state: 'gone'; readonly exchange: Exchange }
  | { readonly state: 'rejected'; readonly reason: string }
  | { readonly state: 'unknown'; readonly reason: string };

class Run {
  readonly #options: ExecuteOptions;
  readonly #outcomes = new Map<string, Outcome>();
  readonly #actions: ActionRecord[] = [];
  readonly #sent = new Map<string, Sent>();
  #stoppedBy: string | undefined;

  constructor(options: ExecuteOptions) {
    this.#options = options;
  }

  async carryOut(plan: Plan): Promise<Execution> {
    const byFinding = groupByFinding(plan.revocations);
    const { targets } = this.#options;
    this.#record({ event: 'RUN', ...(targets === undefined ? {} : { targets }) });
    for (const { finding, reason } of plan.refusals) {
      this.#record({ event: 'REFUSED', fingerprint: finding.fingerprint, detail: reason });
    }
    for (const revocation of plan.revocations) this.#record({ event: 'PLANNED', ...about(revocation) });
    let done = 0;
    for (const [finding, revocations] of byFinding) {
      if (this.#stoppedBy === undefined) {
        this.#options.onRevoking?.(done++, byFinding.size);
        this.#outcomes.set(finding.fingerprint, await this.#kill(finding, revocations));
      } else {
        this.#outcomes.set(finding.fingerprint, {
          state: 'failed',
          reason: `not attempted: ${this.#stoppedBy}`,
        });
      }
    }
    this.#record({ event: 'END' });
    return {
      outcomes: this.#outcomes,
      actions: this.#actions,
      ...(this.#stoppedBy === undefined ? {} : { stoppedBy: this.#stoppedBy }),
    };
  }

  /** Revokes every ID approved for one finding, then probes its plaintext. */
  async #kill(finding: Finding, revocations: readonly ApprovedRevocation[]): Promise<Outcome> {
    const sent: Sent[] = [];
    for (const revocation of revocations) {
      const known = this.#sent.get(revocation.tokenId);
      if (known === undefined && this.#stoppedBy !== undefined) {
        sent.push({ state: 'rejected', reason: `not attempted: ${this.#stoppedBy}` });
        continue;
      }
      const result = known ?? (await this.#revoke(revocation, revocations.length === 1));
      this.#sent.set(revocation.tokenId, result);
      sent.push(result);
    }
    const rejected = sent.filter((each) => each.state === 'rejected');
    // Nothing was changed, so there is nothing to wait for.
    if (rejected.length === sent.length) return { state: 'failed', reason: rejected[0]!.reason };
    const settled = await this.#watch(
      finding,
      revocations[0]!.tokenId,
      this.#options.verifyFor ?? VERIFY_FOR,
    );
    for (const [index, revocation] of revocations.entries()) {
      if (sent[index]!.state === 'rejected') continue;
      const event = settled.state === 'dead' ? 'VERIFIED' : 'UNVERIFIED';
      this.#record({
        event,
        ...about(revocation),
        ...(settled.state === 'dead' ? {} : { detail: settled.reason }),
      });
    }
    this.#doubt(revocations, sent, settled);
    return outcomeOf(sent, settled);
  }

  /**
   * Sends the request, its intent on disk first. When it is not known whether it took effect, probes tell; where they say
   * that the token is alive it is sent again. Repeating it does no harm: an ID that is revoked stays revoked.
   *
   * @param telling whether the finding's plaintext is this very token's, so that a probe of it tells.
   */
  async #revoke(revocation: ApprovedRevocation, telling: boolean): Promise<Sent> {
    for (let sends = 1; ; sends++) {
      if (!this.#record({ event: 'INTENT', ...about(revocation) })) {
        return { state: 'rejected', reason: this.#stoppedBy! };
      }
      const at = this.#now();
      const answer = await this.#askToRevoke(revocation);
      this.#note('revoke', at, answer.state, revocation.finding, revocation.tokenId, answer.exchange);
      this.#record({ ...answered(answer), ...about(revocation) });
      if (isCredentialFailure(answer)) this.#stoppedBy ??= answer.reason;
      if (answer.state !== 'unknown' || this.#stoppedBy !== undefined) return answer;
      if (!telling) {
        if (sends === SENDS) return answer;
        await this.#options.clock.sleep(RESEND_AFTER);
        continue;
      }
      const settled = await this.#watch(revocation.finding, revocation.tokenId, WATCH_FOR);
      // Only a probe that says it is alive is a reason to send again, and only so often.
      if (settled.state === 'dead') return { state: 'accepted' };
      if (settled.state === 'unknown' || sends === SENDS) return answer;
    }
  }

  async #askToRevoke(revocation: ApprovedRevocation): Promise<RevokeAnswer> {
    try {
      return await this.#options.service.revoke(revocation);
    } catch (error) {
      return { state: 'unknown', reason: messageOf(error), exchange: { attempts: 1, ms: 0 } };
    }
  }

  #watch(finding: Finding, tokenId: string, milliseconds: number): Promise<Settled> {
    return probeUntilDead(finding.secret, milliseconds, this.#options.clock, async (secret) => {
      const at = this.#now();
      let answer: ProbeAnswer;
      try {
        answer = await this.#options.service.probe(secret);
      } catch (error) {
        answer = { state: 'unknown', reason: messageOf(error), exchange: { attempts: 1, ms: 0 } };
      }
      this.#note('verify', at, answer.state, finding, tokenId, answer.exchange);
      if (isCredentialFailure(answer)) this.#stoppedBy ??= answer.reason;
      return answer;
    });
  }

  /**
   * The service accepted and the token lives on: the row that was revoked may have been a neighbour's. Where it had been
   * concluded that they are one, the conclusions are not acted on any further.
   */
  #doubt(revocations: readonly ApprovedRevocation[], sent: readonly Sent[], settled: Settled): void {
    const [revocation] = revocations;
    const concluded = revocation!.evidence !== 'probe_id' && revocation!.evidence !== 'list_hash';
    if (settled.state === 'alive' && concluded && sent.some(({ state }) => state === 'accepted')) {
      this.#stoppedBy ??= `the service accepted the revocation of ${revocation!.tokenId}, but the token that was taken for it (${revocation!.evidence}) is still active. Nothing more was revoked; look at both in the console`;
    }
  }

  /** @returns whether it is on disk. When it is not, the run ends: what can't be recorded must not be done. */
  #record(entry: Omit<JournalEntry, 'run'>): boolean {
    try {
      this.#options.journal.append({ ...entry, run: this.#options.run });
      return true;
    } catch (error) {
      this.#stoppedBy ??= messageOf(error);
      return false;
    }
  }

  #note(
    kind: 'revoke' | 'verify',
    at: string,
    outcome: string,
    finding: Finding,
    tokenId: string,
    exchange: Exchange,
  ): void {
    this.#actions.push({
      at,
      kind,
      fingerprint: finding.fingerprint,
      token_id: tokenId,
      outcome,
      ...(exchange.httpStatus === undefined ? {} : { http_status: exchange.httpStatus }),
      attempts: exchange.attempts,
      ms: exchange.ms,
    });
  }

  #now(): string {
    return new Date(this.#options.clock.wall()).toISOString();
  }
}

function outcomeOf(sent: readonly Sent[], settled: Settled): Outcome {
  const failed = sent.find((each) => each.state === 'rejected');
  if (settled.state === 'dead') {
    const deadAt = new Date(settled.at).toISOString();
    // With several IDs the death of the one plaintext says nothing of the others.
    const doubtful = failed ?? (sent.length > 1 ? sent.find((each) => each.state === 'unknown') : undefined);
    if (doubtful !== undefined) {
      const reason = `it is dead, but another token of the user may not be: ${doubtful.reason}`;
      return { state: 'failed', reason, deadAt };
    }
    return {
      state: sent.every(({ state }) => state === 'gone') ? 'already_revoked' : 'verified_revoked',
      deadAt,
    };
  }
  const { reason } = settled;
  if (failed !== undefined) return { state: 'failed', reason: failed.reason };
  const unknown = sent.find((each) => each.state === 'unknown');
  if (unknown !== undefined) {
    return {
      state: 'failed',
      reason: `it is not known whether the request took effect (${unknown.reason}), and ${reason}`,
    };
  }
  const gone = sent.filter((each) => each.state === 'gone');
  if (gone.length === sent.length) {
    const { httpStatus } = gone[0]!.exchange;
    return {
      state: 'failed',
      reason: `the service has no such token to revoke (${httpStatus}), but ${reason}`,
    };
  }
  return { state: 'accepted_unverified', reason };
}

function about({ finding, tokenId, userIdentifier, evidence }: ApprovedRevocation) {
  return {
    action: 'revoke' as const,
    fingerprint: finding.fingerprint,
    tokenId,
    ...(userIdentifier === undefined ? {} : { userIdentifier }),
    evidence,
  };
}

function groupByFinding(revocations: readonly ApprovedRevocation[]): Map<Finding, ApprovedRevocation[]> {
  const groups = new Map<Finding, ApprovedRevocation[]>();
  for (const revocation of revocations) {
    const group = groups.get(revocation.finding);
    if (group === undefined) groups.set(revocation.finding, [revocation]);
    else group.push(revocation);
  }
  return groups;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
