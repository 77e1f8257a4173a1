import { randomUUID } from 'node:crypto';
import type { Journal } from '../audit/journal.js';
import type { OpenRevocation } from '../remediation/resume.js';
import { word } from '../reporting/trail/shell.js';
import type { Credential } from '../takumi/credential.js';
import type { Approved } from '../workflows/apply.js';
import { type Redaction, type ScanRequest, scan } from '../workflows/scan.js';
import type { ApplyOptions } from './apply.js';
import { needSomebodyToAsk } from './ask.js';
import { journalFile, openJournal, recordedIn } from './journal-file.js';
import { withOutputs, writeOutputs } from './output.js';
import { ownPlaces } from './own-places.js';
import { approvedIn, readPlan } from './plan-store.js';
import { type Reading, readingOf } from './reading.js';
import { connect } from './service.js';
import { confirming } from './show-plan.js';
import { targetsAgain } from './targets.js';
import { terminal } from './terminal.js';

/** Checks the plan before anything is sent; then scans, probes, revokes and reports. */
export async function runApply(
  credential: Credential,
  file: string,
  again: readonly string[],
  options: ApplyOptions,
): Promise<number> {
  const plan = readPlan(credential, file);
  const targets = targetsAgain(plan.targets, again, `apply ${word(file)}`);
  needSomebodyToAsk('apply', targets, options);
  const reading = readingOf(options);
  const run = randomUUID();
  const redaction: Redaction = { redact: (text) => text };
  const journal = openJournal(journalFile(options.journal, run), credential, (text) =>
    redaction.redact(text),
  );
  const approved = approvedIn(plan);
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
    return await withOutputs(options, [...targets, journal.file], async (outputs) => {
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
            confirm: confirming(journal, options, to),
          },
        };
        const { report } = await scan(request);
        const written = await writeOutputs(outputs, report, to);
        to.say(recordedIn(journal));
        return Math.max(report.exit_code, written);
      } finally {
        await service.close();
      }
    });
  } finally {
    journal.close();
  }
}
