import { Command } from 'commander';
import { count } from './numbers.js';
import type { Finish } from './program.js';
import { type ReadingOptions, reading } from './reading.js';

export interface LocateOptions extends ReadingOptions {
  readonly places: number;
}

export function locateCommand(finish: Finish): Command {
  const command = new Command('locate')
    .description('Prints the commands that lead to a token with ordinary tools, through every container.')
    .argument('<file>', 'a JSON report, or what was scanned: it is scanned again for the token')
    .argument('<fingerprint>', 'of the finding, as reports name it (gs1_…); its beginning will do')
    .option('--places <n>', 'how many places to lead to', count('--places', 1), 10)
    .addHelpText(
      'after',
      `
What is printed is a shell script. It holds no token; run, it prints what stands at each place. It checks the SHA-256 of
the file first where the report has it, unpacks into a private folder only, and reads no setting of a repository.

Examples:
  guardsweep locate report.json gs1_kdxyqdmjgvy3jnqonctr4lai4xwkiqas
  guardsweep locate leak.zip gs1_kdxy | sh`,
    )
    .action(async (file: string, fingerprint: string, options: LocateOptions) => {
      finish(await (await import('./run-locate.js')).runLocate(file, fingerprint, options));
    });
  return reading(command);
}
