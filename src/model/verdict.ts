import type { TokenRecord } from './token.js';

export type VerdictState =
  | 'active'
  | 'inactive'
  | 'foreign'
  | 'inactive_or_foreign'
  | 'unknown'
  | 'not_probed';

/** How a plaintext was tied to one token ID, strongest first. */
export type Evidence =
  | 'probe_id'
  | 'list_hash'
  | 'issue_record'
  | 'list_hint'
  | 'sole_active_of_user'
  | 'sole_active_of_org';

/** What is known of one secret. Only `MappedVerdict` can lead to a revocation. */
export type Verdict = MappedVerdict | AmbiguousVerdict | OtherVerdict;

/** Alive, ours, and exactly one token of the list. */
export interface MappedVerdict {
  readonly state: 'active';
  readonly tokenId: string;
  readonly userIdentifier?: string;
  readonly evidence: Evidence;
  readonly record?: TokenRecord;
  readonly checkedAt: string;
}

/** Alive and ours, but which token of the list it is can't be told. */
export interface AmbiguousVerdict {
  readonly state: 'active';
  readonly tokenId?: undefined;
  readonly userIdentifier?: string;
  /** The rows that it may be. */
  readonly candidates: readonly TokenRecord[];
  /** Why none was chosen, for a person. */
  readonly reason: string;
  readonly checkedAt: string;
}

export interface OtherVerdict {
  readonly state: Exclude<VerdictState, 'active'>;
  /** Why, where there is something to say. */
  readonly reason?: string;
  readonly checkedAt?: string;
}

/** Whether a token that was seen alive and ours is dead, by what a probe says of it now. */
export function isDeadNow(state: VerdictState | undefined): boolean {
  return state === 'inactive' || state === 'inactive_or_foreign';
}

export function isMapped(verdict: Verdict): verdict is MappedVerdict {
  return verdict.state === 'active' && verdict.tokenId !== undefined;
}
