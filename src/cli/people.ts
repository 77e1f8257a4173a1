import { Command, Option } from 'commander';
import { Misuse } from '../model/misuse.js';
import { userIdentifier } from './arguments.js';
import { type DeliveryOptions, delivering } from './delivery.js';
import { FOUND_AT_MOST, type GateOptions, gating, NAMED_AT_MOST } from './gates.js';
import { duration } from './numbers.js';
import type { Finish } from './program.js';
import { neededCredential } from './service.js';

export interface OffboardOptions extends GateOptions {
  readonly from?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly journal?: string;
  readonly format: 'table' | 'json';
}

export interface ProvisionOptions extends DeliveryOptions {
  readonly maxAge?: number;
  readonly revokeAllOfUser?: boolean;
  readonly journal?: string;
  readonly format: 'text' | 'json';
}

export interface RotateOptions extends DeliveryOptions, GateOptions {
  readonly fromReport?: string;
  readonly approved?: string;
  readonly policy?: string;
  readonly yes?: boolean;
  readonly journal?: string;
  readonly format: 'text' | 'json';
}

export function offboardCommand(finish: Finish): Command {
  const command = new Command('offboard')
    .description('The leaver sweep: every active token of exactly these users, revoked and verified.')
    .argument('[user-identifiers...]', 'exact identifiers; alice is not alice-laptop')
    .option('--from <file>', 'more identifiers, one a line; - for standard input')
    .option('--yes', 'do it; without this and without a terminal it only shows what it would do')
    .option('--dry-run', 'show what it would do, and do nothing')
    .option('--journal <file>', 'where to record it (default: a file a run in the state folder)')
    .addOption(new Option('--format <format>', 'of the output').choices(['table', 'json']).default('table'))
    .addHelpText(
      'after',
      `
Exit code 0: every token is revoked, or a dry run. 4: one is not.

Example:
  guardsweep offboard alice-laptop alice-desktop
  guardsweep offboard --from leavers.txt --yes`,
    )
    .action(async (users: string[], options: OffboardOptions) => {
      const credential = neededCredential('offboard');
      finish(await (await import('./run-offboard.js')).runOffboard(credential, users, options));
    });
  return gating(command, NAMED_AT_MOST);
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
      'where it can not be told which token was replaced: revoke every other of this user; only where this machine alone is that user',
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

export function rotateCommand(finish: Finish): Command {
  const command = new Command('rotate')
    .description('Replaces a token: issues a new one for the same user, delivers it, revokes the old one.')
    .argument('[subject]', 'a fingerprint or a token ID; with --from-report every live token of the report')
    .argument(
      '[targets...]',
      'where to find the token of a fingerprint (default: where this machine keeps its own)',
    )
    .option('--from-report <file>', 'a JSON report: its targets are scanned again for what it found alive')
    .option(
      '--approved <plan>',
      'what a rotation that was over a cap left for approval; the caps no longer bind',
    )
    .option(
      '--policy <file>',
      'what is done about which live token (YAML); those to revoke or rotate are rotated',
    )
    .option('--yes', 'do not ask')
    .option('--journal <file>', 'where to record it (default: a file a run in the state folder)')
    .addOption(new Option('--format <format>', 'of what is said').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Without --write-to, --to-file or --to-command the new token is printed, this once, on standard output. If it can not be
delivered the old one lives and the new one is revoked. The old token dies, so what holds a revocation back holds this
back; what this job uses is replaced where it is written to, otherwise with --include-own only. A command is told whose
token it gets in GUARDSWEEP_USER_IDENTIFIER; it has to read it to the end, and to end with 0 within ten minutes
(GUARDSWEEP_COMMAND_TIMEOUT=30s).

Example:
  guardsweep rotate TOKEN_ID --write-to ~/.npmrc
  guardsweep rotate gs1_… leak.zip --to-command 'gh secret set NPM_TOKEN'`,
    )
    .action(async (subject: string | undefined, targets: string[], options: RotateOptions) => {
      const credential = neededCredential('rotate');
      finish(await (await import('./run-rotate.js')).runRotate(credential, subject, targets, options));
    });
  return gating(delivering(command), FOUND_AT_MOST);
}

function provisioning(
  command: Command,
  name: string,
  finish: Finish,
  check: (options: ProvisionOptions) => void = () => {},
): Command {
  return delivering(command)
    .option('--journal <file>', 'where to record it (default: a file a run in the state folder)')
    .addOption(new Option('--format <format>', 'of what is said').choices(['text', 'json']).default('text'))
    .action(async (user: string, options: ProvisionOptions) => {
      check(options);
      userIdentifier(user);
      const credential = neededCredential(name);
      finish(await (await import('./run-provision.js')).runProvision(credential, user, options));
    });
}
