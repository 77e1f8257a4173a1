import { setTimeout as sleep } from 'node:timers/promises';
import type { Journal } from '../audit/journal.js';
import type { Finding } from '../model/finding.js';
import type { Outcome, Plan } from '../model/plan.js';
import type { ActionRecord } from '../model/report.js';
import type { RevokeAnswer } from '../model/token.js';
import { execute } from '../remediation/execute.js';
import { planRevocations } from '../remediation/policy.js';
import type { Triage } from '../triage/triage.js';
import { isRevocable } from './detector.js';
import type { TokenService } from './judge.js';

/** Which revocations the user asked for, and who is asked before they happen. */
export interface RevocationRequest {
  readonly maxRevocations: number;
  /** Where it can't be told which of a user's tokens leaked: revoke all of that user's. */
  readonly allOfUser: boolean;
  /** Milliseconds to wait for a revoked token to be dead. */
  readonly verifyFor?: number;
  /** Shows the plan and asks; false means that nothing is revoked. */
  readonly confirm: (plan: Plan) => Promise<boolean>;
  readonly journal: Journal;
}

export interface Remediation {
  readonly plan: Plan;
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly actions: readonly ActionRecord[];
}

export interface RevokingService extends TokenService {
  revoke(tokenId: string): Promise<RevokeAnswer>;
}

/** Plans, asks, executes and verifies. Nothing is revoked that was not probed, mapped and approved. */
export async function remediate(
  run: string,
  findings: readonly Finding[],
  triage: Triage,
  service: RevokingService,
  request: RevocationRequest,
): Promise<Remediation> {
  const probed = findings.filter(
    (finding) => triage.verdicts.get(finding.fingerprint)?.state !== 'not_probed',
  );
  const records = triage.listing.ok ? triage.listing.records : undefined;
  const plan = planRevocations(probed, triage.verdicts, records, {
    revocable: isRevocable,
    maxRevocations: request.maxRevocations,
    ...(request.allOfUser ? { allOfUser: () => true } : {}),
  });
  const agreed = plan.revocations.length === 0 || (await request.confirm(plan));
  const carried = agreed ? plan : declined(plan);
  const { outcomes, actions } = await execute(carried, {
    run,
    service,
    journal: request.journal,
    clock: SYSTEM_CLOCK,
    ...(request.verifyFor === undefined ? {} : { verifyFor: request.verifyFor }),
  });
  return { plan: carried, outcomes, actions };
}

/** The same plan after a “no”: everything in it is refused. */
function declined(plan: Plan): Plan {
  const findings = [...new Set(plan.revocations.map(({ finding }) => finding))];
  const reason = 'you did not agree to the plan';
  return {
    revocations: [],
    refusals: [...plan.refusals, ...findings.map((finding) => ({ finding, reason }))],
  };
}

const SYSTEM_CLOCK = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (milliseconds: number) => sleep(milliseconds),
};
