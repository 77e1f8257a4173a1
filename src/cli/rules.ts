import { Command } from 'commander';
import type { Finish } from './program.js';

export function rulesCommand(finish: Finish): Command {
  const command = new Command('rules').description('What is looked for.');
  command
    .command('list')
    .description('Lists the families of tokens and what is done about each.')
    .addHelpText('after', '\nExample:\n  guardsweep rules list')
    .action(async () => finish((await import('./run-rules.js')).list()));
  command
    .command('test')
    .description('Checks every rule against its own examples and counterexamples.')
    .addHelpText('after', '\nExample:\n  guardsweep rules test')
    .action(async () => finish((await import('./run-rules.js')).check()));
  return command;
}
