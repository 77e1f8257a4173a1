import { Command } from 'commander';
import type { Finish } from './program.js';

export function doctorCommand(finish: Finish): Command {
  return new Command('doctor')
    .description(
      'Says what works here: credential, role, contract of the service, decoders. Changes nothing.',
    )
    .addHelpText(
      'after',
      '\nExit code 0: all that is configured works. 3: something has to be fixed first.\n\nExample:\n  guardsweep doctor',
    )
    .action(async () => finish(await (await import('./run-doctor.js')).runDoctor()));
}
