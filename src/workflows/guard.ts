import { randomUUID } from 'node:crypto';
import { redactor } from '../findings/redact.js';
import { type IgnoreList, suppress } from '../findings/suppress.js';
import type { Finding } from '../model/finding.js';
import type { Report } from '../model/report.js';
import { VERSION } from '../model/version.js';
import { buildReport } from '../reporting/build.js';
import { builtinDetector, prefixes, ruleOf } from './detector.js';
import { Search } from './search.js';
import { type StagedRequest, searchStaged } from './staged.js';

export interface GuardRequest {
  readonly staged: StagedRequest;
  /** Findings that these lists name are reported as suppressed. */
  readonly ignore?: readonly IgnoreList[];
  /** Whether findings of low confidence count for the exit code, too. */
  readonly strict?: boolean;
}

/**
 * What the pre-commit hook does: search what is staged. It can neither probe nor revoke: it knows no service.
 *
 * @throws {Misuse} where there is no repository.
 */
export async function guard({ staged, ignore = [], strict = false }: GuardRequest): Promise<Report> {
  const startedAt = new Date();
  const search = new Search(builtinDetector());
  await searchStaged(search, staged, {});
  const result = await search.result();
  const findings = ignore.reduce(suppress, result.findings as Finding[]);
  return buildReport({
    run: {
      id: randomUUID(),
      version: VERSION,
      started_at: startedAt.toISOString(),
      finished_at: new Date().toISOString(),
      targets: [staged.directory],
    },
    coverage: search.coverage.summary(),
    findings,
    adviceFor: (rule) => ruleOf(rule)?.advice,
    redact: redactor(findings, prefixes()),
    strict,
  });
}
