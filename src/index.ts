/** The library: the workflows, and the nouns that they take and give. */
export { Budget, type BudgetLimits, DEFAULT_LIMITS } from './model/budget.js';
export type { Diagnostic, DiagnosticReason } from './model/diagnostic.js';
export type { Finding, Sighting } from './model/finding.js';
export { Misuse } from './model/misuse.js';
export type { Plan } from './model/plan.js';
export type { Provenance } from './model/provenance.js';
export type {
  ExitCode,
  Report,
  ReportAction,
  ReportFinding,
  ReportSighting,
  ReportVerdict,
} from './model/report.js';
export { SecretValue } from './model/secret.js';
export { VERSION } from './model/version.js';
export { type FollowRequest, follow } from './workflows/follow.js';
export { guard } from './workflows/guard.js';
export type { RevocationRequest, RevokingService } from './workflows/remediate.js';
export {
  type Redaction,
  type ScanProgress,
  type ScanRequest,
  type ScanResult,
  scan,
} from './workflows/scan.js';
