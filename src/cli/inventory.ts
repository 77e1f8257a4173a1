import { Command, Option } from 'commander';
import type { Finish } from './program.js';

export interface InventoryOptions {
  readonly format: 'table' | 'json';
  readonly list: boolean;
}

export function inventoryCommand(finish: Finish): Command {
  return new Command('inventory')
    .description(
      'Puts saved reports and the token list together: what has leaked, what of it lives, since when.',
    )
    .argument('<reports...>', 'JSON reports of scans')
    .option('--no-list', 'do not ask the service; use the reports alone')
    .addOption(new Option('--format <format>', 'output format').choices(['table', 'json']).default('table'))
    .addHelpText(
      'after',
      `
For each token: issued, first seen in a commit, last used, found, dead; whether it was used after it had leaked,
and whether it still stands in files or in the commit that HEAD names, dead or alive.
Exit code 1 when a token that has leaked is alive.

Example:
  guardsweep inventory reports/*.json --format json`,
    )
    .action(async (reports: string[], options: InventoryOptions) => {
      finish(await (await import('./run-inventory.js')).runInventory(reports, options));
    });
}
