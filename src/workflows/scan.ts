import { randomUUID } from 'node:crypto';
import { redactor } from '../findings/redact.js';
import { type IgnoreList, suppress } from '../findings/suppress.js';
import type { Finding } from '../model/finding.js';
import type { Report } from '../model/report.js';
import { VERSION } from '../model/version.js';
import { buildReport } from '../reporting/build.js';
import { builtinDetector, prefixes, ruleOf } from './detector.js';
import { judge } from './judge.js';
import { type RevocationRequest, type RevokingService, remediate } from './remediate.js';
import { Search } from './search.js';
import { type StagedRequest, searchStaged } from './staged.js';
import { searchTargets, type TargetRequest } from './targets.js';

/** Everything a scan needs to know. What touches the outside (service, journal, terminal) is handed in. */
export interface ScanRequest extends TargetRequest {
  /** The ID of the run, in the report and in the journal; made up when absent. */
  readonly run?: string;
  /** Search the index of a repository instead of targets. */
  readonly staged?: StagedRequest;
  readonly ignore: readonly IgnoreList[];
  readonly strict: boolean;
  readonly explain: boolean;
  /** Absent: nothing is probed. */
  readonly service?: RevokingService;
  /** Whether findings of low confidence are probed too. */
  readonly probeLow: boolean;
  /** Absent: nothing is revoked. */
  readonly revoke?: RevocationRequest;
  /** Where the scan puts what takes tokens out of text, as soon as it knows them. */
  readonly redaction?: Redaction;
  /** Told often; asks for the state only when it wants to show it. */
  readonly onProgress?: (state: () => ScanProgress) => void;
}

/** Takes tokens out of text. A journal that is opened before the scan learns through it what was found. */
export interface Redaction {
  redact: (text: string) => string;
}

export interface ScanProgress {
  readonly stage: string;
  readonly bytes: number;
  readonly units: number;
  readonly findings: number;
}

/** A report, and the findings behind it, which still hold their secrets. */
export interface ScanResult {
  readonly report: Report;
  readonly findings: readonly Finding[];
}

/** The whole road: search, probe, map, revoke, verify, report. What fails on the way is in the report. */
export async function scan(request: ScanRequest): Promise<ScanResult> {
  const run = request.run ?? randomUUID();
  const startedAt = new Date();
  const search = new Search(builtinDetector());
  const progress = (stage: string) =>
    request.onProgress?.(() => ({
      stage,
      bytes: search.coverage.bytes,
      units: search.coverage.units,
      findings: search.found,
    }));
  search.onUnit = () => progress('scanning');
  if (request.staged === undefined) await searchTargets(search, request);
  else await searchStaged(search, request.staged, request.limits);
  const result = await search.result();
  const findings = request.ignore.reduce(suppress, result.findings as Finding[]);
  const redact = redactor(findings, prefixes());
  if (request.redaction !== undefined) request.redaction.redact = redact;

  const { service, revoke } = request;
  const triage =
    service === undefined
      ? undefined
      : await judge(findings, service, {
          low: request.probeLow,
          onProbed: (done, of) => progress(`probing ${done}/${of}`),
        });
  const remediation =
    triage === undefined || service === undefined || revoke === undefined
      ? undefined
      : await remediate(run, findings, triage, service, revoke);

  const report = buildReport({
    run: {
      id: run,
      version: VERSION,
      started_at: startedAt.toISOString(),
      finished_at: new Date().toISOString(),
      targets: request.staged === undefined ? request.targets : [request.staged.directory],
    },
    coverage: search.coverage.summary(),
    findings,
    ...(triage === undefined ? {} : { verdicts: triage.verdicts }),
    ...(remediation === undefined ? {} : { plan: remediation.plan, outcomes: remediation.outcomes }),
    actions: [...(triage?.actions ?? []), ...(remediation?.actions ?? [])],
    adviceFor: (rule) => (ruleOf(rule)?.revocable === true ? undefined : ruleOf(rule)?.advice),
    redact,
    strict: request.strict,
    explain: request.explain,
  });
  return { report, findings };
}
