import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { redactor } from '../findings/redact.js';
import { type IgnoreList, suppress } from '../findings/suppress.js';
import type { Finding } from '../model/finding.js';
import type { ReportRun } from '../model/report.js';
import type { Verdict } from '../model/verdict.js';
import { VERSION } from '../model/version.js';
import { buildReport, type ReportInput } from '../reporting/build.js';
import type { FindingEvent } from '../reporting/event.js';
import type { Followed, FollowNotes } from '../sources/follow/followed.js';
import { openFollowed } from '../sources/follow/open.js';
import { Coverage } from './coverage.js';
import { adviceFor, builtinDetector, prefixes } from './detector.js';
import { FollowProbes } from './follow-probes.js';
import { FollowedFindings } from './followed-findings.js';
import type { TokenService } from './judge.js';
import { LogReadings } from './log-readings.js';
import { type OwnPlace, OwnSecrets } from './own.js';
import type { ScanResult } from './scan.js';

/** How often logs are looked at when there is nothing to read. */
const LOOK_EVERY_MS = 200;

/** What a request may leave out. */
type Optional =
  | 'fromEnd'
  | 'ending'
  | 'atOnce'
  | 'ignore'
  | 'strict'
  | 'explain'
  | 'probeLow'
  | 'notes'
  | 'onEvent';

/** What holds then: everything is read and nobody is told, until there is nothing left to follow. */
function defaults(): Pick<FullRequest, Optional> {
  return {
    fromEnd: false,
    ending: new AbortController().signal,
    atOnce: new AbortController().signal,
    ignore: [],
    strict: false,
    explain: false,
    probeLow: false,
    notes: { say: () => {}, detail: () => {} },
    onEvent: () => {},
  };
}

/** What is followed, until when, and who is told. Nothing is ever revoked. */
export type FollowRequest = Omit<FullRequest, Optional> & Partial<Pick<FullRequest, Optional>>;

interface FullRequest {
  /** The ID of the run; made up when absent. */
  readonly run?: string;
  /** Logs, pipes, and `-` for standard input. */
  readonly targets: readonly string[];
  readonly stdin?: Readable;
  /** Leave out what the logs hold already. */
  readonly fromEnd: boolean;
  /** Ends it: what is there by then is read. */
  readonly ending: AbortSignal;
  /** Ends it without reading what is left. */
  readonly atOnce: AbortSignal;
  /** `false` searches without WebAssembly SIMD. */
  readonly simd?: boolean;
  /** Findings that these lists name are reported as suppressed. */
  readonly ignore: readonly IgnoreList[];
  /** Whether findings of low confidence count for the exit code, too. */
  readonly strict: boolean;
  /** Name the reasons behind each confidence. */
  readonly explain: boolean;
  /** Absent: nothing is probed. */
  readonly service?: TokenService;
  /** Whether findings of low confidence are probed, too. */
  readonly probeLow: boolean;
  /** Texts of the machine's that the running job takes secrets from. Asked for only when something was found. */
  readonly ownPlaces?: () => readonly OwnPlace[];
  readonly notes: FollowNotes;
  /** Told when everything could be opened. */
  readonly onStart?: () => void;
  /** Told once, when what stands in the logs already was read: how many bytes that was. */
  readonly onCaughtUp?: (bytes: number) => void;
  /** Told of each token as it is found, and again when the service has said what it is. */
  readonly onEvent: (event: FindingEvent) => void;
}

/**
 * Follows logs until it is ended, or until there is nothing left to follow, and tells of each token as it comes.
 * @throws {TargetError} for what can't be followed
 */
export async function follow(asked: FollowRequest): Promise<ScanResult> {
  const request: FullRequest = { ...defaults(), ...asked };
  const startedAt = new Date().toISOString();
  const id = request.run ?? randomUUID();
  const run = (): ReportRun => ({
    id,
    version: VERSION,
    started_at: startedAt,
    finished_at: new Date().toISOString(),
    targets: request.targets,
  });
  const { ending, notes, fromEnd, stdin } = request;
  const coverage = new Coverage();
  const tell = (event: FindingEvent['event'], finding: Finding, verdict?: Verdict) =>
    request.onEvent(eventOf(event, finding, verdict, request, run()));
  const probes =
    request.service === undefined
      ? undefined
      : new FollowProbes({
          service: request.service,
          low: () => request.probeLow,
          onVerdict: (finding, verdict) => tell('probed', finding, verdict),
          ending,
        });
  const logs: Followed[] = [];
  const found = new FollowedFindings(logs, (finding, isNew) => {
    tell('found', finding);
    if (isNew) probes?.add(finding);
  });

  const sleeper = new Sleeper(ending);
  const options = { notes, fromEnd, wake: () => sleeper.wake(), ...(stdin === undefined ? {} : { stdin }) };
  let findings: Finding[];
  try {
    for (const target of new Set(request.targets)) logs.push(openFollowed(target, options));
    request.onStart?.();
    const readings = new LogReadings(logs, builtinDetector(request.simd), found, coverage);
    let tellCaughtUp = request.onCaughtUp;
    while (!ending.aborted && !logs.every((log) => log.isOver)) {
      if (readings.round()) await turn();
      else {
        if (coverage.bytes > 0) {
          tellCaughtUp?.(coverage.bytes);
          tellCaughtUp = undefined;
        }
        await sleeper.sleep(LOOK_EVERY_MS);
      }
    }
    await readings.finish(request.atOnce);
    findings = found.findings();
    for (const log of logs) for (const unread of log.unread()) coverage.missed(unread);
    for (const unkept of found.unkept()) coverage.missed(unkept);
  } finally {
    for (const log of logs) log.close();
  }

  findings = request.ignore.reduce(suppress, findings);
  const own = new OwnSecrets(findings.length === 0 ? [] : (request.ownPlaces?.() ?? []));
  const verdicts = await probes?.finish(findings);
  const report = buildReport({
    ...common(request),
    run: run(),
    coverage: coverage.summary(),
    findings,
    ...(verdicts === undefined ? {} : { verdicts }),
    usedHere: (fingerprint) => own.placesOf(fingerprint),
    actions: probes?.actions ?? [],
    redact: redactor([...findings, ...own.findings], prefixes()),
  });
  return { report, findings };
}

/** A finding as a report of it alone would show it. */
function eventOf(
  event: FindingEvent['event'],
  found: Finding,
  verdict: Verdict | undefined,
  request: FullRequest,
  run: ReportRun,
): FindingEvent {
  const findings = request.ignore.reduce(suppress, [found]);
  const report = buildReport({
    ...common(request),
    run,
    coverage: new Coverage().summary(),
    findings,
    ...(verdict === undefined ? {} : { verdicts: new Map([[found.fingerprint, verdict]]) }),
    redact: redactor(findings, prefixes()),
  });
  return { event, at: run.finished_at, finding: report.findings[0]! };
}

function common({ strict, explain }: FullRequest): Pick<ReportInput, 'adviceFor' | 'strict' | 'explain'> {
  return {
    adviceFor,
    strict,
    explain,
  };
}

/** Sleeps until something comes, or it is time to end. */
class Sleeper {
  #wake: () => void = () => {};

  constructor(ending: AbortSignal) {
    ending.addEventListener('abort', () => this.wake());
  }

  wake(): void {
    this.#wake();
  }

  async sleep(milliseconds: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, milliseconds);
    });
    clearTimeout(timer);
  }
}
