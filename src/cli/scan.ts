import { Command, Option } from 'commander';
import { Misuse } from '../model/misuse.js';
import { FOUND_AT_MOST, FOUND_SHARE, type GateOptions, gating } from './gates.js';
import { bytes, count, duration } from './numbers.js';
import { FORMATS } from './output.js';
import type { Finish } from './program.js';
import { collect } from './repeatable.js';

/** What commander makes of `scan`'s options. */
export interface ScanOptions extends GateOptions {
  readonly staged?: boolean;
  readonly history: boolean;
  readonly state?: string;
  readonly since?: string;
  readonly range?: string;
  readonly exclude: readonly string[];
  readonly skipWellKnown?: boolean;
  readonly follow?: boolean;
  readonly followFor?: number;
  readonly fromEnd?: boolean;
  readonly ignoreFile: readonly string[];
  readonly deep?: boolean;
  readonly passwordFile?: string;
  readonly threads?: number;
  readonly maxBytes?: number;
  readonly maxRatio?: number;
  readonly maxDepth?: number;
  readonly maxEntries?: number;
  readonly maxMemory?: number;
  readonly maxTime?: number;
  readonly probe?: boolean;
  readonly probeLow?: boolean;
  readonly revoke?: boolean;
  readonly revokeAllOfUser?: boolean;
  readonly yes?: boolean;
  readonly policy?: string;
  readonly plan?: string;
  readonly verifyFor?: number;
  readonly journal?: string;
  readonly format: string;
  readonly output?: string;
  readonly report: readonly string[];
  readonly strict?: boolean;
  readonly explain?: boolean;
  readonly showSecrets?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly progress: boolean;
  readonly color: boolean;
}

const EXAMPLES = `
Examples:
  guardsweep scan leak.zip                     is anything alive in this archive?
  guardsweep scan .                            this repository: work tree and every object of its history
  kubectl logs app | guardsweep scan -         a stream
  guardsweep scan --follow /var/log/app/*.log  logs as they grow, over rotations, until Ctrl-C
  guardsweep scan --revoke --yes leak.tar.gz   revoke what is proven alive and ours, and prove that it is dead

Everything is searched: hidden and ignored files, node_modules, git's own folder. Only --exclude and --skip-well-known
leave anything out, and the report says how much. A hook walks no folder: it searches the index alone, and what git
ignores is not in there. Symbolic links are not followed; pipes, sockets and devices are listed.

With TAKUMI_ORG_ID, TAKUMI_BOT_API_KEY and TAKUMI_BOT_ID set, each distinct token is probed once.`;

export function scanCommand(finish: Finish): Command {
  const command = new Command('scan')
    .description('Searches targets for leaked tokens and says which are alive.')
    .argument(
      '[targets...]',
      'directories, repositories (also by URL), files, logs, archives, or - for standard input (default: .)',
    )
    .addHelpText('after', EXAMPLES);
  what(command);
  following(command);
  limits(command);
  service(command);
  output(command);
  return command.action(async (targets: string[], options: ScanOptions) => {
    if (options.follow) {
      const { runFollow } = await import('./run-follow.js');
      finish(await runFollow(targets, options));
      return;
    }
    if (options.format === 'jsonl') {
      throw new Misuse('--format jsonl goes with --follow only. For one JSON document: --format json');
    }
    const { runScan } = await import('./run-scan.js');
    finish(await runScan(targets.length === 0 ? ['.'] : targets, options));
  });
}

function what(command: Command): void {
  command
    .optionsGroup('What to search:')
    .option('--staged', 'the index of the repository, as blobs, instead of its files and history')
    .option('--no-history', 'leave out the git database: files only')
    .option('--state <file>', 'remember what was scanned of repositories, and read only what is new')
    .option('--since <rev>', 'only what the commits from there to HEAD bring in, merges included')
    .addOption(
      new Option('--range <a..b>', 'only what these commits bring in: for pull requests').conflicts('since'),
    )
    .option(
      '--exclude <glob>',
      'leave out paths that match (repeatable); they are not listed as unscanned',
      collect,
      [],
    )
    .option(
      '--skip-well-known',
      'leave out what package managers install: node_modules, bower_components, jspm_packages, .yarn/cache, .pnpm-store, site-packages, and caches of Python (__pycache__, .mypy_cache, …)',
    )
    .option(
      '--threads <n>',
      'how many may search at once (default: one per core, at most 8, fewer where a huge repository leaves no memory for them)',
      count('--threads', 1),
    )
    .option(
      '--deep',
      'look for compressed streams in every binary file; in archives, and where they are written as base64 or hex in a text, that is always done',
    )
    .option('--password-file <file>', 'passwords to try on what is encrypted, one per line')
    .option('--ignore-file <file>', 'fingerprints to report as suppressed (repeatable)', collect, []);
}

function following(command: Command): void {
  command
    .optionsGroup('Following logs (they are read to their end first, then as they grow):')
    .option('--follow', 'tell of each token as it is written; Ctrl-C or SIGTERM ends it with the report')
    .addOption(
      new Option('--follow-for <time>', 'the same, but only for this long, such as 90s or 8h')
        .argParser(duration('--follow-for'))
        .implies({ follow: true }),
    )
    .addOption(
      new Option('--from-end', 'the same, but do not report what the logs hold already').implies({
        follow: true,
      }),
    );
}

function limits(command: Command): void {
  command
    .optionsGroup('Limits (what is cut off is listed, and the exit code is 2):')
    .option(
      '--max-bytes <size>',
      'bytes that expansion may produce in all (default: 1T)',
      bytes('--max-bytes'),
    )
    .option(
      '--max-ratio <n>',
      'how far one byte of a container may expand (default: 1500)',
      count('--max-ratio', 1),
    )
    .option('--max-depth <n>', 'how deep containers may nest (default: 12)', count('--max-depth'))
    .option(
      '--max-entries <n>',
      'members in all containers together (default: 20000000)',
      count('--max-entries', 1),
    )
    .option(
      '--max-memory <size>',
      'the largest object held in memory whole (default: 64M)',
      bytes('--max-memory'),
    )
    .option(
      '--max-time <time>',
      'time limit for the scan, such as 90s or 15m (default: none)',
      duration('--max-time'),
    );
}

function service(command: Command): void {
  command
    .optionsGroup('Service:')
    .option('--probe', 'probe found tokens (default where a credential is configured)')
    .option('--no-probe', 'do not contact the service')
    .option('--probe-low', 'probe findings of low confidence too')
    .option('--revoke', 'revoke what is proven active, ours, and exactly one token of the list')
    .option('--revoke-all-of-user', 'where it is unclear which of a user’s tokens leaked: revoke all of them')
    .option('--yes', 'do not ask before revoking')
    .option(
      '--plan <file>',
      'write what would be revoked to a file for “guardsweep apply”, and revoke nothing',
    )
    .option('--policy <file>', 'what is done about which live token (YAML): revoke, plan, rotate or notify');
  gating(command, FOUND_AT_MOST, FOUND_SHARE)
    .option(
      '--verify-for <time>',
      'how long to wait for a revoked token to be dead (default: 60s)',
      duration('--verify-for'),
    )
    .option(
      '--journal <file>',
      'where to record every action (default: one file per run in the state folder)',
    );
}

function output(command: Command): void {
  command
    .optionsGroup('Output:')
    .addOption(
      new Option(
        '--format <format>',
        'format of the report; jsonl, with --follow: one line per token, then the report',
      )
        .choices([...FORMATS, 'jsonl'])
        .default('text'),
    )
    .option('--output <file>', 'where to write the report instead of standard output')
    .option('--report <format=file>', 'write a further report (repeatable)', collect, [])
    .option('--strict', 'exit 1 for findings of any confidence')
    .option('--explain', 'name the reasons behind each confidence')
    .option('--show-secrets', 'print the tokens themselves; on a terminal only')
    .option('--quiet', 'say nothing along the way')
    .option('--verbose', 'say what is being done')
    .option('--no-progress', 'no progress line')
    .option('--no-color', 'no colours');
}
