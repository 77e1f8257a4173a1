import type { ApprovedRevocation } from '../model/plan.js';
import type { TokenRecord } from '../model/token.js';
import type { OwnTokens } from './policy.js';

/** What is likely to stop working once a token is dead, for the person who approves that. */
export function consequence(
  { finding, tokenId, userIdentifier }: ApprovedRevocation,
  row: TokenRecord | undefined,
  own: OwnTokens | undefined,
): string {
  const here = own?.fingerprints.get(finding.fingerprint) ?? own?.tokenIds.get(tokenId);
  if (here !== undefined) {
    return `This very job takes it from ${here.join(' and ')}: its own downloads from the registry stop.`;
  }
  const who = userIdentifier ?? row?.userIdentifier ?? 'a user who is not known';
  const used = row?.lastUsedAt === undefined ? '' : ` (last used ${row.lastUsedAt})`;
  return `Whatever installs packages as ${who} stops${used}.`;
}
