import type { TokenRecord } from '../model/token.js';
import { type Listing, readListing, type TokenLister } from '../triage/listing.js';

/** The organization's list as it is now, or why it can't be read whole. */
export async function tokenListing(service: TokenLister): Promise<Listing> {
  const { listing } = await readListing(service, () => new Date());
  return listing;
}

/**
 * Every row of it, for what can't go on without.
 *
 * @throws where it can't be read whole, with the `CallFailure` as its cause: half a list hides a token.
 */
export async function wholeTokenList(service: TokenLister): Promise<readonly TokenRecord[]> {
  const listing = await tokenListing(service);
  if (!listing.ok) throw new Error(listing.reason, { cause: listing.failure });
  return listing.records;
}
