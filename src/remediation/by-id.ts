import type { ApprovedRow, ApprovedWithdrawal } from '../model/plan.js';
import type { TokenRecord } from '../model/token.js';
import { type Caps, overCap } from './caps.js';
import { protectsUser } from './glob.js';
import type { OwnTokens } from './policy.js';

/** What holds back the revocation of tokens that a person named by their IDs or by their user. */
export interface GatesById extends Caps {
  /** Globs of user identifiers whose tokens are left alone. */
  readonly protectedUsers: readonly string[];
  /** What this very job needs to go on. */
  readonly own: OwnTokens;
  /** Revoke that too, after everything else. */
  readonly includeOwn: boolean;
}

/** What may be revoked, the running job's own last, and what may not. */
export interface PlanById {
  readonly approved: readonly ApprovedRow[];
  readonly refused: readonly { readonly record: TokenRecord; readonly reason: string }[];
}

/**
 * Decides which rows of the list may be revoked without their plaintext: the one place that makes an {@link ApprovedRow}.
 * Who named them, a person or the journal, is the evidence; the list has to be clear about each, and the gates are those
 * of every other revocation.
 *
 * @param rows those named, of `records`, which is the whole list.
 */
export function planById(
  rows: readonly TokenRecord[],
  records: readonly TokenRecord[],
  gates: GatesById,
): PlanById {
  const judged = rows.map((record) => ({ record, reason: reasonAgainst(record, records, gates) }));
  const refused = judged.flatMap(({ record, reason }) => (reason === undefined ? [] : [{ record, reason }]));
  const mine = ({ tokenId }: TokenRecord) => Number(gates.own.tokenIds.has(tokenId));
  const approved = judged
    .filter(({ reason }) => reason === undefined)
    .map(({ record }) => record as ApprovedRow)
    .sort((a, b) => mine(a) - mine(b));
  const reason = overCap(approved.length, records, gates);
  if (reason === undefined) return { approved, refused };
  return { approved: [], refused: [...refused, ...approved.map((record) => ({ record, reason }))] };
}

/**
 * Allows to take back a token that was just issued: the one place that makes an {@link ApprovedWithdrawal}.
 *
 * @param before the list as it was before the token was issued.
 * @returns nothing where its ID was in the list already: then it is somebody else's.
 */
export function withdrawalOf(
  tokenId: string,
  before: readonly TokenRecord[],
): ApprovedWithdrawal | undefined {
  const isOld = before.some((row) => row.tokenId === tokenId);
  return isOld ? undefined : ({ tokenId } as ApprovedWithdrawal);
}

function reasonAgainst(
  { tokenId, userIdentifier }: TokenRecord,
  records: readonly TokenRecord[],
  { protectedUsers, own, includeOwn }: GatesById,
): string | undefined {
  const glob = protectedUsers.find((each) => protectsUser(each, userIdentifier));
  if (glob !== undefined) return `tokens of ${userIdentifier} are protected (${glob})`;
  if (records.filter((other) => other.tokenId === tokenId).length > 1) {
    return `the list names the token ID ${tokenId} more than once`;
  }
  if (includeOwn) return undefined;
  const places = own.tokenIds.get(tokenId);
  if (places !== undefined) {
    return `this very job uses it (${places.join(', ')}); to revoke it nevertheless give --include-own`;
  }
  return own.undetermined === undefined
    ? undefined
    : `it may be the one that this very job uses: ${own.undetermined}`;
}
