import { Command } from 'commander';
import type { Finish } from './program.js';
import { collect } from './repeatable.js';

export function hookCommand(finish: Finish): Command {
  const command = new Command('hook').description('Stops commits that hold a token.');
  command
    .command('install')
    .description(
      'Installs the pre-commit hook in the repository you stand in; a hook of yours is never overwritten.',
    )
    .addHelpText('after', '\nExample:\n  cd my-repository && guardsweep hook install')
    .action(async () => finish(await (await import('./hook-file.js')).install(process.cwd())));
  command
    .command('uninstall')
    .description('Removes it again.')
    .addHelpText('after', '\nExample:\n  guardsweep hook uninstall')
    .action(async () => finish(await (await import('./hook-file.js')).uninstall(process.cwd())));
  command
    .command('run')
    .description(
      'What the hook runs: searches what is staged and differs from HEAD. No folder is walked, so what git ignores (node_modules, as a rule) is left out; what is staged nevertheless is searched. Contacts nobody, revokes nothing.',
    )
    .addHelpText('after', '\nExample:\n  guardsweep hook run --ignore-file known-and-dead.txt')
    .option('--strict', 'stop for findings of any confidence')
    .option('--ignore-file <file>', 'fingerprints that do not stop a commit (repeatable)', collect, [])
    .action(async (options: { strict?: boolean; ignoreFile: readonly string[] }) => {
      finish(await (await import('./run-hook.js')).runHook(options));
    });
  return command;
}
