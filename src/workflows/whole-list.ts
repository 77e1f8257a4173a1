import type { TokenRecord } from '../model/token.js';
import { readListing, type TokenLister } from '../triage/listing.js';

/**
 * Every row of the organization's list, for what can't go on without it.
 *
 * @throws where it can't be read whole, with the {@link CallFailure} as its cause: half a list hides a token.
 */
export async function wholeList(service: TokenLister): Promise<readonly TokenRecord[]> {
  const { listing } = await readListing(service);
  if (!listing.ok) throw new Error(listing.reason, { cause: listing.failure });
  return listing.records;
}
