import { Command, Option } from 'commander';
import { type GateOptions, gating, NAMED_AT_MOST } from './gates.js';
import type { Finish } from './program.js';
import { neededCredential } from './service.js';

export interface OffboardOptions extends GateOptions {
  readonly from?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly journal?: string;
  readonly format: 'table' | 'json';
}

export function offboardCommand(finish: Finish): Command {
  const command = new Command('offboard')
    .description('The leaver sweep: every active token of exactly these users, revoked and verified.')
    .argument('[user-identifiers...]', 'exact identifiers; alice is not alice-laptop')
    .option('--from <file>', 'more identifiers, one per line; - for standard input')
    .option('--yes', 'do it; without this and without a terminal it only shows what it would do')
    .option('--dry-run', 'show what it would do, and do nothing')
    .option('--journal <file>', 'where to record it (default: one file per run in the state folder)')
    .addOption(new Option('--format <format>', 'output format').choices(['table', 'json']).default('table'))
    .addHelpText(
      'after',
      `
Exit code 0: every token is revoked, or a dry run. 4: one is not.

Example:
  guardsweep offboard alice-laptop alice-desktop
  guardsweep offboard --from leavers.txt --yes`,
    )
    .action(async (users: string[], options: OffboardOptions) => {
      const credential = neededCredential('offboard');
      finish(await (await import('./run-offboard.js')).runOffboard(credential, users, options));
    });
  return gating(command, NAMED_AT_MOST);
}
