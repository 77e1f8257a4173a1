import type { SecretValue } from '../model/secret.js';
import type { TokenRecord } from '../model/token.js';
import type { AmbiguousVerdict, Evidence, MappedVerdict } from '../model/verdict.js';

/** Compares a plaintext with what a list shows of one, without handing it out. */
export interface SecretComparer {
  hasHash(secret: SecretValue, sha256: string): boolean;
  endsWith(secret: SecretValue, tail: string): boolean;
}

/** What a probe that answered “active” said besides. */
export interface Claim {
  readonly tokenId?: string;
  readonly userIdentifier?: string;
}

export type ActiveVerdict = MappedVerdict | AmbiguousVerdict;

/** A shorter hint is no evidence: an empty one would fit everything. */
const HINT = 4;

/**
 * Ties an active plaintext to the one row of the list that it is, or says why that can't be done. It never chooses
 * between rows that fit: a row is taken when every other row that may be active is ruled out by what the service says
 * of it, and nothing that the service says contradicts the row.
 *
 * @param records the whole list, every status.
 */
export function mapToken(
  secret: SecretValue,
  claim: Claim,
  records: readonly TokenRecord[],
  compare: SecretComparer,
  checkedAt: string,
): ActiveVerdict {
  const search = new RowSearch(secret, claim.userIdentifier, records, compare, checkedAt);
  if (claim.tokenId !== undefined) return search.byClaimedId(claim.tokenId);
  return search.byHash(secret, compare) ?? search.byElimination();
}

/** The rows of one list, as they fit one plaintext. */
class RowSearch {
  /** Whose the probe says it is. */
  readonly #user: string | undefined;
  readonly #records: readonly TokenRecord[];
  readonly #checkedAt: string;
  readonly #alive: readonly TokenRecord[];
  readonly #hints: ReadonlyMap<TokenRecord, boolean | undefined>;
  readonly #fitting: readonly TokenRecord[];

  constructor(
    secret: SecretValue,
    user: string | undefined,
    records: readonly TokenRecord[],
    compare: SecretComparer,
    checkedAt: string,
  ) {
    this.#user = user;
    this.#records = records;
    this.#checkedAt = checkedAt;
    this.#alive = records.filter((record) => record.status !== 'revoked');
    this.#hints = new Map(this.#alive.map((record) => [record, hintOf(secret, record, compare)]));
    this.#fitting = this.#alive.filter((record) => this.#fits(record));
  }

  byClaimedId(tokenId: string): ActiveVerdict {
    const named = this.#records.filter((record) => record.tokenId === tokenId);
    const [record] = named;
    if (record === undefined) {
      return this.#ambiguous(`the probe names the token ID ${tokenId}, which is not in the list`);
    }
    if (record.status === 'revoked' && named.length === 1) {
      return this.#ambiguous(`the probe says ${tokenId} is active, the list says that it is revoked`, named);
    }
    if (named.length === 1 && !this.#fits(record)) {
      return this.#ambiguous(
        `the probe names ${tokenId}, but the list shows another user or other last characters for it`,
        named,
      );
    }
    return this.#chosen(record, 'probe_id');
  }

  /** @returns nothing where no row shows its hash. */
  byHash(secret: SecretValue, compare: SecretComparer): ActiveVerdict | undefined {
    const hashed = this.#records.filter(
      (record) => record.hash !== undefined && compare.hasHash(secret, record.hash),
    );
    const [record] = hashed;
    if (record === undefined) return undefined;
    if (hashed.length > 1) {
      return this.#ambiguous('several rows of the list show the hash of this token', hashed);
    }
    if (record.status === 'revoked' || !this.#fits(record)) {
      return this.#ambiguous(
        `the list shows the hash of this token for ${record.tokenId}, but says of it what the probe does not`,
        hashed,
      );
    }
    return this.#chosen(record, 'list_hash');
  }

  /** The one row that fits, where nothing else may be it. */
  byElimination(): ActiveVerdict {
    const user = this.#user;
    const [only] = this.#fitting;
    const hinted = this.#alive.filter((record) => this.#hints.get(record) === true);
    if (only === undefined) {
      return this.#ambiguous(
        user === undefined
          ? 'no active token of the list matches'
          : 'no active token of the list matches that the service lists for exactly this user',
        this.#alive.filter((record) => hinted.includes(record) || record.userIdentifier === user),
      );
    }
    if (this.#fitting.length > 1) {
      const whose = user === undefined ? 'the organization' : 'this user';
      return this.#ambiguous(`${this.#fitting.length} active tokens of ${whose} match`);
    }
    // How a service hashes is not known, so a digest that differs rules no other row out; but it forbids choosing its own.
    if (only.hash !== undefined) {
      return this.#ambiguous('the list shows another hash for the one active token that matches');
    }
    if (hinted.includes(only)) return this.#chosen(only, 'list_hint');
    // The one row of this user shows no hint, but another user's row shows this token's last characters.
    if (hinted.length > 0) {
      return this.#ambiguous('the list shows this token’s last characters for another user', [
        only,
        ...hinted,
      ]);
    }
    // Another row was ruled out by its hint alone, which is fine for a hint's match but too little for its absence.
    const ruledOut = this.#alive.filter(
      (row) => row !== only && (user === undefined || row.userIdentifier === user),
    );
    if (user !== undefined && ruledOut.length === 0) return this.#chosen(only, 'sole_active_of_user');
    if (ruledOut.length > 0) {
      return this.#ambiguous('the list shows no hint for the one active token that may be it');
    }
    return this.#chosen(only, 'sole_active_of_org');
  }

  #fits(record: TokenRecord): boolean {
    return (
      this.#hints.get(record) !== false && (this.#user === undefined || record.userIdentifier === this.#user)
    );
  }

  #ambiguous(reason: string, candidates: readonly TokenRecord[] = this.#fitting): AmbiguousVerdict {
    return {
      state: 'active',
      ...(this.#user === undefined ? {} : { userIdentifier: this.#user }),
      candidates,
      reason,
      checkedAt: this.#checkedAt,
    };
  }

  #chosen(record: TokenRecord, evidence: Evidence): ActiveVerdict {
    const { tokenId, userIdentifier, status } = record;
    const sameId = this.#records.filter((other) => other.tokenId === tokenId);
    if (sameId.length > 1) {
      return this.#ambiguous(`the list names the token ID ${tokenId} ${sameId.length} times`, sameId);
    }
    if (status !== 'active') {
      return this.#ambiguous(`the list does not say whether ${tokenId} is active`, [record]);
    }
    return { state: 'active', tokenId, userIdentifier, evidence, record, checkedAt: this.#checkedAt };
  }
}

/** Whether the last characters that the row shows are this plaintext's; `undefined` where it shows none. */
function hintOf(secret: SecretValue, { hint }: TokenRecord, compare: SecretComparer): boolean | undefined {
  return hint === undefined || hint.length < HINT ? undefined : compare.endsWith(secret, hint);
}
