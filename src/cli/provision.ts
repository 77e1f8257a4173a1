import { Command, Option } from 'commander';
import { Misuse } from '../model/misuse.js';
import { userIdentifier } from './arguments.js';
import { type DeliveryOptions, delivering } from './delivery.js';
import { duration } from './numbers.js';
import type { Finish } from './program.js';
import { neededCredential } from './service.js';

export interface ProvisionOptions extends DeliveryOptions {
  readonly maxAge?: number;
  readonly revokeAllOfUser?: boolean;
  readonly journal?: string;
  readonly format: 'text' | 'json';
}

export function onboardCommand(finish: Finish): Command {
  const command = new Command('onboard')
    .description(
      'Day zero: puts a token where a package manager reads it. A working one already there is kept.',
    )
    .argument('<user-identifier>', 'for whom, such as alice-laptop')
    .addHelpText(
      'after',
      `
Exit code 0: a working token is in place. 2: the service did not say whether the one in place works, so it
was kept, or issued none. 3: wrong call or credential.

Example:
  guardsweep onboard alice-laptop --write-to ~/.npmrc --write-to ~/.config/pip/pip.conf`,
    );
  return provisioning(command, 'onboard', finish);
}

export function ensureCommand(finish: Finish): Command {
  const command = new Command('ensure')
    .description(
      'For device management, daily: does nothing when all is well, and replaces a token when it is due.',
    )
    .argument('<user-identifier>', 'of this machine, such as alice-laptop')
    .option(
      '--max-age <time>',
      'replace a token that is older, such as 30d (default: never)',
      duration('--max-age'),
    )
    .option(
      '--revoke-all-of-user',
      'where it cannot be told which token was replaced: revoke every other of this user; only where this machine alone is that user',
    )
    .addHelpText(
      'after',
      `
The new token is in place and works before the old one is revoked; if anything fails the machine keeps the old one.
What a run left behind (it was killed, or could not tell which of the user's tokens it had replaced) is seen to on every
further run, by the journal that is kept for this user in the state folder.

Exit code 0: a working token is in place and none that it replaced is alive. 2: it could not be checked, so it was kept;
try later. 3: wrong call or credential. 4: a working token is in place, but one that it replaced is not proven dead; this
is said on every run until it is.

Example:
  guardsweep ensure "$(hostname)" --max-age 30d --write-to ~/.npmrc`,
    );
  return provisioning(command, 'ensure', finish, (options) => {
    if (options.toCommand !== undefined) {
      throw new Misuse('ensure has to see what is in place: give --write-to FILE or --to-file FILE');
    }
  });
}

/** What `onboard` and `ensure` have in common: the same workflow, with and without an age at which a token is due. */
function provisioning(
  command: Command,
  name: string,
  finish: Finish,
  check: (options: ProvisionOptions) => void = () => {},
): Command {
  return delivering(command)
    .option('--journal <file>', 'where to record it (default: one file per run in the state folder)')
    .addOption(new Option('--format <format>', 'output format').choices(['text', 'json']).default('text'))
    .action(async (user: string, options: ProvisionOptions) => {
      check(options);
      userIdentifier(user);
      const credential = neededCredential(name);
      finish(await (await import('./run-provision.js')).runProvision(credential, user, options));
    });
}
