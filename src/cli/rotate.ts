import { Command, Option } from 'commander';
import { type DeliveryOptions, delivering } from './delivery.js';
import { FOUND_AT_MOST, FOUND_SHARE, type GateOptions, gating } from './gates.js';
import type { Finish } from './program.js';
import { neededCredential } from './service.js';

export interface RotateOptions extends DeliveryOptions, GateOptions {
  readonly fromReport?: string;
  readonly approved?: string;
  readonly policy?: string;
  readonly yes?: boolean;
  readonly journal?: string;
  readonly format: 'text' | 'json';
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
    .option('--journal <file>', 'where to record it (default: one file per run in the state folder)')
    .addOption(new Option('--format <format>', 'output format').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Without --write-to, --to-file or --to-command the new token is printed, this once, on standard output. If it cannot be
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
  return gating(delivering(command), FOUND_AT_MOST, `${FOUND_SHARE}; of a token named by its ID, none`);
}
