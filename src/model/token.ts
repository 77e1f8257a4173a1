import type { SecretValue } from './secret.js';

/** One row of the organization's token list. Times are ISO 8601 as the service wrote them. */
export interface TokenRecord {
  readonly tokenId: string;
  readonly userIdentifier: string;
  readonly status: TokenStatus;
  readonly createdAt?: string;
  readonly lastUsedAt?: string;
  /** The last characters of the plaintext, where the service shows them. */
  readonly hint?: string;
  /** A SHA-256 of the plaintext in hex, where the service shows one. */
  readonly hash?: string;
}

export type TokenStatus = 'active' | 'revoked' | 'unknown';

/** How a call to the service went, for the report's `actions`. `httpStatus` is absent when no answer came. */
export interface Exchange {
  readonly httpStatus?: number;
  readonly attempts: number;
  readonly ms: number;
}

/** What the service says of a plaintext. `unknown` is every answer that can't be read, and never means dead. */
export type ProbeAnswer =
  | {
      readonly state: 'active';
      readonly tokenId?: string;
      readonly userIdentifier?: string;
      readonly exchange: Exchange;
    }
  | { readonly state: 'inactive' | 'foreign' | 'inactive_or_foreign'; readonly exchange: Exchange }
  | {
      readonly state: 'unknown';
      readonly reason: string;
      readonly failure?: CallFailure;
      readonly exchange: Exchange;
    };

/** What the service says of a revocation. `gone`: there is nothing of this ID to revoke (404, 409, 410); it is dead only if a probe agrees. `unknown`: it may or may not have happened. */
export type RevokeAnswer =
  | { readonly state: 'accepted' | 'gone'; readonly exchange: Exchange }
  | {
      readonly state: 'rejected' | 'unknown';
      readonly reason: string;
      readonly failure?: CallFailure;
      readonly exchange: Exchange;
    };

/** What the service says of a request for a new token. `unknown`: one may have been issued that nobody holds. */
export type IssueAnswer =
  | {
      readonly state: 'issued';
      readonly token: SecretValue;
      readonly tokenId?: string;
      readonly userIdentifier: string;
      readonly exchange: Exchange;
    }
  | {
      readonly state: 'rejected' | 'unknown';
      readonly reason: string;
      readonly failure?: CallFailure;
      readonly exchange: Exchange;
    };

/** Every row of every page, or nothing: a list that could not be read whole is an error. One exchange a page. */
export interface TokenList {
  readonly records: readonly TokenRecord[];
  readonly exchanges: readonly Exchange[];
}

/** Why a call failed. `unauthorized` and `forbidden` are the credential's fault: no later call of that kind will do better. */
export type CallFailure =
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'rate_limited'
  | 'refused'
  | 'server'
  | 'network'
  | 'timeout'
  | 'malformed'
  | 'redirect'
  | 'captive';

/** Whether a call failed of the credential itself. */
export function isCredentialFailure<T extends object>(
  answer: T,
): answer is Extract<T, { readonly reason: string }> {
  const { failure } = answer as { readonly failure?: CallFailure };
  return failure === 'unauthorized' || failure === 'forbidden';
}
