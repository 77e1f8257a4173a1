import type { Finding } from '../model/finding.js';
import type { ApprovedRevocation, Plan, Refusal } from '../model/plan.js';
import type { TokenRecord } from '../model/token.js';
import { isMapped, type Verdict } from '../model/verdict.js';
import { type Caps, overCap } from './caps.js';
import type { Disposition } from './disposition.js';
import { protectsUser } from './glob.js';

/** What may be revoked, by the user's word. */
export interface RevocationPolicy extends Caps {
  /** Whether the service can revoke tokens that this rule finds. */
  readonly revocable: (rule: string) => boolean;
  /** Globs of user identifiers whose tokens are left alone. */
  readonly protectedUsers?: readonly string[];
  /** Where it can't be told which of a user's tokens leaked: whether to revoke every active one of that exact user. */
  readonly allOfUser?: (userIdentifier: string) => boolean;
  /** What this very job needs to go on, by fingerprint and by token ID. */
  readonly own?: OwnTokens;
  /** Revoke that too, after everything else. */
  readonly includeOwn?: boolean;
  /** What the user's own policy says of a live token; everything is to be revoked when absent. */
  readonly disposition?: (finding: Finding, user: string | undefined) => Disposition;
  /** Whether a person will approve the result, so that it may hold what only a person may approve. */
  readonly forApproval?: boolean;
}

/** What the running job itself uses: by fingerprint and by token ID, each with the places that it takes it from. */
export interface OwnTokens {
  readonly fingerprints: ReadonlyMap<string, readonly string[]>;
  readonly tokenIds: ReadonlyMap<string, readonly string[]>;
  /** Why it is not known of each which ID it has; then no user's tokens are revoked wholesale. */
  readonly undetermined?: string;
}

type Draft = Omit<ApprovedRevocation, symbol>;

/**
 * Decides what is revoked. This is the one place that makes an {@link ApprovedRevocation}, and it makes them from active
 * verdicts only. Whatever was to be revoked and will not be is a refusal with its reason; what is known to be dead or
 * another organization's is neither.
 *
 * @param records the whole token list as it was read before the probes; absent when it could not be read.
 */
export function planRevocations(
  findings: readonly Finding[],
  verdicts: ReadonlyMap<string, Verdict>,
  records: readonly TokenRecord[] | undefined,
  policy: RevocationPolicy,
): Plan {
  const drafts: Draft[] = [];
  const refusals: Refusal[] = [];
  for (const finding of findings) {
    if (!policy.revocable(finding.rule)) continue;
    const decision = decide(
      finding,
      verdicts.get(finding.fingerprint) ?? { state: 'not_probed' },
      records,
      policy,
    );
    if (typeof decision === 'string') refusals.push({ finding, reason: decision });
    else drafts.push(...decision);
  }
  const tooMany = overCap(new Set(drafts.map(({ tokenId }) => tokenId)).size, records, policy);
  if (tooMany !== undefined) {
    const stopped = [...new Set(drafts.map(({ finding }) => finding))];
    return {
      revocations: [],
      refusals: [...refusals, ...stopped.map((finding) => ({ finding, reason: tooMany }))],
    };
  }
  const owns = new Set(drafts.filter((draft) => isOwn(draft, policy)).map(({ finding }) => finding));
  const own = (draft: Draft) => Number(owns.has(draft.finding));
  return { revocations: drafts.sort((a, b) => own(a) - own(b)) as ApprovedRevocation[], refusals };
}

/** @returns what to revoke for one finding, nothing where there is nothing to do, or why it is refused. */
function decide(
  finding: Finding,
  verdict: Verdict,
  records: readonly TokenRecord[] | undefined,
  policy: RevocationPolicy,
): Draft[] | string {
  const ignoredBy = finding.suppressedBy;
  if (ignoredBy !== undefined && verdict.state !== 'active') return [];
  if (verdict.state === 'unknown' || verdict.state === 'not_probed') {
    const why = verdict.reason === undefined ? '' : `: ${verdict.reason}`;
    return `it is not known whether it is alive${why}`;
  }
  if (verdict.state !== 'active') return [];
  const wanted = policy.disposition?.(finding, verdict.userIdentifier);
  if (wanted === 'notify') return [];
  // What was put on the list as dead is not: nobody may learn of that by a silence.
  if (ignoredBy !== undefined)
    return `${ignoredBy} ignores it, and it is alive: take it off to have it revoked`;
  if (wanted === 'rotate') {
    return `the policy wants it replaced, not only revoked: guardsweep rotate ${finding.fingerprint}`;
  }
  if (wanted === 'plan' && policy.forApproval !== true) {
    return 'the policy wants a person to approve it: it is in the plan';
  }
  const drafts = isMapped(verdict)
    ? [
        {
          finding,
          tokenId: verdict.tokenId,
          ...(verdict.userIdentifier === undefined ? {} : { userIdentifier: verdict.userIdentifier }),
          evidence: verdict.evidence,
        },
      ]
    : allOfUser(finding, verdict.userIdentifier, verdict.reason, records, policy);
  if (typeof drafts === 'string') return drafts;
  for (const draft of drafts) {
    const forbidden = forbids(draft, policy);
    if (forbidden !== undefined) return forbidden;
  }
  return drafts;
}

function allOfUser(
  finding: Finding,
  user: string | undefined,
  reason: string,
  records: readonly TokenRecord[] | undefined,
  policy: RevocationPolicy,
): Draft[] | string {
  const ambiguous = `which token of the list it is cannot be told: ${reason}`;
  if (policy.allOfUser === undefined) return ambiguous;
  if (user === undefined) return `${ambiguous}; nor does the service say whose it is`;
  if (!policy.allOfUser(user)) return ambiguous;
  if (records === undefined) return ambiguous;
  const active = records.filter(
    ({ userIdentifier, status }) => userIdentifier === user && status === 'active',
  );
  if (active.length === 0) return `${ambiguous}; the list has no active token of exactly this user`;
  const recycled = active.find(
    ({ tokenId }) => records.filter((other) => other.tokenId === tokenId).length > 1,
  );
  if (recycled !== undefined) return `the list names the token ID ${recycled.tokenId} more than once`;
  return active.map(({ tokenId }) => ({
    finding,
    tokenId,
    userIdentifier: user,
    evidence: 'all_of_user' as const,
  }));
}

function forbids(draft: Draft, policy: RevocationPolicy): string | undefined {
  const globs = policy.protectedUsers ?? [];
  const user = draft.userIdentifier;
  if (globs.length > 0) {
    if (user === undefined) return 'some users are protected, and whose it is is not known';
    const glob = globs.find((each) => protectsUser(each, user));
    if (glob !== undefined) return `tokens of ${user} are protected (${glob})`;
  }
  if (policy.includeOwn === true) return undefined;
  if (isOwn(draft, policy)) {
    return 'this very job uses it; to revoke it nevertheless, after all others, give --include-own';
  }
  if (draft.evidence === 'all_of_user' && policy.own?.undetermined !== undefined) {
    return `one of this user's tokens may be the one that this very job uses: ${policy.own.undetermined}`;
  }
  return undefined;
}

function isOwn({ finding, tokenId }: Draft, { own }: RevocationPolicy): boolean {
  return own !== undefined && (own.fingerprints.has(finding.fingerprint) || own.tokenIds.has(tokenId));
}
