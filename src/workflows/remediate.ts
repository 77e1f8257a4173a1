import { setTimeout as sleep } from 'node:timers/promises';
import type { Finding } from '../model/finding.js';
import type { Approved, Outcome, Plan } from '../model/plan.js';
import type { ActionRecord } from '../model/report.js';
import type { RevokeAnswer } from '../model/token.js';
import { execute } from '../remediation/execute.js';
import type { OwnTokens } from '../remediation/policy.js';
import type { Journal } from '../remediation/ports.js';
import type { Triage } from '../triage/triage.js';
import { type Draft, draftWithin, type Gates } from './draft.js';
import type { TokenService } from './judge.js';

/** Which revocations the user asked for, and who is asked before they happen. */
export interface RevocationRequest extends Gates {
  /** Milliseconds to wait for a revoked token to be dead. */
  readonly verifyFor?: number;
  /** Shows the plan and asks; false means that nothing is revoked. */
  readonly confirm: (draft: Draft) => Promise<boolean>;
  /** Told what a person has to approve: what is more than the caps allow, or what the policy says so of. */
  readonly onWaiting?: (draft: Draft, waiting: number) => void;
  readonly journal: Journal;
}

export interface Remediation {
  readonly plan: Plan;
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly actions: readonly ActionRecord[];
  /** Why it ended before it had gone through the plan. */
  readonly stoppedBy?: string;
}

export interface RevokingService extends TokenService {
  revoke(approved: Approved): Promise<RevokeAnswer>;
}

/** What was scanned and what came of it, as far as a remediation needs to know. */
export interface Judged {
  readonly run: string;
  readonly targets: readonly string[];
  readonly findings: readonly Finding[];
  readonly triage: Triage;
  readonly own: OwnTokens;
}

/** Plans, asks, executes and verifies. Nothing is revoked that was not probed, mapped and approved. */
export async function remediate(
  judged: Judged,
  service: RevokingService,
  request: RevocationRequest,
): Promise<Remediation> {
  const { findings, triage, own } = judged;
  const drafted = draftWithin(findings, triage, request, own);
  if (drafted.waiting > 0) request.onWaiting?.(drafted.unbound, drafted.waiting);
  return carryOut(judged, drafted, service, request);
}

/** Asks, and does what was agreed to. */
export async function carryOut(
  { run, targets }: Pick<Judged, 'run' | 'targets'>,
  draft: Draft,
  service: RevokingService,
  request: Pick<RevocationRequest, 'confirm' | 'journal' | 'verifyFor'>,
): Promise<Remediation> {
  const agreed = draft.plan.revocations.length === 0 || (await request.confirm(draft));
  const plan = agreed ? draft.plan : declined(draft.plan);
  const { outcomes, actions, stoppedBy } = await execute(plan, {
    run,
    targets,
    service,
    journal: request.journal,
    clock: SYSTEM_CLOCK,
    ...(request.verifyFor === undefined ? {} : { verifyFor: request.verifyFor }),
  });
  return { plan, outcomes, actions, ...(stoppedBy === undefined ? {} : { stoppedBy }) };
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

export const SYSTEM_CLOCK = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (milliseconds: number) => sleep(milliseconds),
};
