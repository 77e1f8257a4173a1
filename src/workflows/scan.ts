import { randomUUID } from 'node:crypto';
import { redactor } from '../findings/redact.js';
import { type IgnoreList, suppress } from '../findings/suppress.js';
import type { Finding } from '../model/finding.js';
import type { Report } from '../model/report.js';
import { VERSION } from '../model/version.js';
import { buildReport, type ReportInput } from '../reporting/build.js';
import { builtinDetector, prefixes, ruleOf } from './detector.js';
import { type Draft, draft, type Gates } from './draft.js';
import { judge } from './judge.js';
import { type OwnPlace, OwnSecrets } from './own.js';
import { type Judged, type RevocationRequest, type RevokingService, remediate } from './remediate.js';
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
  /** Plan what would be revoked, and do none of it. */
  readonly plan?: PlanRequest;
  /** The targets as anybody finds them again, wherever they stand: for the journal. */
  readonly absoluteTargets?: readonly string[];
  /** Texts of the machine's that the running job takes secrets from. Asked for only when something was found. */
  readonly ownPlaces?: () => readonly OwnPlace[];
  /** Where the scan puts what takes tokens out of text, as soon as it knows them. */
  readonly redaction?: Redaction;
  /** Told often; asks for the state only when it wants to show it. */
  readonly onProgress?: (state: () => ScanProgress) => void;
}

export interface PlanRequest extends Omit<Gates, 'maxRevocations' | 'maxShare'> {
  /** Keeps the plan for approval. Not called when the token list could not be read. */
  readonly keep: (draft: Draft) => void;
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
  const own = new OwnSecrets(findings.length === 0 ? [] : (request.ownPlaces?.() ?? []));
  const redact = redactor([...findings, ...own.findings], prefixes());
  if (request.redaction !== undefined) request.redaction.redact = redact;

  const { service, revoke, plan } = request;
  const acts = revoke !== undefined || plan !== undefined;
  const triage =
    service === undefined
      ? undefined
      : await judge(acts ? [...findings, ...own.besides(findings)] : findings, service, {
          low: request.probeLow,
          onProbed: (done, of) => progress(`probing ${done}/${of}`),
        });
  const remediation =
    triage === undefined || service === undefined
      ? undefined
      : await remediationOf(
          {
            run,
            targets: request.absoluteTargets ?? request.targets,
            findings,
            triage,
            own: own.tokens(triage.verdicts),
          },
          service,
          request,
        );

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
    ...remediation,
    usedHere: (fingerprint) => own.placesOf(fingerprint),
    actions: [...(triage?.actions ?? []), ...(remediation?.actions ?? [])],
    adviceFor: (rule) => (ruleOf(rule)?.revocable === true ? undefined : ruleOf(rule)?.advice),
    redact,
    strict: request.strict,
    explain: request.explain,
  });
  return { report, findings };
}

/** What was asked for: to revoke, to plan, or nothing. */
async function remediationOf(
  judged: Judged,
  service: RevokingService,
  { revoke, plan }: Pick<ScanRequest, 'revoke' | 'plan'>,
): Promise<Pick<ReportInput, 'plan' | 'outcomes' | 'actions'> | undefined> {
  if (revoke !== undefined) return remediate(judged, service, revoke);
  if (plan === undefined) return undefined;
  const drafted = draft(judged.findings, judged.triage, plan, judged.own);
  // Where nothing was found there is no list either; then the plan is empty, and still a plan.
  if (judged.triage.listing.ok || judged.triage.actions.length === 0) plan.keep(drafted);
  return { plan: drafted.plan };
}
