import { isProvenDead } from '../model/plan.js';
import type { ReportFinding } from '../model/report.js';

/** How loud a finding is where tools know three levels. What makes a run fail is an error, unless it is dead. */
export type Severity = 'error' | 'warning' | 'note';

export function severityOf({
  confidence,
  verdict,
  remediation,
  suppressed_by: suppressed,
}: ReportFinding): Severity {
  if (isProvenDead(remediation.state)) return 'note';
  if (verdict.state === 'active') return 'error';
  if (suppressed !== undefined) return 'note';
  if (verdict.state === 'inactive' || verdict.state === 'inactive_or_foreign') return 'note';
  return confidence === 'high' ? 'error' : 'warning';
}
