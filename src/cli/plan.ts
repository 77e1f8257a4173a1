import { Command } from 'commander';
import { collectUserGlobs } from './gates.js';
import { duration } from './numbers.js';
import type { Finish } from './program.js';
import { type ReadingOptions, reading } from './reading.js';
import { neededCredential } from './service.js';

/** Who approves it should still know what it was about. */
const LONGEST_PLAN = '90d';

export interface PlanOptions extends ReadingOptions {
  readonly output?: string;
  readonly validFor?: number;
  readonly protect: readonly string[];
  readonly includeOwn?: boolean;
  readonly revokeAllOfUser?: boolean;
  readonly quiet?: boolean;
}

export function planCommand(finish: Finish): Command {
  const command = new Command('plan')
    .description('Writes which revocations a scan calls for, as a file to read and approve. Revokes nothing.')
    .argument('<report-or-target>', 'a JSON report of a scan, or a target to scan')
    .argument('[targets...]', 'where to find the tokens again (default: the targets that the report names)')
    .option('--output <file>', 'where to write the plan (default: standard output)')
    .option(
      '--valid-for <time>',
      'how long it may wait for approval (default: 24h)',
      duration('--valid-for', LONGEST_PLAN),
    )
    .option(
      '--protect <glob>',
      'leave alone tokens of users whose identifier matches (repeatable)',
      collectUserGlobs,
      [],
    )
    .option('--include-own', 'plan to revoke what this very job uses too, after everything else')
    .option(
      '--revoke-all-of-user',
      'where it is unclear which of a user’s tokens leaked: plan for all of them',
    )
    .option('--quiet', 'say nothing along the way')
    .addHelpText(
      'after',
      `
A report and a plan hold no token, so the targets are scanned again. The plan names token IDs, users, the evidence,
when each token was last used and what is likely to break. It is sealed with the credential and expires.

Example:
  guardsweep scan --report json=report.json leak.zip
  guardsweep plan report.json --output plan.json
  guardsweep apply plan.json`,
    )
    .action(async (first: string, targets: string[], options: PlanOptions) => {
      const credential = neededCredential('plan');
      finish(await (await import('./run-plan.js')).runPlan(credential, first, targets, options));
    });
  return reading(command);
}
