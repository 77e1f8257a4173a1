/**
 * The library: the workflows, and what they take and give.
 *
 * {@link scan} searches and reports. With a service ({@link TakumiClient}) it also says what is alive and whose; with
 * `revoke` and a {@link Journal} it revokes what is proven, behind the same gates as the command; the client takes no ID
 * to revoke, but what those gates have approved. {@link follow} reads logs as they grow, {@link guard} what is staged for
 * a commit; neither can revoke.
 *
 * Everything thrown for a wrong call or configuration is a {@link Misuse}. What could not be read is thrown by nobody: it
 * is in `report.coverage.unscanned`, and in `report.exit_code`.
 */
export { Journal, type JournalOptions } from './audit/journal.js';
export { type IgnoreList, parseIgnoreList } from './findings/suppress.js';
export { Budget, type BudgetLimits, DEFAULT_LIMITS } from './model/budget.js';
export type { Diagnostic, DiagnosticReason } from './model/diagnostic.js';
export type { Finding, Sighting } from './model/finding.js';
export { Misuse } from './model/misuse.js';
export type { ApprovedRevocation, Plan, Refusal } from './model/plan.js';
export type { Provenance } from './model/provenance.js';
export type {
  ExitCode,
  Report,
  ReportAction,
  ReportCoverage,
  ReportFinding,
  ReportRemediation,
  ReportRun,
  ReportSighting,
  ReportVerdict,
} from './model/report.js';
export { SecretValue } from './model/secret.js';
export type { TokenRecord } from './model/token.js';
export { VERSION } from './model/version.js';
export type { FindingEvent } from './reporting/event.js';
export { TakumiClient, type TakumiClientOptions } from './takumi/client.js';
export { type Credential, type Environment, readCredential } from './takumi/credential.js';
export type { Draft, Gates } from './workflows/draft.js';
export { type FollowRequest, follow } from './workflows/follow.js';
export { type GuardRequest, guard } from './workflows/guard.js';
export type { OwnPlace } from './workflows/own.js';
export type { RevocationRequest, RevokingService } from './workflows/remediate.js';
export {
  type PlanRequest,
  type Redaction,
  type ScanProgress,
  type ScanRequest,
  type ScanResult,
  scan,
} from './workflows/scan.js';
export type { StagedRequest } from './workflows/staged.js';
