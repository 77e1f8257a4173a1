import type { DiagnosticReason } from './diagnostic.js';
import type { Confidence } from './match.js';
import type { OutcomeState } from './plan.js';
import type { Provenance } from './provenance.js';
import type { VerdictState } from './verdict.js';

/** The JSON report, field for field: `schema/report-1.json` describes the same. It holds no secret. */
export interface Report {
  readonly schema: 'guardsweep-report/1';
  readonly run: ReportRun;
  readonly coverage: ReportCoverage;
  readonly findings: readonly ReportFinding[];
  readonly actions: readonly ReportAction[];
  /** Present when an approved plan was carried out, or a killed run finished. */
  readonly plan?: ReportPlan;
  readonly exit_code: ExitCode;
}

/** 0 clean, 1 findings, 2 incomplete, 3 wrong call, 4 a token that was to be revoked is not proven dead. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** What was approved before, and what of it could not be carried out because it is no longer as it was. */
export interface ReportPlan {
  readonly approved: number;
  readonly drifted: readonly {
    readonly fingerprint?: string;
    readonly token_id: string;
    readonly user_identifier?: string;
    readonly reason: string;
  }[];
}

export interface ReportRun {
  readonly id: string;
  readonly version: string;
  readonly started_at: string;
  readonly finished_at: string;
  readonly targets: readonly string[];
  /** The targets that are files, as they were when they were scanned. */
  readonly evidence?: readonly ReportEvidence[];
}

/** One file by its content and its times (ISO 8601), so that another person can tell whether they hold the same. */
export interface ReportEvidence {
  readonly path: string;
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** When its content, and when anything about it, was last changed. */
  readonly modified_at: string;
  readonly changed_at: string;
}

export interface ReportCoverage {
  readonly complete: boolean;
  readonly bytes: number;
  readonly units: UnitCounts;
  /** What the user chose to leave out (`--exclude`, `--skip-well-known`); a folder counts once, with all that is in it. */
  readonly left_out?: LeftOut;
  readonly unscanned: readonly Unscanned[];
}

export interface LeftOut {
  readonly folders: number;
  readonly files: number;
}

export interface UnitCounts {
  readonly files: number;
  readonly blobs: number;
  readonly commits: number;
  readonly tags: number;
  readonly members: number;
  readonly streams: number;
}

export interface Unscanned {
  readonly where: Provenance;
  readonly reason: DiagnosticReason;
  readonly detail: string;
}

export interface ReportFinding {
  readonly fingerprint: string;
  readonly rule: string;
  readonly redacted: string;
  readonly confidence: Confidence;
  /** What a person should do about a family that can't be revoked here. */
  readonly advice?: string;
  readonly suppressed_by?: string;
  /** Where the job that ran this holds the same secret: once it is dead, that job's own downloads fail. */
  readonly used_here?: readonly string[];
  readonly sightings: readonly ReportSighting[];
  /** How many places there are; present when `sightings` lists only some of them. */
  readonly sightings_total?: number;
  readonly verdict: ReportVerdict;
  readonly remediation: ReportRemediation;
}

export interface ReportSighting {
  readonly where: Provenance;
  readonly line: number;
  readonly column: number;
  readonly offset: number;
  readonly via: readonly string[];
  /** It stands in the name of the thing, or in what else is said of it; place and offset count in that. */
  readonly aspect?: 'name';
  /** Named reasons behind the confidence; present with `--explain`. */
  readonly reasons?: readonly string[];
}

export interface ReportVerdict {
  readonly state: VerdictState;
  readonly token_id?: string;
  readonly user_identifier?: string;
  readonly evidence?: string;
  readonly checked_at?: string;
  readonly reason?: string;
  /** The token IDs that it may be, where that can't be told. */
  readonly candidates?: readonly string[];
}

export interface ReportRemediation {
  readonly state: 'none' | 'planned' | 'refused' | OutcomeState;
  readonly reason?: string;
  /** When a probe first said that it is dead, and how many seconds after it was found that was. */
  readonly dead_at?: string;
  readonly seconds_to_dead?: number;
}

export interface ReportAction {
  readonly seq: number;
  readonly at: string;
  readonly kind: 'list' | 'probe' | 'revoke' | 'issue' | 'verify';
  readonly fingerprint?: string;
  readonly token_id?: string;
  readonly outcome: string;
  readonly http_status?: number;
  readonly attempts: number;
  readonly ms: number;
}

/** A request to the service as a stage records it; the report numbers them all. */
export type ActionRecord = Omit<ReportAction, 'seq'>;
