import type { StoredToken } from './token-store.js';

export const DIALECTS = ['id', 'identity', 'status'] as const;
export const PAGINGS = ['cursor', 'link', 'none'] as const;

/** How much a probe tells: the token's ID, its user, or neither. */
export type Dialect = (typeof DIALECTS)[number];
/** How the list is cut into pages. */
export type Paging = (typeof PAGINGS)[number];

type Json = Record<string, unknown>;

/** What a probe by `orgId` answers of a plaintext; `token` is `undefined` when nobody has it. */
export function probeAnswer(dialect: Dialect, token: StoredToken | undefined, orgId: string): Json {
  const ours = token?.orgId === orgId ? token : undefined;
  const active = ours?.status === 'active';
  if (dialect === 'status') return { active };
  if (ours === undefined) return { active, owned: false };
  return dialect === 'id'
    ? { active, owned: true, token_id: ours.tokenId }
    : { active, owned: true, user_identifier: ours.userIdentifier };
}

/** One row of the list. */
export function listRow(token: StoredToken, shows: { hints: boolean; lastUsed: boolean }): Json {
  return {
    token_id: token.tokenId,
    user_identifier: token.userIdentifier,
    status: token.status,
    created_at: token.createdAt,
    revoked_at: token.revokedAt ?? null,
    ...(shows.lastUsed ? { last_used_at: token.lastUsedAt ?? null } : {}),
    ...(shows.hints ? { hint: token.token.slice(-4) } : {}),
  };
}

/** What issuing answers: the only time that the plaintext is shown. */
export function issueAnswer(token: StoredToken): Json {
  return {
    token_id: token.tokenId,
    token: token.token,
    user_identifier: token.userIdentifier,
    created_at: token.createdAt,
  };
}

/** One page, and the cursor of the next. A cursor names the last row of its page, so that rows may come and go between pages. */
export function cutPage(
  rows: readonly StoredToken[],
  cursor: string | undefined,
  size: number,
): { page: readonly StoredToken[]; next: string | undefined } | undefined {
  const last = cursor === undefined ? undefined : Buffer.from(cursor, 'base64url').toString();
  const start = last === undefined ? 0 : rows.findIndex((row) => row.tokenId === last) + 1;
  if (last !== undefined && start === 0) return undefined;
  const page = rows.slice(start, start + size);
  const more = start + size < rows.length;
  const end = page.at(-1);
  return {
    page,
    next: more && end !== undefined ? Buffer.from(end.tokenId).toString('base64url') : undefined,
  };
}
