import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Journal } from '../audit/journal.js';
import { plaintexts } from '../findings/plaintexts.js';
import type { BudgetLimits } from '../model/budget.js';
import { Misuse } from '../model/misuse.js';
import { WELL_KNOWN } from '../sources/well-known.js';
import { rulesKey } from '../workflows/detector.js';
import type { Draft } from '../workflows/draft.js';
import { type Redaction, type ScanRequest, scan } from '../workflows/scan.js';
import { absoluteTargets } from './absolute-targets.js';
import { canAsk } from './ask.js';
import { writeAtomically } from './atomic-file.js';
import { environment } from './environment.js';
import { gatesOf } from './gates.js';
import { readIgnoreLists } from './ignore-lists.js';
import { journalFile, wayBack } from './journal-file.js';
import { openOutputs, writeOutputs } from './output.js';
import { ownPlaces } from './own-places.js';
import { readPasswords } from './passwords.js';
import { planPath, savePlan, sealedPlan } from './plan-store.js';
import { readPolicy } from './policy-file.js';
import { Progress } from './progress.js';
import type { ScanOptions } from './scan.js';
import { connect, credential, neededCredential } from './service.js';
import { agree, showPlan } from './show-plan.js';
import { terminal } from './terminal.js';

/** Checks everything that was asked for, scans, writes the reports, and gives the exit code. */
export async function runScan(targets: readonly string[], options: ScanOptions): Promise<number> {
  const to = terminal(options);
  const showSecrets = options.showSecrets ?? false;
  if (
    showSecrets &&
    (process.stdout.isTTY !== true || options.format !== 'text' || options.output !== undefined)
  ) {
    throw new Misuse(
      '--show-secrets prints tokens on a terminal only, as text: nothing that is kept may hold them',
    );
  }
  const configured = options.revoke
    ? neededCredential('--revoke')
    : options.plan !== undefined
      ? neededCredential('--plan')
      : options.probe === true
        ? neededCredential('--probe')
        : options.probe === false
          ? undefined
          : credential();
  if ((options.revoke || options.plan !== undefined) && options.probe === false) {
    throw new Misuse(
      '--revoke and --plan need the probe: what is not proven alive is never revoked. Leave out --no-probe',
    );
  }
  if (options.revoke && !options.yes && !(canAsk() && !targets.includes('-'))) {
    throw new Misuse(
      '--revoke has nobody to ask here: there is no terminal. Give --yes to go on without asking',
    );
  }
  const partial = options.since !== undefined || options.range !== undefined || options.staged === true;
  if (options.state !== undefined && partial) {
    throw new Misuse(
      '--state remembers whole repositories, and --since, --range and --staged look at a part of one: leave out either',
    );
  }
  const ignore = readIgnoreLists(options.ignoreFile);
  const passwords = options.passwordFile === undefined ? [] : readPasswords(options.passwordFile);
  const policy = options.policy === undefined ? undefined : await readPolicy(options.policy, targets);
  const run = randomUUID();
  const outputs = openOutputs(options, targets);
  const redaction: Redaction = { redact: (text) => text };
  const journal = options.revoke
    ? Journal.open(journalFile(options.journal, run), { redact: (text) => redaction.redact(text) })
    : undefined;
  const service = configured === undefined ? undefined : await connect(configured);

  const gates = gatesOf(options, policy);
  const absolute = absoluteTargets(targets, options.staged ?? false);
  const sealed = (draft: Draft) =>
    sealedPlan(configured!, draft, { ...gates, targets: absolute, redact: redaction.redact });
  const progress = new Progress(to.progress);
  let planned = true;
  const request: ScanRequest = {
    run,
    targets,
    threads: options.threads ?? Math.min(availableParallelism(), 8),
    history: options.history,
    ...rangeOf(options),
    environment,
    ...(options.state === undefined ? {} : rememberIn(options.state, options, to.say)),
    limits: limitsOf(options),
    exclude: excluded(options),
    deep: options.deep ?? false,
    passwords,
    simd: !environment.GUARDSWEEP_NO_SIMD,
    stdin: process.stdin,
    ...(options.staged ? { staged: { directory: process.cwd(), environment, all: true } } : {}),
    ignore,
    strict: options.strict ?? false,
    explain: options.explain ?? false,
    probeLow: options.probeLow ?? false,
    redaction,
    ownPlaces,
    absoluteTargets: absolute,
    ...(service === undefined ? {} : { service }),
    ...(journal === undefined
      ? {}
      : {
          revoke: {
            ...gates,
            ...(options.verifyFor === undefined ? {} : { verifyFor: options.verifyFor }),
            confirm: async (draft) => {
              progress.stop();
              showPlan(draft, to);
              const agreed = options.yes === true || (await agree(draft));
              if (agreed) to.say(wayBack(journal));
              return agreed;
            },
            onWaiting: (draft, waiting) => {
              progress.stop();
              const file = options.plan ?? planPath(run);
              if (!savePlan(file, sealed(draft))) return;
              to.say(`${waiting} wait for your approval. Read ${file}, then: guardsweep apply ${file}`);
            },
            journal,
          },
        }),
    ...(options.plan === undefined || options.revoke
      ? {}
      : {
          plan: {
            ...gates,
            keep: (draft) => {
              progress.stop();
              planned = savePlan(options.plan!, sealed(draft));
              if (!planned) return;
              to.say(`Nothing was revoked. Read ${options.plan}, then: guardsweep apply ${options.plan}`);
            },
          },
        }),
    onProgress: (state) => progress.update(state),
  };
  try {
    const { report, findings } = await scan(request);
    progress.stop();
    await writeOutputs(outputs, report, to, options.explain);
    if (showSecrets) for (const [name, text] of plaintexts(findings)) to.out(`${name}  ${text}\n`);
    if (journal !== undefined) to.say(`Every action is recorded in ${journal.file}`);
    return planned ? report.exit_code : Math.max(report.exit_code, 2);
  } finally {
    progress.stop();
    journal?.close();
    await service?.close();
  }
}

function rememberIn(file: string, options: ScanOptions, say: (text: string) => void): Partial<ScanRequest> {
  const { deep, history } = options;
  return {
    state: { file, key: rulesKey({ deep, history, exclude: excluded(options), limits: limitsOf(options) }) },
    onBrokenState: (why) => say(`The state file ${file} is broken: ${why}. Everything is scanned.`),
    keepState: (bytes) => keepState(file, bytes, say),
  };
}

/** A state that is not kept costs the next run time, and this one nothing of what it has found. */
function keepState(file: string, bytes: Uint8Array, say: (text: string) => void): void {
  try {
    writeAtomically(file, bytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    say(`The state file ${file} could not be written (${why}). The next run scans everything.`);
  }
}

function excluded({ exclude, skipWellKnown }: ScanOptions): readonly string[] {
  return skipWellKnown ? [...exclude, ...WELL_KNOWN] : exclude;
}

function rangeOf({ since, range }: ScanOptions): Pick<ScanRequest, 'range'> {
  if (since !== undefined) return { range: { from: since } };
  if (range === undefined) return {};
  const [from, to, ...more] = range.split('..');
  if (!from || to === undefined || to.startsWith('.') || more.length > 0) {
    throw new Misuse(`--range ${range}: write it as A..B, for example main..HEAD`);
  }
  return { range: { from, ...(to === '' ? {} : { to }) } };
}

function limitsOf(options: ScanOptions): Partial<BudgetLimits> {
  const named: { [limit in keyof BudgetLimits]?: number | undefined } = {
    bytes: options.maxBytes,
    ratio: options.maxRatio,
    depth: options.maxDepth,
    entries: options.maxEntries,
    memory: options.maxMemory,
    milliseconds: options.maxTime,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}
