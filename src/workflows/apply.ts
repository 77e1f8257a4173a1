import type { Outcome, Plan } from '../model/plan.js';
import type { ReportPlan } from '../model/report.js';
import { isDeadNow } from '../model/verdict.js';
import { VERIFY_FOR } from '../remediation/execute.js';
import { type Approval, narrowToApproved } from '../remediation/plan-file.js';
import type { Journal } from '../remediation/ports.js';
import { type OpenRevocation, settleOpen } from '../remediation/resume.js';
import { draft, type Gates } from './draft.js';
import {
  carryOut,
  type Judged,
  type Remediation,
  type RevocationRequest,
  type RevokingService,
  SYSTEM_CLOCK,
} from './remediate.js';

/** What was approved, and under which gates it was planned. */
export interface Approved extends Omit<Gates, 'maxRevocations' | 'maxShare'> {
  readonly revocations: readonly Approval[];
  /** What was to be revoked and had been refused, by its fingerprint. It still is, and stays refused. */
  readonly refused?: readonly { readonly fingerprint: string }[];
}

export interface ApplyRequest extends Pick<RevocationRequest, 'confirm' | 'verifyFor'> {
  readonly approved: Approved;
  readonly journal: Journal;
  /** What of it a killed run had begun: it is settled by probes before anything is sent. */
  readonly begun?: readonly OpenRevocation[];
  /** Fingerprints of what it had proven dead; the report has them too. */
  readonly proven?: ReadonlySet<string>;
}

export interface Application extends Remediation {
  readonly approvedPlan: ReportPlan;
}

/**
 * Carries out what was approved and is still exactly so by a new list and new probes. Nothing is added to it; what
 * drifted is refused, and what is dead by now is done.
 */
export async function apply(
  judged: Judged,
  service: RevokingService,
  request: ApplyRequest,
): Promise<Application> {
  const { journal, verifyFor } = request;
  const settled = await settleOpen(request.begun ?? [], judged.findings, {
    run: judged.run,
    service,
    journal,
    clock: SYSTEM_CLOCK,
    verifyFor: verifyFor ?? VERIFY_FOR,
  });
  const left = request.approved.revocations.filter(({ fingerprint }) => !settled.outcomes.has(fingerprint));
  const approved = { ...request.approved, revocations: left };
  const fresh = draft(judged.findings, judged.triage, approved, judged.own);
  const { plan, drifted } = narrowToApproved(fresh.plan, approved, fresh.records);
  const narrowed = onlyApproved(plan, approved);
  const { dead, drift } = settle(drifted, judged, narrowed);
  const done = await carryOut(judged, { ...fresh, plan: narrowed }, service, request);
  for (const { fingerprint, token_id: tokenId, reason } of drift) {
    journal.append({
      event: 'REFUSED',
      run: judged.run,
      tokenId,
      detail: reason,
      ...(fingerprint === undefined ? {} : { fingerprint }),
    });
  }
  return {
    ...done,
    outcomes: new Map([
      ...provenBefore(judged, request.proven),
      ...settled.outcomes,
      ...dead,
      ...done.outcomes,
    ]),
    actions: [...settled.actions, ...done.actions],
    approvedPlan: { approved: request.approved.revocations.length, drifted: drift },
  };
}

/** What the record calls dead, where a probe says so today. */
function provenBefore(
  { triage }: Judged,
  proven: ReadonlySet<string> | undefined,
): [fingerprint: string, Outcome][] {
  return [...(proven ?? [])]
    .filter((fingerprint) => isDeadNow(triage.verdicts.get(fingerprint)?.state))
    .map((fingerprint) => [fingerprint, { state: 'already_revoked' }]);
}

/** What nobody approved is not this run's business: it is found, and reported as alive. */
function onlyApproved({ revocations, refusals }: Plan, approved: Approved): Plan {
  const known = [...approved.revocations, ...(approved.refused ?? [])];
  const named = new Set(known.map(({ fingerprint }) => fingerprint));
  return { revocations, refusals: refusals.filter(({ finding }) => named.has(finding.fingerprint)) };
}

/** What is dead already, by a probe or, where its plaintext is gone, by the list; and what is otherwise than it was. */
function settle(
  drifted: readonly Approval[],
  { findings, triage }: Judged,
  { refusals }: Plan,
): { dead: Map<string, Outcome>; drift: ReportPlan['drifted'][number][] } {
  const dead = new Map<string, Outcome>();
  const drift: ReportPlan['drifted'][number][] = [];
  const rows = triage.listing.ok ? triage.listing.records : [];
  for (const { fingerprint, token_id, user_identifier } of drifted) {
    const found = findings.some((finding) => finding.fingerprint === fingerprint);
    const state = triage.verdicts.get(fingerprint)?.state;
    if (isDeadNow(state)) {
      dead.set(fingerprint, { state: 'already_revoked' });
      continue;
    }
    const row = rows.find(({ tokenId }) => tokenId === token_id);
    if (!found && row?.status === 'revoked') continue;
    const refusal = refusals.find(({ finding }) => finding.fingerprint === fingerprint)?.reason;
    const reason =
      refusal ??
      (found ? `a probe says ${state ?? 'nothing'} of it now` : 'it was not found in what was scanned now');
    drift.push({
      fingerprint,
      token_id,
      ...(user_identifier === undefined ? {} : { user_identifier }),
      reason,
    });
  }
  return { dead, drift };
}
