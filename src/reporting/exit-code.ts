import type { ExitCode, Report } from '../model/report.js';

export interface ExitCodeOptions {
  /** Findings of any confidence count. */
  readonly strict?: boolean;
}

/**
 * The exit code that a report calls for: 4 when a token that was to be revoked is not proven dead, else 2 when something
 * was not scanned, else 1 for findings, else 0. A finding on an ignore list counts only when it is alive.
 */
export function exitCode(
  report: Omit<Report, 'exit_code'>,
  { strict = false }: ExitCodeOptions = {},
): ExitCode {
  const undead = ['refused', 'failed', 'accepted_unverified'];
  if (report.findings.some(({ remediation }) => undead.includes(remediation.state))) return 4;
  if (report.plan !== undefined && report.plan.drifted.length > 0) return 4;
  if (!report.coverage.complete) return 2;
  const counts = report.findings.some(
    ({ confidence, verdict, suppressed_by }) =>
      verdict.state === 'active' || (suppressed_by === undefined && (strict || confidence === 'high')),
  );
  return counts ? 1 : 0;
}
