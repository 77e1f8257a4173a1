import type { Finding } from '../model/finding.js';
import type { Outcome } from '../model/plan.js';
import type { ActionRecord } from '../model/report.js';
import type { Clock, Journal, TokenProber } from './ports.js';
import { probeUntilDead } from './settle.js';

/** A revocation that was approved and whose ending is not on record. */
export interface OpenRevocation {
  readonly action?: 'revoke' | 'issue';
  readonly fingerprint?: string;
  readonly tokenId?: string;
  readonly userIdentifier?: string;
  /** How far it came: `PLANNED` was never begun, `ACK` was accepted by the service. */
  readonly last?: string;
}

export interface ResumeOptions {
  readonly run: string;
  readonly service: TokenProber;
  readonly journal: Journal;
  readonly clock: Clock;
  /** Milliseconds that one that the service had accepted is given to be dead; the others are asked about once. */
  readonly verifyFor?: number;
}

export interface Resumption {
  /** By fingerprint: what is proven dead by now, and what lives on though the service accepted it. The rest is planned again. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly actions: readonly ActionRecord[];
  /** What can't be settled: nobody has its plaintext to ask about, or it is no revocation. */
  readonly unsettled: readonly OpenRevocation[];
}

/**
 * Closes what a killed run left open and what is dead by now: a probe says so, not the record. Sends nothing but probes.
 *
 * @param findings of a new scan of the same targets; the journal holds no plaintext.
 */
export async function settleOpen(
  open: readonly OpenRevocation[],
  findings: readonly Finding[],
  { run, service, journal, clock, verifyFor = 0 }: ResumeOptions,
): Promise<Resumption> {
  const known = new Map<string | undefined, Finding>(
    findings.map((finding) => [finding.fingerprint, finding]),
  );
  const outcomes = new Map<string, Outcome>();
  const actions: ActionRecord[] = [];
  const unsettled: OpenRevocation[] = [];
  for (const revocation of open) {
    const finding = known.get(revocation.fingerprint);
    if (finding === undefined || revocation.action === 'issue') {
      unsettled.push(revocation);
      continue;
    }
    const accepted = revocation.last === 'ACK';
    const settled = await probeUntilDead(finding.secret, accepted ? verifyFor : 0, clock, async (secret) => {
      const at = new Date(clock.wall()).toISOString();
      const answer = await service.probe(secret);
      const { httpStatus, ...cost } = answer.exchange;
      actions.push({
        at,
        kind: 'verify',
        fingerprint: finding.fingerprint,
        ...(revocation.tokenId === undefined ? {} : { token_id: revocation.tokenId }),
        outcome: answer.state,
        ...(httpStatus === undefined ? {} : { http_status: httpStatus }),
        ...cost,
      });
      return answer;
    });
    if (settled.state === 'dead') {
      journal.append({
        event: 'VERIFIED',
        run,
        ...about(finding, revocation),
        detail: 'settled after the run that began it had ended early',
      });
      outcomes.set(finding.fingerprint, {
        state: revocation.last === 'PLANNED' ? 'already_revoked' : 'verified_revoked',
        deadAt: new Date(settled.at).toISOString(),
      });
    } else if (accepted) {
      // To send it again could only help if the service had lied; that is for a person to look at.
      const reason = `the service had accepted the revocation of ${revocation.tokenId ?? 'it'}, but ${settled.reason}; look at it in the console`;
      journal.append({ event: 'UNVERIFIED', run, ...about(finding, revocation), detail: reason });
      outcomes.set(finding.fingerprint, { state: 'accepted_unverified', reason });
    }
  }
  return { outcomes, actions, unsettled };
}

function about({ fingerprint }: Finding, { tokenId, userIdentifier }: OpenRevocation) {
  return {
    action: 'revoke' as const,
    fingerprint,
    ...(tokenId === undefined ? {} : { tokenId }),
    ...(userIdentifier === undefined ? {} : { userIdentifier }),
  };
}
