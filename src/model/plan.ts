import type { Finding } from './finding.js';
import type { TokenRecord } from './token.js';
import type { Evidence } from './verdict.js';

declare const approved: unique symbol;

/**
 * A revocation that policy allowed. Only `remediation/policy.ts` makes one, from an active verdict with one token ID,
 * and `execute` takes nothing else: what was not proven can't be revoked, because it does not type-check.
 */
export interface ApprovedRevocation {
  readonly [approved]: true;
  readonly finding: Finding;
  readonly tokenId: string;
  readonly userIdentifier?: string;
  readonly evidence: Evidence | 'all_of_user';
}

/**
 * A row of the token list that may be revoked without its plaintext, because a person or the journal names it. Only
 * `remediation/by-id.ts` makes one, and `executeById` takes nothing else.
 */
export interface ApprovedRow extends TokenRecord {
  readonly [approved]: true;
}

/**
 * A token that was issued a moment ago and that nobody got. Only `remediation/by-id.ts` makes one, where the ID is new:
 * who issued it may take it back.
 */
export interface ApprovedWithdrawal {
  readonly [approved]: true;
  readonly tokenId: string;
}

/** What the service may be asked to revoke: whoever only knows an ID can't ask. */
export type Approved = ApprovedRevocation | ApprovedRow | ApprovedWithdrawal;

/** Why a token that was to be revoked will not be. */
export interface Refusal {
  readonly finding: Finding;
  readonly reason: string;
}

export interface Plan {
  readonly revocations: readonly ApprovedRevocation[];
  readonly refusals: readonly Refusal[];
}

export type OutcomeState = 'verified_revoked' | 'accepted_unverified' | 'already_revoked' | 'failed';

/** Whether a token is proven dead by what became of its revocation, or of somebody else's. */
export function isProvenDead(state: string): boolean {
  return state === 'verified_revoked' || state === 'already_revoked';
}

/** What became of one approved revocation. */
export interface Outcome {
  readonly state: OutcomeState;
  readonly reason?: string;
  /** When a probe first said that it is dead, ISO 8601. */
  readonly deadAt?: string;
}
