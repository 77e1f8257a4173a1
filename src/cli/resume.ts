import { Command } from 'commander';
import { type ApplyOptions, executing } from './apply.js';
import type { Finish } from './program.js';
import { reading } from './reading.js';
import { neededCredential } from './service.js';

export type ResumeOptions = Omit<ApplyOptions, 'journal'>;

export function resumeCommand(finish: Finish): Command {
  const command = new Command('resume')
    .description('Finishes what a killed run left undone, by its journal.')
    .argument('<journal>', 'the journal of the run; the record goes on in it')
    .argument('[targets...]', 'where to find the tokens again (default: the targets that the journal names)')
    .addHelpText(
      'after',
      `
What had been sent is settled by probes, never by the record alone; what was approved and never sent is checked against
the list and probed anew, and then revoked. Nothing is added to what had been approved. What a run that came to its
end gave up on is named, and not tried again.

Example:
  guardsweep resume ~/.local/state/guardsweep/journals/RUN.jsonl`,
    )
    .action(async (journal: string, targets: string[], options: ResumeOptions) => {
      const credential = neededCredential('resume');
      finish(await (await import('./run-resume.js')).runResume(credential, journal, targets, options));
    });
  return executing(reading(command), { journal: false });
}
