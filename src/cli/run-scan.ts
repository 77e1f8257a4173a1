import { randomUUID } from 'node:crypto';
import { plaintexts } from '../findings/plaintexts.js';
import { Misuse } from '../model/misuse.js';
import { visible } from '../reporting/visible.js';
import { isShallow } from '../sources/shallow.js';
import type { Credential } from '../takumi/credential.js';
import { type Redaction, scan } from '../workflows/scan.js';
import { needSomebodyToAsk } from './ask.js';
import { gatesOf } from './gates.js';
import { readIgnoreLists } from './ignore-lists.js';
import { journalFile, openJournal, recordedIn } from './journal-file.js';
import { type Output, refuseTaken, withOutputs, writeOutputs } from './output.js';
import { ownPlaces } from './own-places.js';
import { checkPlan } from './plan-store.js';
import { readPolicy } from './policy-file.js';
import { Progress } from './progress.js';
import type { ScanOptions } from './scan.js';
import { actionsOf } from './scan-actions.js';
import { searchOf } from './search-options.js';
import { connect, credential, neededCredential } from './service.js';
import { absoluteTargets } from './targets.js';
import { type Terminal, terminal } from './terminal.js';

/** Checks everything that was asked for, scans, writes the reports, and gives the exit code. */
export async function runScan(targets: readonly string[], options: ScanOptions): Promise<number> {
  const configured = credentialFor(options);
  refuseContradictions(targets, options);
  const to = terminal(options);
  const ignore = readIgnoreLists(options.ignoreFile);
  const searched = searchOf(targets, options, to.say);
  const policy = options.policy === undefined ? undefined : await readPolicy(options.policy, targets);
  const { plan, state, journal } = options;
  refuseTaken([plan, state, journal], targets);
  checkPlan(plan, targets);
  return withOutputs(options, [...targets, plan, state, journal], (outputs) =>
    run({ targets, options, configured, to, ignore, searched, policy, outputs }),
  );
}

interface Checked {
  readonly targets: readonly string[];
  readonly options: ScanOptions;
  readonly configured: Credential | undefined;
  readonly to: Terminal;
  readonly ignore: ReturnType<typeof readIgnoreLists>;
  readonly searched: ReturnType<typeof searchOf>;
  readonly policy: Awaited<ReturnType<typeof readPolicy>> | undefined;
  readonly outputs: readonly Output[];
}

/** What was asked for makes sense: does it. */
async function run(checked: Checked): Promise<number> {
  const { targets, options, configured, to, ignore, searched, policy, outputs } = checked;
  const id = randomUUID();
  const redaction: Redaction = { redact: (text) => text };
  const journal =
    options.revoke && configured !== undefined
      ? openJournal(journalFile(options.journal, id), configured, (text) => redaction.redact(text))
      : undefined;
  const service = configured === undefined ? undefined : await connect(configured);
  const progress = new Progress(to.progress);
  const absolute = absoluteTargets(targets, options.staged ?? false);
  const { request, isPlanned } = actionsOf({
    run: id,
    options,
    gates: gatesOf(options, policy),
    targets: absolute,
    redaction,
    credential: configured,
    journal,
    progress,
    to,
  });
  try {
    const { report, findings } = await scan({
      ...searched,
      ...request,
      run: id,
      ignore,
      strict: options.strict ?? false,
      explain: options.explain ?? false,
      probeLow: options.probeLow ?? false,
      redaction,
      ownPlaces,
      absoluteTargets: absolute,
      ...(service === undefined ? {} : { service }),
      onProgress: (state) => progress.update(state),
    });
    progress.stop();
    const written = await writeOutputs(outputs, report, to, options.explain);
    for (const target of cutOff(targets, options)) {
      to.say(
        `${visible(target)} is a shallow clone: what was committed before it begins is not in it, so it was not scanned. To fetch it: git fetch --unshallow (fetch-depth: 0)`,
      );
    }
    if (options.showSecrets) for (const [name, text] of plaintexts(findings)) to.out(`${name}  ${text}\n`);
    if (journal !== undefined) to.say(recordedIn(journal));
    return Math.max(report.exit_code, written, isPlanned() ? 0 : 2);
  } finally {
    progress.stop();
    journal?.close();
    await service?.close();
  }
}

/** Clones whose history was asked for and is not all there. A range says by itself what it lacks. */
function cutOff(targets: readonly string[], { history, staged, since, range }: ScanOptions): string[] {
  if (!history || staged || since !== undefined || range !== undefined) return [];
  return targets.filter(isShallow);
}

/** @throws {Misuse} for options that can't be meant together, or not here. */
function refuseContradictions(targets: readonly string[], options: ScanOptions): void {
  const { showSecrets, format, output, revoke, plan, probe, state } = options;
  if (showSecrets && (process.stdout.isTTY !== true || format !== 'text' || output !== undefined)) {
    throw new Misuse(
      '--show-secrets prints tokens on a terminal only, as text: nothing that is kept may hold them',
    );
  }
  if ((revoke || plan !== undefined) && probe === false) {
    throw new Misuse(
      '--revoke and --plan need the probe: what is not proven alive is never revoked. Leave out --no-probe',
    );
  }
  if (revoke) needSomebodyToAsk('--revoke', targets, options);
  const partial = options.since !== undefined || options.range !== undefined || options.staged === true;
  if (state !== undefined && partial) {
    throw new Misuse(
      '--state remembers whole repositories, and --since, --range and --staged look at a part of one: leave out either',
    );
  }
}

/** @throws {Misuse} where an option needs one and none is configured. */
function credentialFor({ revoke, plan, probe }: ScanOptions): Credential | undefined {
  const needing = revoke ? '--revoke' : plan !== undefined ? '--plan' : probe ? '--probe' : undefined;
  if (needing !== undefined) return neededCredential(needing);
  return probe === false ? undefined : credential();
}
