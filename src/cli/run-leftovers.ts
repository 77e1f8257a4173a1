import { existsSync } from 'node:fs';
import type { Journal } from '../audit/journal.js';
import type { Unfinished } from '../audit/unfinished.js';
import { withoutComments } from '../delivery/comments.js';
import { nameWord } from '../reporting/trail/shell.js';
import type { Credential } from '../takumi/credential.js';
import { idInPlace, inPlace } from '../workflows/in-place.js';
import { leftBehind, settleLeftovers } from '../workflows/leftovers.js';
import { textOf } from './delivery.js';
import { connect } from './service.js';
import { agreeToRows } from './show-plan.js';
import { plain } from './table.js';
import type { Terminal } from './terminal.js';

/**
 * Finishes what a run left that was killed while it replaced tokens: the files tell whether the new one arrived. Where
 * it went elsewhere a person has to say. Exit code 4: something may live on; 2: something is not known.
 */
export async function finishIssues(
  credential: Credential,
  { issues, revocations }: Unfinished,
  { run, journal, yes }: { readonly run: string; readonly journal: Journal; readonly yes: boolean },
  to: Terminal,
): Promise<number> {
  if (issues.length === 0) return 0;
  const handled = new Set(revocations.map(({ tokenId }) => tokenId));
  const files = [...new Set(issues.flatMap((issue) => issue.files))].filter((file) => existsSync(file));
  const places = files.map((name) => ({ name, text: withoutComments(textOf(name)) }));
  const service = await connect(credential);
  let code = 0;
  try {
    const place = await inPlace(places, service, issues);
    for (const user of new Set(issues.map(({ userIdentifier }) => userIdentifier))) {
      const mine = issues.filter(({ userIdentifier }) => userIdentifier === user);
      const left = leftBehind(mine, place, places);
      const leftovers = left.leftovers.filter(
        ({ tokenId }) => tokenId === undefined || !handled.has(tokenId),
      );
      const lives = await settleLeftovers({ ...left, leftovers }, idInPlace(place, user), {
        run,
        user,
        service,
        journal,
        allOfUser: false,
        ...(yes ? {} : { confirm: agreeToRows }),
      });
      if (lives !== undefined) {
        code = 4;
        to.say(plain(lives));
      }
      for (const { at, tokenId, outlived } of left.outOfSight) {
        code = Math.max(code, 2);
        const old = outlived.map((each) => each.tokenId ?? each.fingerprint ?? '').join(', ');
        to.say(
          `A run was killed on ${at} while it issued a token for ${plain(user)}${tokenId === undefined ? '' : ` (${plain(tokenId)})`}; whether anybody holds it cannot be seen from here. Where nobody does, revoke it${old === '' ? '' : `; where somebody does, revoke what it was to replace: ${plain(old)}`}. Look with: guardsweep tokens list --user ${nameWord(plain(user))} --status active`,
        );
      }
    }
    return code;
  } finally {
    await service.close();
  }
}
