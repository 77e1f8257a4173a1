import type { ReplacedToken } from '../audit/issued.js';
import { fingerprint } from '../findings/fingerprint.js';
import type { ApprovedWithdrawal } from '../model/plan.js';
import type { SecretValue } from '../model/secret.js';
import type { TokenRecord } from '../model/token.js';
import { withdrawalOf } from '../remediation/by-id.js';
import type { Clock } from '../remediation/ports.js';
import type { TokenLister } from '../triage/listing.js';
import { SYSTEM_CLOCK } from './remediate.js';
import { tokenListing } from './token-list.js';

/** Milliseconds that a service may take to know what it has just done. */
export const SETTLED_WITHIN = 10_000;

/**
 * A service may answer with the token that a user has already. Delivered, it would be revoked right afterwards, as the old
 * one that it is.
 *
 * @returns what says so; certain where it is the very text that is to be replaced.
 */
export function givenAgain(
  { token, tokenId }: { readonly token: SecretValue; readonly tokenId?: string },
  before: readonly TokenRecord[] | undefined,
  replaces: readonly ReplacedToken[],
): { readonly reason: string; readonly isCertain: boolean } | undefined {
  if (replaces.some((old) => old.fingerprint === fingerprint(token))) {
    const reason = 'the service answered with the very token that was to be replaced';
    return { reason, isCertain: true };
  }
  if (tokenId === undefined || withdrawalOf(tokenId, before ?? []) !== undefined) return undefined;
  const reason = `the service answered with the ID of a token that was there before (${tokenId})`;
  return { reason, isCertain: false };
}

/** Where the service does not say which ID it gave: a new one is in the list, too. */
export async function unlisted(
  user: string,
  before: readonly TokenRecord[] | undefined,
  { service, clock = SYSTEM_CLOCK }: { readonly service: TokenLister; readonly clock?: Clock },
): Promise<string | undefined> {
  const deadline = clock.monotonic() + SETTLED_WITHIN;
  for (let wait = 100; ; wait *= 2) {
    if ((await newRows(user, before, service)).length > 0) return undefined;
    if (clock.monotonic() + wait > deadline) {
      return 'the service gave no ID, and its list shows no new token of this user: it may be the old one';
    }
    await clock.sleep(wait);
  }
}

/** The rows of this user that were not there before; none where either list can't be read. */
export async function newRows(
  user: string,
  before: readonly TokenRecord[] | undefined,
  service: TokenLister,
): Promise<readonly ApprovedWithdrawal[]> {
  if (before === undefined) return [];
  const listing = await tokenListing(service);
  return (listing.ok ? listing.records : []).flatMap(({ tokenId, userIdentifier }) =>
    userIdentifier === user ? (withdrawalOf(tokenId, before) ?? []) : [],
  );
}
