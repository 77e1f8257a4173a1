import { Command, Option } from 'commander';
import { duration } from './numbers.js';
import { FORMATS } from './output.js';
import type { Finish } from './program.js';
import { type ReadingOptions, reading } from './reading.js';
import { collect } from './repeatable.js';
import { neededCredential } from './service.js';

export interface ApplyOptions extends ReadingOptions {
  readonly yes?: boolean;
  readonly journal?: string;
  readonly verifyFor?: number;
  readonly format: string;
  readonly output?: string;
  readonly report: readonly string[];
  readonly quiet?: boolean;
  readonly color: boolean;
}

export function applyCommand(finish: Finish): Command {
  const command = new Command('apply')
    .description('Carries out a plan: what is still exactly as it was approved, and nothing else.')
    .argument(
      '<plan>',
      'a file that “plan” or “scan --plan” wrote, or that a scan left when it was over a cap',
    )
    .argument('[targets...]', 'where to find the tokens again (default: the targets that the plan names)')
    .addHelpText(
      'after',
      `
The token list is read and every token probed again before anything is revoked. What drifted since is refused.

Example:
  guardsweep apply plan.json --journal journal.jsonl`,
    )
    .action(async (plan: string, targets: string[], options: ApplyOptions) => {
      const credential = neededCredential('apply');
      finish(await (await import('./run-apply.js')).runApply(credential, plan, targets, options));
    });
  return executing(reading(command));
}

/** The options of every command that carries out revocations and reports them. */
export function executing(command: Command, has: { readonly journal: boolean } = { journal: true }): Command {
  command
    .option('--yes', 'do not ask before revoking')
    .option(
      '--verify-for <time>',
      'how long to wait for a revoked token to be dead (default: 60s)',
      duration('--verify-for'),
    );
  if (has.journal) {
    command.option(
      '--journal <file>',
      'where to record every action (default: one file per run in the state folder)',
    );
  }
  return command
    .addOption(new Option('--format <format>', 'format of the report').choices([...FORMATS]).default('text'))
    .option('--output <file>', 'where to write the report instead of standard output')
    .option('--report <format=file>', 'write a further report (repeatable)', collect, [])
    .option('--quiet', 'say nothing along the way')
    .option('--no-color', 'no colours');
}
