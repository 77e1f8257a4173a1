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
  const user = claim.userIdentifier;
  const alive = records.filter((record) => record.status !== 'revoked');
  const hints = new Map(alive.map((record) => [record, hintOf(secret, record, compare)]));
  const fits = (record: TokenRecord) =>
    hints.get(record) !== false && (user === undefined || record.userIdentifier === user);
  const fitting = alive.filter(fits);
  const ambiguous = (reason: string, candidates: readonly TokenRecord[] = fitting): AmbiguousVerdict => ({
    state: 'active',
    ...(user === undefined ? {} : { userIdentifier: user }),
    candidates,
    reason,
    checkedAt,
  });
  const chosen = (record: TokenRecord, evidence: Evidence): ActiveVerdict => {
    const sameId = records.filter((other) => other.tokenId === record.tokenId);
    if (sameId.length > 1) {
      return ambiguous(`the list names the token ID ${record.tokenId} ${sameId.length} times`, sameId);
    }
    if (record.status !== 'active') {
      return ambiguous(`the list does not say whether ${record.tokenId} is active`, [record]);
    }
    return {
      state: 'active',
      tokenId: record.tokenId,
      userIdentifier: record.userIdentifier,
      evidence,
      record,
      checkedAt,
    };
  };

  if (claim.tokenId !== undefined) {
    const named = records.filter((record) => record.tokenId === claim.tokenId);
    const [record] = named;
    if (record === undefined)
      return ambiguous(`the probe names the token ID ${claim.tokenId}, which is not in the list`);
    if (record.status === 'revoked' && named.length === 1) {
      return ambiguous(`the probe says ${claim.tokenId} is active, the list says that it is revoked`, named);
    }
    if (named.length === 1 && !fits(record)) {
      return ambiguous(
        `the probe names ${claim.tokenId}, but the list shows another user or other last characters for it`,
        named,
      );
    }
    return chosen(record, 'probe_id');
  }

  const hashed = records.filter(
    (record) => record.hash !== undefined && compare.hasHash(secret, record.hash),
  );
  if (hashed.length > 0) {
    const [record] = hashed;
    if (hashed.length > 1) return ambiguous('several rows of the list show the hash of this token', hashed);
    if (record!.status === 'revoked' || !fits(record!)) {
      return ambiguous(
        `the list shows the hash of this token for ${record!.tokenId}, but says of it what the probe does not`,
        hashed,
      );
    }
    return chosen(record!, 'list_hash');
  }

  const [only] = fitting;
  if (only === undefined) {
    return ambiguous(
      user === undefined
        ? 'no active token of the list fits'
        : 'no active token of the list fits that the service lists for exactly this user',
      alive.filter((record) => hints.get(record) === true || record.userIdentifier === user),
    );
  }
  if (fitting.length > 1) {
    return ambiguous(
      user === undefined
        ? `${fitting.length} active tokens of the organization fit`
        : `${fitting.length} active tokens of this user fit`,
    );
  }
  // How a service hashes is not known, so a digest that differs rules no other row out; but it forbids choosing its own.
  if (only.hash !== undefined)
    return ambiguous('the list shows another hash for the one active token that fits');
  if (hints.get(only) === true) return chosen(only, 'list_hint');
  // The one row of this user shows no hint, but another user's row shows this token's last characters.
  const elsewhere = alive.filter((record) => hints.get(record) === true);
  if (elsewhere.length > 0) {
    return ambiguous('the list shows this token’s last characters for another user', [only, ...elsewhere]);
  }
  // Another row was ruled out by its hint alone, which is fine for a hint's match but too little for its absence.
  const ruledOut = alive.filter((row) => row !== only && (user === undefined || row.userIdentifier === user));
  if (user !== undefined && ruledOut.length === 0) return chosen(only, 'sole_active_of_user');
  if (ruledOut.length > 0) return ambiguous('the list shows no hint for the one active token that may be it');
  return chosen(only, 'sole_active_of_org');
}

/** Whether the last characters that the row shows are this plaintext's; `undefined` where it shows none. */
function hintOf(secret: SecretValue, { hint }: TokenRecord, compare: SecretComparer): boolean | undefined {
  return hint === undefined || hint.length < HINT ? undefined : compare.endsWith(secret, hint);
}
