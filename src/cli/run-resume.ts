import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Journal } from '../audit/journal.js';
import { type UnfinishedRevocation, unfinished, unproven } from '../audit/unfinished.js';
import { redactor } from '../findings/redact.js';
import { Misuse } from '../model/misuse.js';
import type { Approval } from '../remediation/plan-file.js';
import { word } from '../reporting/trail/shell.js';
import type { Credential } from '../takumi/credential.js';
import { prefixes } from '../workflows/detector.js';
import { isDead } from '../workflows/execute-by-id.js';
import { USES_NO_TOKEN } from '../workflows/own.js';
import { revokeById } from '../workflows/revoke-by-id.js';
import type { Redaction } from '../workflows/scan.js';
import { needSomebodyToAsk } from './ask.js';
import { openJournal, serviceOf } from './journal-file.js';
import { readingOf } from './reading.js';
import type { ResumeOptions } from './resume.js';
import { execution } from './run-apply.js';
import { finishIssues } from './run-leftovers.js';
import { connect } from './service.js';
import { agreeToRows } from './show-plan.js';
import { plain } from './table.js';
import { targetsAgain } from './targets.js';
import { terminal } from './terminal.js';

/**
 * Exit code 0 when there was nothing to finish, or 4 where a run that came to its end has left a token alive; otherwise as
 * the report of what was finished says.
 */
export async function runResume(
  credential: Credential,
  file: string,
  again: readonly string[],
  options: ResumeOptions,
): Promise<number> {
  if (!existsSync(file)) throw new Misuse(`there is no journal ${file}`);
  const to = terminal(options);
  const reading = readingOf(options);
  const redaction: Redaction = { redact: redactor([], prefixes()) };
  const journal = openJournal(file, credential, (text) => redaction.redact(text));
  let handedOn = false;
  try {
    const left = unfinished(journal.earlier);
    const { revocations, issues, proven, targets: recorded, services } = left;
    refuseElsewhere(file, services, credential);
    if (revocations.length === 0 && issues.length === 0) {
      return sayEnded(file, unproven(journal.earlier), to.say);
    }
    // Where nothing was scanned there is no plaintext to find again: the list has to do.
    const scanned = recorded.length > 0 || again.length > 0;
    const found = revocations.filter(({ fingerprint }) => scanned && fingerprint !== undefined);
    const byId = revocations.filter((each) => !found.includes(each));
    const targets = found.length === 0 ? [] : targetsAgain(recorded, again, `resume ${word(file)}`);
    needSomebodyToAsk('resume', targets, options);
    const run = randomUUID();
    const codes = [
      await finishById(credential, run, byId, journal, options.yes === true),
      await finishIssues(credential, left, { run, journal, yes: options.yes === true }, to),
    ];
    if (found.length > 0) {
      handedOn = true;
      codes.push(
        await execution(
          credential,
          {
            run,
            targets,
            reading,
            redaction,
            journal,
            approved: approvedBefore(found),
            begun: found,
            proven,
          },
          options,
        ),
      );
    }
    return Math.max(...codes);
  } finally {
    if (!handedOn) journal.close();
  }
}

/** No run was cut off; but one may have given up, and has said so in its report alone. */
function sayEnded(file: string, alive: readonly string[], say: (line: string) => void): number {
  if (alive.length === 0) {
    say(`${file}: nothing was left undone`);
    return 0;
  }
  const ids = alive.map((id) => plain(word(id))).join(' ');
  say(
    `${file}: no run was cut off, but this record does not prove that these are dead. Scan again with --revoke, or: guardsweep tokens revoke ${ids}`,
  );
  return 4;
}

/**
 * To any other service a living token is none of its own, which may look like a dead one.
 *
 * @throws {Misuse} where what was left is another organization's.
 */
function refuseElsewhere(file: string, services: ReadonlySet<string>, credential: Credential): void {
  const here = serviceOf(credential);
  const there = [...services].find((each) => each !== here);
  if (there === undefined) return;
  throw new Misuse(
    `what ${file} leaves undone was begun at ${there}, and the credential is of ${here}; set that of the other`,
  );
}

/** The gates of the killed run are not on record, and need not be: what it had planned had passed them. */
function approvedBefore(found: readonly UnfinishedRevocation[]) {
  return {
    revocations: found.map(
      ({ fingerprint, tokenId, userIdentifier, evidence }): Approval => ({
        fingerprint: fingerprint!,
        token_id: tokenId,
        ...(userIdentifier === undefined ? {} : { user_identifier: userIdentifier }),
        evidence: evidence as Approval['evidence'],
        undated: true,
      }),
    ),
    allOfUser: found.some(({ evidence }) => evidence === 'all_of_user'),
    includeOwn: true,
  };
}

async function finishById(
  credential: Credential,
  run: string,
  byId: readonly UnfinishedRevocation[],
  journal: Journal,
  yes: boolean,
): Promise<number> {
  if (byId.length === 0) return 0;
  const service = await connect(credential);
  try {
    const ids = byId.map(({ tokenId }) => tokenId);
    const results = await revokeById(run, ids, {
      service,
      journal,
      // They had passed the gates of the run that planned them.
      gates: {
        maxRevocations: ids.length,
        protectedUsers: [],
        own: USES_NO_TOKEN,
        includeOwn: true,
      },
      confirm: async (records) => yes || agreeToRows(records),
    });
    for (const { tokenId, userIdentifier, state, reason } of results) {
      process.stderr.write(
        `${plain(tokenId)}  ${plain(userIdentifier ?? '')}  ${state}${reason === undefined ? '' : `: ${plain(reason)}`}\n`,
      );
    }
    return results.every(isDead) ? 0 : 4;
  } finally {
    await service.close();
  }
}
