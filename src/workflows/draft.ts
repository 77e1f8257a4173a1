import type { Finding } from '../model/finding.js';
import type { Plan } from '../model/plan.js';
import type { TokenRecord } from '../model/token.js';
import { dispositionOf } from '../remediation/disposition.js';
import { type OwnTokens, planRevocations, type RevocationPolicy } from '../remediation/policy.js';
import type { UserPolicy } from '../rules/user-policy.js';
import type { Triage } from '../triage/triage.js';
import { isRevocable } from './detector.js';

/** What the user allows to be revoked. */
export interface Gates {
  /** Over this many nothing at all is revoked. */
  readonly maxRevocations: number;
  /** Over this share (0 to 1) of the organization's active tokens nothing is. Without one, 5 %, or ten tokens where that is more. */
  readonly maxShare?: number;
  /** Globs of user identifiers whose tokens are left alone. */
  readonly protectedUsers?: readonly string[];
  /** Where it can't be told which of a user's tokens leaked: revoke all of that user's. */
  readonly allOfUser: boolean;
  /** Revoke what the running job itself uses too, after everything else. */
  readonly includeOwn?: boolean;
  /** The user's own policy: what is done about which live token. */
  readonly policy?: Pick<UserPolicy, 'rules' | 'otherwise'>;
}

/** What would be done, and the list that it was decided by. */
export interface Draft {
  readonly plan: Plan;
  readonly records: readonly TokenRecord[];
  readonly own: OwnTokens;
}

/** A share of a small organization is less than one incident: ten tokens are what `--max-revocations` allows anyway. */
const DEFAULT_SHARE = { maxShare: 0.05, shareFrom: 10 };
const UNBOUND = { maxRevocations: Number.POSITIVE_INFINITY };

/** What would be revoked if nobody had to approve the number of it. */
export function draft(
  findings: readonly Finding[],
  triage: Triage,
  gates: Omit<Gates, 'maxRevocations' | 'maxShare'>,
  own: OwnTokens,
): Draft {
  return {
    plan: plan(findings, triage, { ...policyOf(gates, own), ...UNBOUND, forApproval: true }),
    records: recordsOf(triage),
    own,
  };
}

/**
 * The same within the caps: over one of them the plan is empty, and refuses everything. `waiting` are those that only a
 * person may approve, of all in `unbound`.
 */
export function draftWithin(
  findings: readonly Finding[],
  triage: Triage,
  gates: Gates,
  own: OwnTokens,
): Draft & { readonly waiting: number; readonly unbound: Draft } {
  const unbound = draft(findings, triage, gates, own);
  const share = gates.maxShare === undefined ? DEFAULT_SHARE : { maxShare: gates.maxShare };
  const within = plan(findings, triage, {
    ...policyOf(gates, own),
    ...share,
    maxRevocations: gates.maxRevocations,
  });
  const waiting = unbound.plan.revocations.length - within.revocations.length;
  return { ...unbound, plan: within, waiting, unbound };
}

function plan(findings: readonly Finding[], triage: Triage, policy: RevocationPolicy): Plan {
  const probed = findings.filter(
    (finding) => triage.verdicts.get(finding.fingerprint)?.state !== 'not_probed',
  );
  return planRevocations(
    probed,
    triage.verdicts,
    triage.listing.ok ? triage.listing.records : undefined,
    policy,
  );
}

function policyOf(
  { protectedUsers, allOfUser, includeOwn, policy }: Omit<Gates, 'maxRevocations' | 'maxShare'>,
  own: OwnTokens,
): Omit<RevocationPolicy, 'maxRevocations'> {
  return {
    revocable: isRevocable,
    own,
    includeOwn: includeOwn ?? false,
    ...(protectedUsers === undefined ? {} : { protectedUsers }),
    ...(policy === undefined
      ? {}
      : {
          disposition: (finding: Finding, user: string | undefined) =>
            dispositionOf(finding, user, policy.rules, policy.otherwise, Date.now()),
        }),
    ...(allOfUser ? { allOfUser: () => true } : {}),
  };
}

function recordsOf({ listing }: Triage): readonly TokenRecord[] {
  return listing.ok ? listing.records : [];
}
