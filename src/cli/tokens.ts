import { Command, Option } from 'commander';
import { Misuse } from '../model/misuse.js';
import { userIdentifier } from './arguments.js';
import { type GateOptions, gating, NAMED_AT_MOST } from './gates.js';
import type { Finish } from './program.js';
import { neededCredential } from './service.js';

/** What every subcommand of `tokens` can print. */
export interface TokensOptions {
  readonly format: 'table' | 'json' | 'ids';
}

export interface ListOptions extends TokensOptions {
  readonly user?: string;
  readonly prefix?: string;
  readonly status?: 'active' | 'revoked';
}

export interface RevokeOptions extends TokensOptions, GateOptions {
  readonly yes?: boolean;
  readonly journal?: string;
}

/** The four endpoints, for people and scripts. Plaintext tokens come in on standard input, never as arguments. */
export function tokensCommand(finish: Finish): Command {
  const command = new Command('tokens').description(
    'The four endpoints of the service, for people and scripts.',
  );
  command
    .command('list')
    .description('Lists the organization’s tokens: every page, or nothing.')
    .option('--user <identifier>', 'only this user, exactly')
    .option('--prefix <text>', 'only users whose identifier begins with this')
    .addOption(new Option('--status <status>', 'only these').choices(['active', 'revoked']))
    .addOption(format('table', 'json', 'ids'))
    .addHelpText('after', '\nExample:\n  guardsweep tokens list --user alice --status active --format ids')
    .action(async (options: ListOptions) => {
      const credential = neededCredential('tokens list');
      finish(await (await import('./run-tokens.js')).list(credential, options));
    });
  command
    .command('probe')
    .description('Says whether each token on standard input (one per line) is alive, and whose it is.')
    .argument('[from]', '- for standard input', '-')
    .addOption(format('table', 'json'))
    .addHelpText('after', '\nExample:\n  guardsweep tokens probe - < tokens.txt')
    .action(async (from: string, options: TokensOptions) => {
      if (from !== '-') {
        throw new Misuse(
          'tokens probe reads tokens from standard input only: an argument would be visible to every process of this machine',
        );
      }
      const credential = neededCredential('tokens probe');
      finish(await (await import('./run-tokens.js')).probe(credential, options));
    });
  gating(command.command('revoke'), NAMED_AT_MOST)
    .description('Revokes tokens by their IDs.')
    .argument('<ids...>', 'token IDs, as tokens list shows them')
    .option('--yes', 'do not ask')
    .option('--journal <file>', 'where to record it (default: one file per run in the state folder)')
    .addOption(format('table', 'json'))
    .addHelpText('after', '\nExample:\n  guardsweep tokens revoke 01J9ZK… --yes')
    .action(async (ids: string[], options: RevokeOptions) => {
      const credential = neededCredential('tokens revoke');
      finish(await (await import('./run-tokens.js')).revoke(credential, ids, options));
    });
  command
    .command('issue')
    .description('Issues a token and prints it: this once, on standard output.')
    .argument('<user-identifier>', 'for whom, such as alice-laptop')
    .addOption(format('table', 'json'))
    .addHelpText('after', '\nExample:\n  guardsweep tokens issue alice-laptop > token')
    .action(async (user: string, options: TokensOptions) => {
      userIdentifier(user);
      const credential = neededCredential('tokens issue');
      finish(await (await import('./run-tokens.js')).issue(credential, user, options));
    });
  return command;
}

function format(...choices: string[]): Option {
  return new Option('--format <format>', 'output format').choices(choices).default(choices[0]);
}
