import { randomUUID } from 'node:crypto';
import { FINGERPRINT } from '../findings/fingerprint.js';
import { redactor } from '../findings/redact.js';
import { Misuse } from '../model/misuse.js';
import { isProvenDead } from '../model/plan.js';
import type { ReportFinding } from '../model/report.js';
import type { TokenRecord } from '../model/token.js';
import type { PlanFile } from '../remediation/plan-file.js';
import { word } from '../reporting/trail/shell.js';
import type { Credential } from '../takumi/credential.js';
import { isRevocable, prefixes } from '../workflows/detector.js';
import { OwnSecrets } from '../workflows/own.js';
import { type Rotated, rotate } from '../workflows/rotate.js';
import type { Replaceable, RotationRequest } from '../workflows/rotation-candidates.js';
import { ask, needSomebodyToAsk } from './ask.js';
import { openDelivery } from './delivery.js';
import { gatesOf } from './gates.js';
import { journalFile, openJournal, recordedIn, wayBack } from './journal-file.js';
import { ownPlaces } from './own-places.js';
import { approvedIn, planPath, readPlan, savePlan, sealedPlan } from './plan-store.js';
import { readPolicy } from './policy-file.js';
import type { RotateOptions } from './rotate.js';
import { readReport } from './saved-report.js';
import { connect } from './service.js';
import { plain } from './table.js';
import { absoluteTargets, targetsAgain } from './targets.js';

/** Exit code 0 when every token was replaced, or nothing of it lives, and the old ones are proven dead; 4 when not. */
export async function runRotate(
  credential: Credential,
  subject: string | undefined,
  again: readonly string[],
  options: RotateOptions,
): Promise<number> {
  const plan = options.approved === undefined ? undefined : readPlan(credential, options.approved, 'rotate');
  const { untold = [], ...what } =
    plan === undefined ? subjectOf(subject, again, options) : subjectOfPlan(plan, subject, again, options);
  if (what.fingerprints?.size === 0) {
    return sayAll(
      untold,
      options,
      'There is nothing to replace: the report names no token that it left alive',
    );
  }
  const policy = options.policy === undefined ? undefined : await readPolicy(options.policy, what.targets);
  const gates = gatesOf(options, policy);
  needSomebodyToAsk('rotate', what.targets, options);
  const delivery = openDelivery(options, true);
  try {
    const own = new OwnSecrets([...ownPlaces(), ...delivery.places]);
    const run = randomUUID();
    const redact = redactor(own.findings, prefixes());
    const journal = openJournal(journalFile(options.journal, run), credential, redact);
    const service = await connect(credential);
    try {
      const results = await rotate({
        ...what,
        run,
        own,
        gates,
        ...(plan === undefined ? {} : { approved: { ...approvedIn(plan), allOfUser: false } }),
        single: delivery.single,
        places: delivery.places,
        ready: () => delivery.ready(),
        service,
        journal,
        stdin: process.stdin,
        deliver: (token, user) => delivery.deliver(token, user),
        onWaiting: (draft, waiting) => {
          const file = planPath(run);
          const settings = { ...gates, targets: what.targets, redact, action: 'rotate' as const };
          if (!savePlan(file, sealedPlan(credential, draft, settings))) return;
          process.stderr.write(
            `${waiting} wait for your approval. Read ${file}, then: guardsweep rotate --approved ${word(file)}\n`,
          );
        },
        confirm: async (replaceable, records) => {
          show(replaceable, records);
          const agreed =
            options.yes === true ||
            (await ask(`Replace ${replaceable.length}? What still uses the old ones stops working.`));
          if (agreed) process.stderr.write(`${wayBack(journal)}\n`);
          return agreed;
        },
      });
      return sayAll([...results, ...untold], options, recordedIn(journal));
    } finally {
      journal.close();
      await service.close();
    }
  } finally {
    delivery.close();
  }
}

interface Subject extends Pick<RotationRequest, 'targets' | 'tokenId' | 'fingerprints' | 'seenAlive'> {
  /** What may be alive, and was not asked about, or got no answer. */
  readonly untold?: readonly Rotated[];
}

function subjectOf(
  subject: string | undefined,
  again: readonly string[],
  { fromReport }: RotateOptions,
): Subject {
  const fingerprint = subject !== undefined && FINGERPRINT.test(subject) ? subject : undefined;
  if (fromReport !== undefined) {
    if (subject !== undefined && fingerprint === undefined) {
      throw new Misuse(
        'with --from-report give a fingerprint of the report, or nothing for all that it found alive',
      );
    }
    return subjectOfReport(fromReport, fingerprint, again);
  }
  if (subject === undefined)
    throw new Misuse('name a fingerprint or a token ID, or a report with --from-report');
  if (/^tg_org_/.test(subject)) {
    throw new Misuse(
      'rotate takes a fingerprint or a token ID: an argument is visible to every process of this machine',
    );
  }
  if (fingerprint === undefined) return { targets: [], tokenId: subject };
  return { targets: absoluteTargets(again), fingerprints: new Set([fingerprint]) };
}

function subjectOfReport(file: string, named: string | undefined, again: readonly string[]): Subject {
  const report = readReport(file);
  const targets = absoluteTargets(again.length > 0 ? again : report.run.targets);
  if (again.length === 0 && targets.includes('-')) {
    throw new Misuse(`${file} is of standard input, which cannot be read again; give it as a file`);
  }
  if (named !== undefined) return { targets, fingerprints: new Set([named]) };
  const live = report.findings.filter(
    ({ verdict, remediation }) => verdict.state === 'active' && !isProvenDead(remediation.state),
  );
  const reason = 'the report does not say whether it is alive; scan again with --probe, or name it here';
  return {
    targets,
    fingerprints: new Set(live.map(({ fingerprint }) => fingerprint)),
    seenAlive: new Map(live.map(({ fingerprint, verdict }) => [fingerprint, verdict.token_id])),
    untold: report.findings
      .filter(mayBeAlive)
      .map(({ fingerprint }): Rotated => ({ fingerprint, state: 'refused', reason })),
  };
}

/** Names of columns and the like are in every report, and nobody asks about them. */
function mayBeAlive({ rule, confidence, verdict: { state } }: ReportFinding): boolean {
  return state === 'unknown' || (state === 'not_probed' && confidence === 'high' && isRevocable(rule));
}

function subjectOfPlan(
  { revocations, targets }: PlanFile,
  subject: string | undefined,
  again: readonly string[],
  { approved, fromReport }: RotateOptions,
): Subject {
  if (subject !== undefined && FINGERPRINT.test(subject)) {
    throw new Misuse('with --approved the plan says what is replaced; give targets only');
  }
  if (fromReport !== undefined) throw new Misuse('give one of --approved and --from-report');
  const named = subject === undefined ? again : [subject, ...again];
  return {
    targets: targetsAgain(targets, named, `rotate --approved ${word(approved!)}`),
    fingerprints: new Set(revocations.map(({ fingerprint }) => fingerprint)),
    seenAlive: new Map(revocations.map((each) => [each.fingerprint, each.token_id])),
  };
}

function show(replaceable: readonly Replaceable[], records: readonly TokenRecord[]): void {
  process.stderr.write('To be replaced:\n');
  for (const { tokenId, userIdentifier } of replaceable) {
    const used = records.find((row) => row.tokenId === tokenId)?.lastUsedAt;
    process.stderr.write(
      `  ${plain(tokenId)}  ${plain(userIdentifier)}  last used ${plain(used ?? 'never, or not known')}\n`,
    );
  }
}

/** What became of each, and last what there is to say of all. @returns the exit code. */
function sayAll(results: readonly Rotated[], options: RotateOptions, last: string): number {
  for (const result of results) say(result, options);
  process.stderr.write(`${last}\n`);
  return results.every(({ state }) => state === 'rotated' || state === 'already_revoked') ? 0 : 4;
}

/** On standard error: standard output may be where the token goes. */
function say(result: Rotated, { format }: RotateOptions): void {
  const { tokenId, userIdentifier, fingerprint, state, newTokenId, reason } = result;
  const shown =
    format === 'json'
      ? JSON.stringify({
          fingerprint,
          token_id: tokenId,
          user_identifier: userIdentifier,
          state,
          new_token_id: newTokenId,
          reason,
        })
      : `${plain(tokenId ?? fingerprint ?? '')}${userIdentifier === undefined ? '' : ` of ${plain(userIdentifier)}`}: ${state.replaceAll('_', ' ')}${reason === undefined ? '' : `: ${plain(reason)}`}`;
  process.stderr.write(`${shown}\n`);
}
