import { Command } from 'commander';
import type { Finish } from './program.js';

export function doctorCommand(finish: Finish): Command {
  return new Command('doctor')
    .description(
      'Says what works here: credential, role, contract of the service, decoders. Changes nothing.',
    )
    .action(async () => finish(await (await import('./run-doctor.js')).runDoctor()));
}
