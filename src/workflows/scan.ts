import { randomUUID } from 'node:crypto';
import { redactor } from '../findings/redact.js';
import { type IgnoreList, suppress } from '../findings/suppress.js';
import type { Finding } from '../model/finding.js';
import type { Report } from '../model/report.js';
import { VERSION } from '../model/version.js';
import { buildReport } from '../reporting/build.js';
import { targetName } from '../sources/clone.js';
import { evidenceOf } from '../sources/evidence.js';
import { type Application, type ApplyRequest, apply } from './apply.js';
import { searchWithCrew } from './crew.js';
import type { Threads } from './crew-size.js';
import { adviceFor, builtinDetector, prefixes } from './detector.js';
import { type Draft, draft, type Gates } from './draft.js';
import { judge } from './judge.js';
import { type OwnPlace, OwnSecrets } from './own.js';
import { type Judged, type RevocationRequest, type RevokingService, remediate } from './remediate.js';
import { Search, type SearchResult } from './search.js';
import { type StagedRequest, searchStaged } from './staged.js';
import type { TargetRequest } from './targets.js';

/** What holds of a scan where nobody says otherwise: everything is read, nothing is left out. */
const DEFAULTS = {
  history: true,
  limits: {},
  exclude: [],
  ignore: [],
  strict: false,
  explain: false,
  probeLow: false,
} as const satisfies Partial<FullRequest>;

/** What a scan is asked for. What touches the outside (service, journal, terminal) is handed in. */
export type ScanRequest = Omit<FullRequest, keyof typeof DEFAULTS> &
  Partial<Pick<FullRequest, keyof typeof DEFAULTS>>;

/** Everything a scan needs to know. */
interface FullRequest extends TargetRequest {
  /** The ID of the run, in the report and in the journal; made up when absent. */
  readonly run?: string;
  /** Search the index of a repository instead of targets. */
  readonly staged?: StagedRequest;
  /** How many threads may search, this one included; 1 when absent. */
  readonly threads?: Threads;
  /** Findings that these lists name are reported as suppressed. */
  readonly ignore: readonly IgnoreList[];
  /** Whether findings of low confidence count for the exit code, too. */
  readonly strict: boolean;
  /** Name the reasons behind each confidence. */
  readonly explain: boolean;
  /** Absent: nothing is probed. */
  readonly service?: RevokingService;
  /** Whether findings of low confidence are probed, too. */
  readonly probeLow: boolean;
  /** Absent: nothing is revoked. */
  readonly revoke?: RevocationRequest;
  /** Plan what would be revoked, and do none of it. */
  readonly plan?: PlanRequest;
  /** Carry out what was approved before, and nothing else. */
  readonly apply?: ApplyRequest;
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
  /** Plan for these fingerprints only. */
  readonly only?: ReadonlySet<string>;
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

/** Nothing that the search has put on disk is left behind, however it ends. */
async function searched(search: Search, request: FullRequest): Promise<SearchResult> {
  try {
    if (request.staged === undefined) await searchWithCrew(search, request, request.threads ?? 1);
    else await searchStaged(search, request.staged, request.limits);
    return await search.result();
  } finally {
    search.close();
  }
}

/**
 * The whole road: search, probe, map, revoke, verify, report. What fails on the way is in the report.
 *
 * @throws {Misuse} where not one of the targets can be opened, or the request makes no sense.
 */
export async function scan(asked: ScanRequest): Promise<ScanResult> {
  const request: FullRequest = { ...DEFAULTS, ...asked };
  const run = request.run ?? randomUUID();
  const startedAt = new Date();
  const search = new Search(builtinDetector(request.simd));
  const progress = (stage: string) => request.onProgress?.(() => ({ stage, ...search.progress }));
  search.onUnit = () => progress('scanning');
  const searching = searched(search, request);
  const isFound = searching.then(
    ({ findings }) => findings.length > 0,
    () => false,
  );
  const evidence = evidenceOf(request.staged === undefined ? request.targets : [], isFound);
  const result = await searching;
  const files = await evidence;
  const findings = request.ignore.reduce(suppress, result.findings as Finding[]);
  const own = new OwnSecrets(findings.length === 0 ? [] : (request.ownPlaces?.() ?? []));
  const redact = redactor([...findings, ...own.findings], prefixes());
  if (request.redaction !== undefined) request.redaction.redact = redact;

  const { service, revoke, plan } = request;
  const approved = new Set(request.apply?.approved.revocations.map(({ fingerprint }) => fingerprint));
  const acts = revoke !== undefined || plan !== undefined || request.apply !== undefined;
  const triage =
    service === undefined
      ? undefined
      : await judge(acts ? [...findings, ...own.besides(findings)] : findings, service, {
          low: ({ fingerprint }) => request.probeLow || approved.has(fingerprint),
          onProbed: (done, of) => progress(`probing ${done}/${of}`),
        });
  const remediation =
    triage === undefined || service === undefined
      ? undefined
      : await remediationOf(
          {
            run,
            targets: (request.absoluteTargets ?? request.targets).map(targetName),
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
      targets: request.staged === undefined ? request.targets.map(targetName) : [request.staged.directory],
      ...(files.length === 0 ? {} : { evidence: files }),
    },
    coverage: search.coverage.summary(),
    findings,
    ...(triage === undefined ? {} : { verdicts: triage.verdicts }),
    ...remediation,
    usedHere: (fingerprint) => own.placesOf(fingerprint),
    actions: [...(triage?.actions ?? []), ...(remediation?.actions ?? [])],
    adviceFor,
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
  request: Pick<FullRequest, 'revoke' | 'plan' | 'apply'>,
): Promise<Partial<Application> | undefined> {
  if (request.apply !== undefined) return apply(judged, service, request.apply);
  if (request.revoke !== undefined) return remediate(judged, service, request.revoke);
  const { plan } = request;
  if (plan === undefined) return undefined;
  const { findings, triage, own } = judged;
  const wanted = findings.filter(({ fingerprint }) => plan.only?.has(fingerprint) ?? true);
  const drafted = draft(wanted, triage, plan, own);
  // Where nothing was found there is no list either; then the plan is empty, and still a plan.
  if (triage.listing.ok || triage.actions.length === 0) plan.keep(drafted);
  return { plan: drafted.plan };
}
