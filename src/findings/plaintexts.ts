import type { Finding } from '../model/finding.js';

/** The tokens themselves, by fingerprint: for `--show-secrets`, on a terminal, and for nothing else. */
export function plaintexts(findings: readonly Finding[]): ReadonlyMap<string, string> {
  return new Map(findings.map(({ fingerprint, secret }) => [fingerprint, secret.reveal()]));
}
