import type { Journal } from '../audit/journal.js';
import type { TokenRecord } from '../model/token.js';
import { consequence } from '../remediation/consequence.js';
import type { Draft } from '../workflows/draft.js';
import { ask } from './ask.js';
import { wayBack } from './journal-file.js';
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

/** Shows the plan, asks unless `--yes` has answered, and says how to go on should the run be killed. */
export function confirming(
  journal: Pick<Journal, 'file'>,
  { yes }: { readonly yes?: boolean },
  to: Terminal,
): (draft: Draft) => Promise<boolean> {
  return async (draft) => {
    showPlan(draft, to);
    const agreed = yes === true || (await ask(questionOf(draft.plan.revocations.length)));
    if (agreed) to.say(wayBack(journal));
    return agreed;
  };
}

/** Shows whose tokens these are, and asks. */
export function agreeToRows(records: readonly TokenRecord[]): Promise<boolean> {
  for (const { tokenId, userIdentifier } of records) {
    process.stderr.write(`  ${plain(tokenId)}  ${plain(userIdentifier)}\n`);
  }
  return ask(questionOf(records.length));
}

/** What is asked before tokens are revoked that were shown above it. */
export function questionOf(count: number): string {
  return `Revoke ${count}? What uses these tokens stops working.`;
}
