import { randomText } from './random-text.js';
import type { SeedToken } from './seed.js';

/** A token as the service keeps it, plaintext and all. Times are ISO 8601. */
export interface StoredToken {
  readonly tokenId: string;
  readonly token: string;
  readonly orgId: string;
  readonly userIdentifier: string;
  readonly createdAt: string;
  readonly lastUsedAt: string | undefined;
  status: 'active' | 'revoked';
  revokedAt: string | undefined;
}

export interface TokenQuery {
  /** Every identifier that begins with this. */
  readonly prefix?: string;
  readonly status?: 'active' | 'revoked';
}

/** The state of the service: the tokens of all organizations, oldest first. */
export class TokenStore {
  readonly #tokens: StoredToken[] = [];
  readonly #now: () => number;

  /** @param now milliseconds since 1970, as the service believes. */
  constructor(now: () => number) {
    this.#now = now;
  }

  add(seed: SeedToken, defaultOrg: string): StoredToken {
    return this.#keep({
      tokenId: seed.token_id ?? newId(),
      token: seed.token,
      orgId: seed.org_id ?? defaultOrg,
      userIdentifier: seed.user_identifier,
      createdAt: seed.created_at ?? this.#time(),
      lastUsedAt: seed.last_used_at,
      status: seed.status,
      revokedAt: seed.status === 'revoked' ? this.#time() : undefined,
    });
  }

  issue(orgId: string, userIdentifier: string): StoredToken {
    return this.#keep({
      tokenId: newId(),
      token: `tg_org_${randomText(40)}`,
      orgId,
      userIdentifier,
      createdAt: this.#time(),
      lastUsedAt: undefined,
      status: 'active',
      revokedAt: undefined,
    });
  }

  /** @returns whether there was an active token with this ID. */
  revoke(orgId: string, tokenId: string): boolean {
    const token = this.#tokens.find((each) => each.orgId === orgId && each.tokenId === tokenId);
    if (token === undefined || token.status === 'revoked') return false;
    token.status = 'revoked';
    token.revokedAt = this.#time();
    return true;
  }

  find(plaintext: string): StoredToken | undefined {
    return this.#tokens.find((each) => each.token === plaintext);
  }

  select(orgId: string, query: TokenQuery = {}): StoredToken[] {
    return this.#tokens.filter(
      (each) =>
        each.orgId === orgId &&
        each.userIdentifier.startsWith(query.prefix ?? '') &&
        (query.status === undefined || each.status === query.status),
    );
  }

  all(): readonly StoredToken[] {
    return this.#tokens;
  }

  #keep(token: StoredToken): StoredToken {
    this.#tokens.push(token);
    return token;
  }

  #time(): string {
    return new Date(this.#now()).toISOString();
  }
}

function newId(): string {
  return `gtk_${randomText(20)}`;
}
