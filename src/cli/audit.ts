import { Command } from 'commander';
import type { Finish } from './program.js';

export function auditCommand(finish: Finish): Command {
  const command = new Command('audit').description('The record of what was done.');
  command
    .command('verify')
    .description(
      'Checks that a journal is whole: its chain, its numbering, and that no action was left open.',
    )
    .argument('<file>', 'a journal')
    .addHelpText(
      'after',
      '\nExit code 0: whole. 2: broken, cut off, or with an action whose outcome is not recorded.\n\nExample:\n  guardsweep audit verify journal.jsonl',
    )
    .action(async (file: string) => {
      const { runVerify } = await import('./run-verify.js');
      finish(await runVerify(file));
    });
  return command;
}
