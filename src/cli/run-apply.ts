import { randomUUID } from 'node:crypto';
import { Journal } from '../audit/journal.js';
import { Misuse } from '../model/misuse.js';
import type { OpenRevocation } from '../remediation/resume.js';
import type { Credential } from '../takumi/credential.js';
import type { Approved } from '../workflows/apply.js';
import { type Redaction, type ScanRequest, scan } from '../workflows/scan.js';
import { absoluteTargets } from './absolute-targets.js';
import type { ApplyOptions } from './apply.js';
import { canAsk } from './ask.js';
import { journalFile, wayBack } from './journal-file.js';
import { openOutputs, writeOutputs } from './output.js';
import { ownPlaces } from './own-places.js';
import { readPlan } from './plan-store.js';
import { type Reading, readingOf } from './reading.js';
import { connect } from './service.js';
import { agree, showPlan } from './show-plan.js';
import { terminal } from './terminal.js';

/** Checks the plan before anything is sent; then scans, probes, revokes and reports. */
export async function runApply(
  credential: Credential,
  file: string,
  again: readonly string[],
  options: ApplyOptions,
): Promise<number> {
  const plan = readPlan(credential, file);
  const targets = targetsOf(plan.targets, again, `apply ${file}`);
  needSomebodyToAsk('apply', targets, options);
  const reading = readingOf(options);
  const run = randomUUID();
  const redaction: Redaction = { redact: (text) => text };
  const journal = Journal.open(journalFile(options.journal, run), {
    redact: (text) => redaction.redact(text),
  });
  const approved: Approved = {
    revocations: plan.revocations,
    refused: plan.refusals,
    allOfUser: plan.all_of_user,
    includeOwn: plan.include_own,
    protectedUsers: plan.protected,
  };
  return execution(credential, { run, targets, reading, redaction, journal, approved }, options);
}

interface Execution {
  readonly run: string;
  readonly targets: readonly string[];
  readonly reading: Reading;
  readonly redaction: Redaction;
  readonly journal: Journal;
  readonly approved: Approved;
  readonly begun?: readonly OpenRevocation[];
  readonly proven?: ReadonlySet<string>;
}

/** Scans `targets`, carries out what was approved, writes the reports, and closes the journal. */
export async function execution(
  credential: Credential,
  { run, targets, reading, redaction, journal, approved, begun = [], proven = new Set() }: Execution,
  options: Omit<ApplyOptions, 'journal'>,
): Promise<number> {
  const to = terminal(options);
  try {
    const outputs = openOutputs(options, targets);
    const service = await connect(credential);
    try {
      const request: ScanRequest = {
        run,
        targets,
        absoluteTargets: targets,
        ...reading,
        stdin: process.stdin,
        redaction,
        service,
        ownPlaces,
        apply: {
          approved,
          begun,
          proven,
          journal,
          ...(options.verifyFor === undefined ? {} : { verifyFor: options.verifyFor }),
          confirm: async (draft) => {
            showPlan(draft, to);
            const agreed = options.yes === true || (await agree(draft));
            if (agreed) to.say(wayBack(journal));
            return agreed;
          },
        },
      };
      const { report } = await scan(request);
      await writeOutputs(outputs, report, to);
      to.say(`Every action is recorded in ${journal.file}`);
      return report.exit_code;
    } finally {
      await service.close();
    }
  } finally {
    journal.close();
  }
}

/** The targets named now, else those of the record; standard input can't be read a second time. */
export function targetsOf(recorded: readonly string[], again: readonly string[], command: string): string[] {
  const targets = absoluteTargets(again.length > 0 ? again : recorded);
  if (again.length === 0 && targets.includes('-')) {
    throw new Misuse(
      `the tokens were found on standard input, which has to be given again: guardsweep ${command} - < FILE`,
    );
  }
  return targets;
}

export function needSomebodyToAsk(
  command: string,
  targets: readonly string[],
  { yes }: { readonly yes?: boolean },
): void {
  if (!yes && !(canAsk() && !targets.includes('-'))) {
    throw new Misuse(
      `${command} has nobody to ask here: there is no terminal. Give --yes to go on without asking`,
    );
  }
}
