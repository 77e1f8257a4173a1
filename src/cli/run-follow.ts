import { randomUUID } from 'node:crypto';
import { Misuse } from '../model/misuse.js';
import type { ReportFinding } from '../model/report.js';
import { eventLine, type FindingEvent, jsonLine } from '../reporting/event.js';
import type { Credential } from '../takumi/credential.js';
import { follow } from '../workflows/follow.js';
import { environment } from './environment.js';
import { readIgnoreLists } from './ignore-lists.js';
import { formatBytes } from './numbers.js';
import { type Output, withOutputs, writeOutputs } from './output.js';
import { ownPlaces } from './own-places.js';
import type { ScanOptions } from './scan.js';
import { connect, credential, neededCredential } from './service.js';
import { onReaderGone } from './standard-streams.js';
import { type Terminal, terminal } from './terminal.js';
import { writeWhole } from './whole-write.js';

/** What has no meaning for a growing log, or needs more care than a run that nobody watches can take. */
const OTHERS: Partial<Record<keyof ScanOptions, string>> = {
  revoke: '--revoke',
  plan: '--plan',
  policy: '--policy',
  revokeAllOfUser: '--revoke-all-of-user',
  staged: '--staged',
  exclude: '--exclude',
  skipWellKnown: '--skip-well-known',
  maxTime: '--max-time',
  state: '--state',
  since: '--since',
  range: '--range',
  deep: '--deep',
  passwordFile: '--password-file',
  showSecrets: '--show-secrets',
};

/** Follows logs until a signal or `--follow-for` ends it, and gives the exit code. */
export async function runFollow(targets: readonly string[], options: ScanOptions): Promise<number> {
  if (targets.length === 0) throw new Misuse('--follow needs the logs to follow, or - for standard input');
  assertAlone(options);
  const to = terminal(options);
  const configured =
    options.probe === true ? neededCredential('--probe') : options.probe === false ? undefined : credential();
  const ignore = readIgnoreLists(options.ignoreFile);
  const format = options.format === 'jsonl' ? 'json' : options.format;
  return withOutputs({ ...options, format }, targets, (outputs) =>
    run({ targets, options, configured, to, ignore, outputs }),
  );
}

interface Checked {
  readonly targets: readonly string[];
  readonly options: ScanOptions;
  readonly configured: Credential | undefined;
  readonly to: Terminal;
  readonly ignore: ReturnType<typeof readIgnoreLists>;
  readonly outputs: readonly Output[];
}

/** What was asked for makes sense: does it. */
async function run({ targets, options, configured, to, ignore, outputs }: Checked): Promise<number> {
  const [main, ...others] = outputs;
  const asLines = options.format === 'jsonl';
  const write = asLines ? writerOf(main!, to) : undefined;
  const service = configured === undefined ? undefined : await connect(configured);
  const signals = new Signals(to, options.followFor);
  try {
    const { report } = await follow({
      run: randomUUID(),
      targets,
      stdin: process.stdin,
      fromEnd: options.fromEnd ?? false,
      ending: signals.ending,
      atOnce: signals.atOnce,
      simd: !environment.GUARDSWEEP_NO_SIMD,
      ignore,
      strict: options.strict ?? false,
      explain: options.explain ?? false,
      probeLow: options.probeLow ?? false,
      ...(service === undefined ? {} : { service }),
      ownPlaces,
      notes: { say: to.say, detail: to.detail },
      onStart: () => to.say(`Following ${named(targets)}. Ctrl-C ends it, and then the report comes.`),
      onCaughtUp: (bytes) => to.say(`Read to the end (${formatBytes(bytes)}); waiting for more.`),
      onEvent: (event) => {
        if (write !== undefined) write(jsonLine(event));
        else if (isNews(event)) to.say(eventLine(event, to.colorAside));
      },
    });
    write?.(jsonLine(report));
    const left = write === undefined ? outputs : others;
    return Math.max(report.exit_code, await writeOutputs(left, report, to, options.explain));
  } finally {
    signals.close();
    await service?.close();
  }
}

function assertAlone(options: ScanOptions): void {
  for (const [name, flag] of Object.entries(OTHERS)) {
    const value = options[name as keyof ScanOptions];
    if (!value || (Array.isArray(value) && value.length === 0)) continue;
    const instead = ['--revoke', '--plan', '--policy', '--revoke-all-of-user'].includes(flag)
      ? 'following finds and probes, and revokes nothing. To revoke what a log holds: guardsweep scan --revoke LOG'
      : 'leave out one of them';
    throw new Misuse(`${flag} does not go with --follow: ${instead}`);
  }
}

/** What an ignore list names is news only where it is alive. */
function isNews({ finding }: FindingEvent): boolean {
  return finding.suppressed_by === undefined || isAlive(finding);
}

function isAlive({ verdict }: ReportFinding): boolean {
  return verdict.state === 'active';
}

function writerOf({ file }: Output, to: Terminal): (text: string) => void {
  return file === undefined ? to.out : (text) => writeWhole(file.descriptor, Buffer.from(text));
}

function named(targets: readonly string[]): string {
  const [first, ...more] = targets.map((target) => (target === '-' ? 'standard input' : target));
  return more.length === 0 ? first! : `${first} and ${more.length} more`;
}

/**
 * The first SIGINT or SIGTERM, the end of the time, or a reader that is gone ends; the second signal leaves off at once;
 * the third is the system's.
 */
class Signals {
  readonly #ending = new AbortController();
  readonly #atOnce = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #say: (line: string) => void;
  readonly #forgetReaders: () => void;
  #endedAt = 0;

  constructor(to: Terminal, milliseconds: number | undefined) {
    this.#say = to.say;
    for (const signal of SIGNALS) process.on(signal, this.#on);
    this.#forgetReaders = onReaderGone(() => this.#ending.abort());
    if (milliseconds !== undefined) this.#timer = setTimeout(() => this.#ending.abort(), milliseconds);
  }

  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  get atOnce(): AbortSignal {
    return this.#atOnce.signal;
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const signal of SIGNALS) process.off(signal, this.#on);
    this.#forgetReaders();
  }

  readonly #on = (): void => {
    if (this.#ending.signal.aborted) {
      if (Date.now() - this.#endedAt < TWICE_MS) return;
      this.#atOnce.abort();
      this.close();
      return;
    }
    this.#endedAt = Date.now();
    this.#ending.abort();
    this.#say('Ending; the report follows. Again, and what was not read yet is left unread.');
  };
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
/** One Ctrl-C may arrive twice: from the terminal, and from what started the program. */
const TWICE_MS = 500;
