import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { Misuse } from '../model/misuse.js';
import type { ApprovedRevocation, Plan } from '../model/plan.js';
import type { Provenance } from '../model/provenance.js';
import type { TokenRecord } from '../model/token.js';
import { consequence } from './consequence.js';
import type { OwnTokens } from './policy.js';

/** A plan for a person to read and approve. It holds no token; only the run that carries it out finds those again. */
export interface PlanFile {
  readonly schema: 'guardsweep-plan/1';
  /** What is done once it is approved; absent, what it names is revoked. */
  readonly action?: 'rotate';
  readonly created_at: string;
  readonly expires_at: string;
  /** Origin and path of the service, and the organization: it can be carried out nowhere else. */
  readonly api: string;
  readonly org_id: string;
  /** What to scan to find the tokens again. */
  readonly targets: readonly string[];
  /** Under which gates it was made, and is made anew before it is carried out. */
  readonly all_of_user: boolean;
  readonly include_own: boolean;
  readonly protected: readonly string[];
  /** SHA-256, in hex, of the token list that it was made from. */
  readonly list_sha256: string;
  readonly revocations: readonly PlannedRevocation[];
  readonly refusals: readonly {
    readonly fingerprint: string;
    readonly redacted: string;
    readonly reason: string;
  }[];
  /** HMAC-SHA256, in hex, over all of the above. */
  readonly mac: string;
}

export interface PlannedRevocation {
  readonly token_id: string;
  readonly user_identifier?: string;
  readonly evidence: ApprovedRevocation['evidence'];
  readonly fingerprint: string;
  readonly redacted: string;
  readonly rule: string;
  /** From the list. An ID that is given to a newer token has a newer date. */
  readonly created_at?: string;
  /** Whoever used it last is who will notice. */
  readonly last_used_at?: string;
  /** What is likely to stop working. */
  readonly breaks: string;
  readonly places: readonly Provenance[];
  readonly places_total: number;
}

/** What a plan is bound to. */
export interface PlanBinding {
  readonly api: string;
  readonly orgId: string;
  /** A key that only holders of the credential can derive: who can't revoke can't write a plan either. */
  readonly key: Uint8Array;
  readonly now: Date;
  /** Who approved that tokens die has not approved that others are issued, nor the other way round. */
  readonly action?: 'rotate';
}

export interface PlanFileContents extends PlanBinding {
  readonly plan: Plan;
  readonly own?: OwnTokens;
  readonly allOfUser?: boolean;
  readonly includeOwn?: boolean;
  readonly protectedUsers?: readonly string[];
  readonly records: readonly TokenRecord[];
  readonly targets: readonly string[];
  /** Milliseconds until it may no longer be carried out. */
  readonly validFor: number;
  /** Takes tokens out of text: paths may hold one. */
  readonly redact: (text: string) => string;
}

export class PlanFileError extends Misuse {
  override readonly name = 'PlanFileError';
}

const PLACES = 20;

export function writePlanFile({
  plan,
  records,
  targets,
  validFor,
  redact,
  own,
  allOfUser = false,
  includeOwn = false,
  protectedUsers = [],
  ...binding
}: PlanFileContents): string {
  const rows = new Map(records.map((record) => [record.tokenId, record]));
  const body: Unfilled<Omit<PlanFile, 'mac' | 'revocations'>> & { readonly revocations: object[] } = {
    schema: 'guardsweep-plan/1',
    action: binding.action,
    created_at: binding.now.toISOString(),
    expires_at: new Date(binding.now.getTime() + validFor).toISOString(),
    api: binding.api,
    org_id: binding.orgId,
    targets,
    all_of_user: allOfUser,
    include_own: includeOwn,
    protected: protectedUsers,
    list_sha256: listDigest(records),
    revocations: plan.revocations.map((revocation) => planned(revocation, rows.get(revocation.tokenId), own)),
    refusals: plan.refusals.map(({ finding, reason }) => ({
      fingerprint: finding.fingerprint,
      redacted: finding.secret.redacted,
      reason,
    })),
  };
  const clean = JSON.parse(JSON.stringify(body), (_, value: unknown) =>
    typeof value === 'string' ? redact(value) : value,
  ) as Omit<PlanFile, 'mac'>;
  return `${JSON.stringify({ ...clean, mac: macOf(clean, binding.key) }, null, 2)}\n`;
}

/** @throws {PlanFileError} unless it was written with this credential, for this organization, lately enough, and not changed since. */
export function readPlanFile(text: string, { api, orgId, key, now, action }: PlanBinding): PlanFile {
  let file: PlanFile;
  try {
    file = JSON.parse(text) as PlanFile;
  } catch {
    throw new PlanFileError('The plan is not JSON. Give a file that “guardsweep plan” wrote.');
  }
  const { mac, ...body } = file ?? {};
  if (body.schema !== 'guardsweep-plan/1' || typeof mac !== 'string') {
    throw new PlanFileError(
      'This is not a plan that this version can read. Give a file that “guardsweep plan” wrote.',
    );
  }
  const expected = Buffer.from(macOf(body, key));
  const given = Buffer.from(mac);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new PlanFileError(
      'The plan was changed after it was written, or written with another credential. Make a new one with “guardsweep plan”.',
    );
  }
  if (body.api !== api || body.org_id !== orgId) {
    throw new PlanFileError(
      `The plan is for organization ${body.org_id} at ${body.api}, the credential for ${orgId} at ${api}.`,
    );
  }
  if (body.action !== action) {
    throw new PlanFileError(
      body.action === 'rotate'
        ? 'The plan is to replace tokens, not only to revoke them. Carry it out with “guardsweep rotate --approved”.'
        : 'The plan is to revoke tokens, not to replace them. Carry it out with “guardsweep apply”.',
    );
  }
  // A clock that was turned back must not revive a plan either.
  if (
    now.getTime() >= Date.parse(body.expires_at) ||
    now.getTime() < Date.parse(body.created_at) - CLOCK_SKEW
  ) {
    throw new PlanFileError(
      `The plan is valid from ${body.created_at} to ${body.expires_at}; it is ${now.toISOString()} now. Make a new one with “guardsweep plan”.`,
    );
  }
  return file;
}

const CLOCK_SKEW = 5 * 60_000;

/** What is left of an approved plan, checked against one made anew from a fresh list and fresh probes. */
export interface Narrowed {
  /** The new plan without what nobody approved; that is refused. */
  readonly plan: Plan;
  /** What was approved and the new plan does not have, or has otherwise: dead since, gone, or drifted. */
  readonly drifted: readonly Approval[];
}

/** What a person approved, as far as it must still be so. */
export type Approval = Pick<
  PlannedRevocation,
  'token_id' | 'user_identifier' | 'evidence' | 'fingerprint' | 'created_at'
> & {
  /** It comes from a record that notes no dates, so the row's may be any. */
  readonly undated?: true;
};

/** Only what was approved and is still found exactly so, on the same evidence, for the same row, is carried out. */
export function narrowToApproved(
  fresh: Plan,
  approved: { readonly revocations: readonly Approval[] },
  records: readonly TokenRecord[],
): Narrowed {
  const rows = new Map(records.map((record) => [record.tokenId, record]));
  const left = new Map(approved.revocations.map((each) => [keyOf(each.fingerprint, each.token_id), each]));
  const revocations: ApprovedRevocation[] = [];
  const refused = new Map<ApprovedRevocation['finding'], string>();
  for (const revocation of fresh.revocations) {
    const key = keyOf(revocation.finding.fingerprint, revocation.tokenId);
    const before = left.get(key);
    if (before === undefined) {
      refused.set(revocation.finding, 'the approved plan does not have it');
    } else if (
      before.evidence !== revocation.evidence ||
      before.user_identifier !== revocation.userIdentifier ||
      (before.undated !== true && before.created_at !== rows.get(revocation.tokenId)?.createdAt)
    ) {
      refused.set(
        revocation.finding,
        'what is known of it changed since the plan was approved; make a new plan',
      );
    } else {
      left.delete(key);
      revocations.push(revocation);
    }
  }
  // A finding is revoked whole or not at all.
  const whole = revocations.filter(({ finding }) => !refused.has(finding));
  const refusals = [...refused].map(([finding, reason]) => ({ finding, reason }));
  return {
    plan: { revocations: whole, refusals: [...fresh.refusals, ...refusals] },
    drifted: [...left.values()],
  };
}

/** A digest of the list that does not depend on its order, nor on when tokens were used. */
function listDigest(records: readonly TokenRecord[]): string {
  const rows = records
    .map(({ tokenId, userIdentifier, status, createdAt }) =>
      JSON.stringify([tokenId, userIdentifier, status, createdAt ?? null]),
    )
    .sort();
  return createHash('sha256').update(rows.join('\n')).digest('hex');
}

function planned(
  revocation: ApprovedRevocation,
  row: TokenRecord | undefined,
  own: OwnTokens | undefined,
): Unfilled<PlannedRevocation> {
  const { finding, tokenId, userIdentifier, evidence } = revocation;
  return {
    token_id: tokenId,
    user_identifier: userIdentifier,
    evidence,
    fingerprint: finding.fingerprint,
    redacted: finding.secret.redacted,
    rule: finding.rule,
    created_at: row?.createdAt,
    last_used_at: row?.lastUsedAt,
    breaks: consequence(revocation, row, own),
    places: finding.sightings.slice(0, PLACES).map(({ where }) => where),
    places_total: finding.sightingsTotal ?? finding.sightings.length,
  };
}

/** What is undefined is left out by JSON. */
type Unfilled<T> = { readonly [name in keyof T]: T[name] | undefined };

/** Over the fields in the order of the file, which JSON keeps: white space may change, nothing else. */
function macOf(body: object, key: Uint8Array): string {
  return createHmac('sha256', key).update('guardsweep-plan/1\0').update(JSON.stringify(body)).digest('hex');
}

function keyOf(fingerprint: string, tokenId: string): string {
  return JSON.stringify([fingerprint, tokenId]);
}
