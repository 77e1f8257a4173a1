import type { JsonObject } from './json-shape.js';
import { checkedId } from './token-id.js';

/*
 * The wire contract. The endpoints, `user_identifier` and the base URL are published; the names below are ASSUMPTIONS,
 * each with the alternatives that are accepted, first the likeliest. Whoever holds the vendor's OpenAPI document
 * changes this file only.
 */

/** Names in answers. */
export const NAMES = {
  rows: ['tokens', 'items', 'org_user_tokens', 'data', 'results'],
  envelope: ['data', 'result', 'org_user_token', 'token'],
  tokenId: ['token_id', 'id'],
  userIdentifier: ['user_identifier'],
  plaintext: ['token', 'plaintext', 'token_value', 'value', 'secret'],
  active: ['active', 'is_active'],
  status: ['status', 'state'],
  owned: ['owned', 'is_owned', 'owned_by_organization'],
  organization: ['org_id', 'organization_id'],
  createdAt: ['created_at', 'issued_at'],
  lastUsedAt: ['last_used_at', 'last_seen_at'],
  revokedAt: ['revoked_at', 'deleted_at'],
  hint: ['hint', 'token_hint', 'last4', 'last_four', 'token_suffix'],
  hash: ['token_hash', 'token_sha256', 'sha256'],
  nextPage: ['next_page_token', 'next_cursor', 'cursor'],
  paging: ['pagination', 'paging', 'page_info', 'meta', 'links', '_links'],
  hasMore: ['has_more', 'has_next', 'has_next_page'],
  errorCode: ['code', 'type', 'error'],
  errorMessage: ['message', 'detail', 'error_description'],
} as const;

/** The query parameter that asks for the next page, by the name under which an answer held its cursor. A `Link` header is read as well. */
export const CURSOR_QUERY: Record<(typeof NAMES.nextPage)[number], string> = {
  next_page_token: 'page_token',
  next_cursor: 'cursor',
  cursor: 'cursor',
};

/** Names in requests. */
const QUERY = { prefix: 'user_identifier', status: 'status' } as const;
const ISSUE_BODY = { user: 'user_identifier' } as const;
const PROBE_BODY = { token: 'token' } as const;

/** What a word for a state means. */
export type StatusWord = 'active' | 'revoked' | 'foreign';

export const STATUS_WORDS: Readonly<Record<string, StatusWord>> = {
  active: 'active',
  revoked: 'revoked',
  inactive: 'revoked',
  disabled: 'revoked',
  deleted: 'revoked',
  expired: 'revoked',
  foreign: 'foreign',
  not_owned: 'foreign',
};

export interface ListFilter {
  /** This exact identifier. */
  readonly userIdentifier?: string;
  /** Every identifier that begins with this. */
  readonly userIdentifierPrefix?: string;
  readonly status?: 'active' | 'revoked';
}

export type NextPage = { readonly query: string; readonly cursor: string };

/** The path of the collection under the base URL. */
export function collectionPath(orgId: string): string {
  return `/o/${encodeURIComponent(orgId)}/guard/org-user-tokens`;
}

export function probePath(orgId: string): string {
  return `${collectionPath(orgId)}/probe`;
}

/** @throws {ShapeError} for an ID that would lead elsewhere when it stands in a path. */
export function tokenPath(orgId: string, tokenId: string): string {
  return `${collectionPath(orgId)}/by-id/${encodeURIComponent(checkedId({ path: 'the token ID', value: tokenId }))}`;
}

export function listQuery(filter: ListFilter, next?: NextPage): string {
  const query = new URLSearchParams();
  const prefix = filter.userIdentifier ?? filter.userIdentifierPrefix;
  if (prefix !== undefined) query.set(QUERY.prefix, prefix);
  if (filter.status !== undefined) query.set(QUERY.status, filter.status);
  if (next !== undefined) query.set(next.query, next.cursor);
  return query.toString();
}

export function issueBody(userIdentifier: string): JsonObject {
  return { [ISSUE_BODY.user]: userIdentifier };
}

export function probeBody(token: string): JsonObject {
  return { [PROBE_BODY.token]: token };
}
