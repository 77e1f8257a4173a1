import { randomUUID } from 'node:crypto';
import { Misuse } from '../model/misuse.js';
import type { Report } from '../model/report.js';
import { word } from '../reporting/trail/shell.js';
import { visible } from '../reporting/visible.js';
import { describeWhere } from '../reporting/where.js';
import type { Credential } from '../takumi/credential.js';
import { type Redaction, scan } from '../workflows/scan.js';
import { ownPlaces } from './own-places.js';
import type { PlanOptions } from './plan.js';
import { checkPlan, savePlan, sealedPlan } from './plan-store.js';
import { readingOf } from './reading.js';
import { isReport, readReport } from './saved-report.js';
import { connect } from './service.js';
import { showPlan } from './show-plan.js';
import { absoluteTargets } from './targets.js';
import { terminal } from './terminal.js';

/** Exit code 0 when a plan was written that has everything in it; 2, 4 as the scan behind it says. */
export async function runPlan(
  credential: Credential,
  first: string,
  rest: readonly string[],
  options: PlanOptions,
): Promise<number> {
  const to = terminal(options);
  const saved = savedReport(first);
  const how = readingOf(options);
  const targets = absoluteTargets(
    saved === undefined ? [first, ...rest] : rest.length > 0 ? rest : saved.run.targets,
  );
  if (saved !== undefined && rest.length === 0 && targets.includes('-')) {
    throw new Misuse(
      `${first} is of standard input, which cannot be read again from here. Give it again: guardsweep plan ${word(first)} - < FILE`,
    );
  }
  checkPlan(options.output, targets);
  const gates = {
    allOfUser: options.revokeAllOfUser ?? false,
    includeOwn: options.includeOwn ?? false,
    protectedUsers: options.protect,
  };
  const redaction: Redaction = { redact: (text) => text };
  const service = await connect(credential);
  let text: string | undefined;
  try {
    const { report } = await scan({
      run: randomUUID(),
      targets,
      ...how,
      stdin: process.stdin,
      redaction,
      service,
      ownPlaces,
      plan: {
        ...gates,
        ...(saved === undefined
          ? {}
          : { only: new Set(saved.findings.map(({ fingerprint }) => fingerprint)) }),
        keep: (draft) => {
          showPlan(draft, to);
          text = sealedPlan(credential, draft, {
            ...gates,
            targets,
            redact: redaction.redact,
            ...(options.validFor === undefined ? {} : { validFor: options.validFor }),
          });
        },
      },
    });
    if (text === undefined) {
      to.say('The token list could not be read, so there is no plan.');
      return 4;
    }
    if (options.output === undefined || !savePlan(options.output, text)) to.out(text);
    for (const { where, detail } of report.coverage.unscanned)
      to.detail(`${describeWhere(where)}: ${visible(detail)}`);
    if (!report.coverage.complete) to.say('Not everything could be scanned: the plan may lack tokens.');
    return report.exit_code === 1 ? 0 : report.exit_code;
  } finally {
    await service.close();
  }
}

/** The report in the file of this name; `undefined` when it is something to scan. */
function savedReport(path: string): Report | undefined {
  return isReport(path) ? readReport(path) : undefined;
}
