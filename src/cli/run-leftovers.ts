import type { UnfinishedIssue } from '../audit/unfinished.js';
import type { TokenRecord } from '../model/token.js';
import type { Credential } from '../takumi/credential.js';
import { ask } from './ask.js';
import { connect } from './service.js';
import { plain } from './table.js';
import type { Terminal } from './terminal.js';

/** Shows whose tokens these are, and asks. */
export function agreeToRows(records: readonly TokenRecord[]): Promise<boolean> {
  for (const { tokenId, userIdentifier } of records) {
    process.stderr.write(`  ${plain(tokenId)}  ${plain(userIdentifier)}\n`);
  }
  return ask(`Revoke ${records.length}? What uses these tokens stops working.`);
}

/**
 * A run that was killed while it issued may have left a token that nobody holds. Which one can't be told from outside:
 * the candidates are shown, and a person decides. Exit code 2: something is not known.
 */
export async function sayIssues(
  credential: Credential,
  issues: readonly UnfinishedIssue[],
  to: Terminal,
): Promise<number> {
  if (issues.length === 0) return 0;
  const service = await connect(credential);
  let code = 0;
  try {
    for (const { userIdentifier, at, tokenId: known } of issues) {
      const { records } = await service.list({ userIdentifier, status: 'active' });
      if (known !== undefined && !records.some(({ tokenId }) => tokenId === known)) continue;
      const candidates = known === undefined ? records : records.filter(({ tokenId }) => tokenId === known);
      const rows = candidates.map(
        ({ tokenId, createdAt }) => `${plain(tokenId)} of ${plain(createdAt ?? '?')}`,
      );
      code = 2;
      to.say(
        `A run was killed on ${at} while it issued a token for ${plain(userIdentifier)}: perhaps there is one that nobody holds. Active now: ${rows.join(', ') || 'none'}. Unless somebody uses it, revoke it with: guardsweep tokens revoke ID`,
      );
    }
    return code;
  } finally {
    await service.close();
  }
}
