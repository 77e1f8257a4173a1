import { consequence } from '../remediation/consequence.js';
import type { Draft } from '../workflows/draft.js';
import { ask } from './ask.js';
import { plain } from './table.js';
import type { Terminal } from './terminal.js';

/** Shows, token by token, what would be revoked, on what evidence, and what is likely to break; and what would not be. */
export function showPlan({ plan, records, own }: Draft, to: Terminal): void {
  if (plan.revocations.length > 0) to.say('To be revoked:');
  for (const revocation of plan.revocations) {
    const { finding, tokenId, userIdentifier, evidence } = revocation;
    const row = records.find((record) => record.tokenId === tokenId);
    to.say(
      `  ${finding.secret.redacted}  ${plain(tokenId)}  ${plain(userIdentifier ?? 'user not known')}  (${evidence})`,
    );
    to.say(`      ${plain(consequence(revocation, row, own))}`);
  }
  for (const { finding, reason } of plan.refusals)
    to.say(`  not: ${finding.secret.redacted}  ${plain(reason)}`);
}

/** Asks whether what was shown is to be done. */
export function agree({ plan }: Draft): Promise<boolean> {
  return ask(`Revoke ${plan.revocations.length}? What uses these tokens stops working.`);
}
