import type { Diagnostic } from '../model/diagnostic.js';
import type { Finding, Sighting } from '../model/finding.js';
import type { Outcome, Plan } from '../model/plan.js';
import type {
  ActionRecord,
  LeftOut,
  Report,
  ReportFinding,
  ReportPlan,
  ReportRemediation,
  ReportRun,
  ReportSighting,
  ReportVerdict,
  UnitCounts,
} from '../model/report.js';
import { isMapped, type Verdict } from '../model/verdict.js';
import { type ExitCodeOptions, exitCode } from './exit-code.js';

/** Everything that a run came to. */
export interface ReportInput extends ExitCodeOptions {
  readonly run: ReportRun;
  readonly coverage: {
    readonly bytes: number;
    readonly units: UnitCounts;
    readonly leftOut?: LeftOut;
    readonly unscanned: readonly Diagnostic[];
  };
  readonly findings: readonly Finding[];
  /** By fingerprint; a finding without one was not probed. */
  readonly verdicts?: ReadonlyMap<string, Verdict>;
  /** Present when revocation was asked for. */
  readonly plan?: Plan;
  /** By fingerprint; absent while the plan has not been carried out. */
  readonly outcomes?: ReadonlyMap<string, Outcome>;
  /** In the order of the requests. */
  readonly actions?: readonly ActionRecord[];
  /** What a person should do about a token of this rule; absent where the report itself can say. */
  readonly adviceFor?: (rule: string) => string | undefined;
  /** Where this very job holds a secret, by its fingerprint. */
  readonly usedHere?: (fingerprint: string) => readonly string[] | undefined;
  /** What was approved before this run, and drifted since. */
  readonly approvedPlan?: ReportPlan;
  /** Takes tokens out of text. Every text of the report goes through it: paths, messages and names may hold one. */
  readonly redact: (text: string) => string;
  /** Name the reasons behind each confidence. */
  readonly explain?: boolean;
}

/** Makes the report of the JSON contract. Pure; holds no secret. */
export function buildReport(input: ReportInput): Report {
  const remediation = remediations(input);
  const report: Omit<Report, 'exit_code'> = {
    schema: 'guardsweep-report/1',
    run: input.run,
    coverage: {
      complete: input.coverage.unscanned.length === 0,
      bytes: input.coverage.bytes,
      units: input.coverage.units,
      ...leftOut(input.coverage.leftOut),
      unscanned: input.coverage.unscanned.map(({ where, reason, detail }) => ({ where, reason, detail })),
    },
    findings: input.findings.map((finding) => reportFinding(finding, remediation(finding), input)),
    actions: (input.actions ?? []).map((action, index) => ({ seq: index + 1, ...action })),
    ...(input.approvedPlan === undefined ? {} : { plan: input.approvedPlan }),
  };
  const clean = redacted(report, input.redact);
  return { ...clean, exit_code: exitCode(clean, input) };
}

function leftOut(count: LeftOut | undefined): Pick<Report['coverage'], 'left_out'> {
  return count === undefined || count.folders + count.files === 0 ? {} : { left_out: count };
}

function reportFinding(finding: Finding, remediation: ReportRemediation, input: ReportInput): ReportFinding {
  const advice = input.adviceFor?.(finding.rule);
  const usedHere = input.usedHere?.(finding.fingerprint);
  return {
    fingerprint: finding.fingerprint,
    rule: finding.rule,
    redacted: finding.secret.redacted,
    confidence: finding.confidence,
    ...(advice === undefined ? {} : { advice }),
    ...(finding.suppressedBy === undefined ? {} : { suppressed_by: finding.suppressedBy }),
    ...(usedHere === undefined ? {} : { used_here: usedHere }),
    sightings: finding.sightings.map((sighting) => reportSighting(sighting, input.explain === true)),
    ...(finding.sightingsTotal === undefined ? {} : { sightings_total: finding.sightingsTotal }),
    verdict: reportVerdict(verdictOf(finding, input)),
    remediation,
  };
}

/** What is not ours or dead as far as it goes may be so because it ends elsewhere: that is said where nothing tells its end. */
function verdictOf({ fingerprint, sightings }: Finding, { verdicts }: ReportInput): Verdict {
  const verdict = verdicts?.get(fingerprint) ?? { state: 'not_probed' };
  const isSaid = verdict.state === 'active' || verdict.state === 'not_probed' || verdict.reason !== undefined;
  if (isSaid || !sightings.every(({ reasons }) => reasons.includes('loose_end'))) return verdict;
  return { ...verdict, reason: LOOSE };
}

const LOOSE =
  'nothing tells where it ends among the bytes that it stands in: if it ends elsewhere than it was read here, that token may be alive';

function reportSighting(
  { where, line, column, offset, via, aspect, reasons }: Sighting,
  explain: boolean,
): ReportSighting {
  return {
    where,
    line,
    column,
    offset,
    via,
    ...(aspect === undefined ? {} : { aspect }),
    ...(explain ? { reasons } : {}),
  };
}

function reportVerdict(verdict: Verdict): ReportVerdict {
  if (isMapped(verdict)) {
    return {
      state: 'active',
      token_id: verdict.tokenId,
      ...(verdict.userIdentifier === undefined ? {} : { user_identifier: verdict.userIdentifier }),
      evidence: verdict.evidence,
      checked_at: verdict.checkedAt,
    };
  }
  if (verdict.state === 'active') {
    return {
      state: 'active',
      ...(verdict.userIdentifier === undefined ? {} : { user_identifier: verdict.userIdentifier }),
      checked_at: verdict.checkedAt,
      reason: verdict.reason,
      candidates: verdict.candidates.map(({ tokenId }) => tokenId),
    };
  }
  return {
    state: verdict.state,
    ...(verdict.checkedAt === undefined ? {} : { checked_at: verdict.checkedAt }),
    ...(verdict.reason === undefined ? {} : { reason: verdict.reason }),
  };
}

function remediations({ plan, outcomes }: ReportInput): (finding: Finding) => ReportRemediation {
  const refused = new Map(plan?.refusals.map(({ finding, reason }) => [finding.fingerprint, reason]));
  const planned = new Set(plan?.revocations.map(({ finding }) => finding.fingerprint));
  return (finding) => {
    const outcome = outcomes?.get(finding.fingerprint);
    if (outcome !== undefined) {
      const { state, reason, deadAt } = outcome;
      return {
        state,
        ...(reason === undefined ? {} : { reason }),
        ...(deadAt === undefined ? {} : { dead_at: deadAt, ...secondsToDead(finding, deadAt) }),
      };
    }
    const reason = refused.get(finding.fingerprint);
    if (reason !== undefined) return { state: 'refused', reason };
    return { state: planned.has(finding.fingerprint) ? 'planned' : 'none' };
  };
}

function secondsToDead({ foundAt }: Finding, deadAt: string): { seconds_to_dead?: number } {
  if (foundAt === undefined) return {};
  return { seconds_to_dead: Math.max(0, Date.parse(deadAt) - Date.parse(foundAt)) / 1000 };
}

/** The same value with every text in it redacted. */
function redacted<T>(value: T, redact: (text: string) => string): T {
  if (typeof value === 'string') return redact(value) as T;
  if (Array.isArray(value)) return value.map((each) => redacted(each, redact)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, redacted(each, redact)])) as T;
}
