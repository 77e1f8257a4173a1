import { Command } from 'commander';
import type { Finish } from './program.js';

export function drillCommand(finish: Finish): Command {
  return new Command('drill')
    .description('The whole story on made-up data against the emulator. No account, no network.')
    .option(
      '--folder <path>',
      'where to leave the leak, the report and the journal (default: a new temporary folder)',
    )
    .addHelpText('after', '\nExample:\n  guardsweep drill --folder ./drill')
    .action(async (options: { folder?: string }) => {
      finish(await (await import('./run-drill.js')).runDrill(options.folder));
    });
}
