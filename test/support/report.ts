import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import { fingerprint } from '../../src/findings/fingerprint.js';
import type { Report, ReportFinding } from '../../src/model/report.js';
import { SecretValue } from '../../src/model/secret.js';
import type { Ended } from './program.js';

const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../schema/report-1.json'), 'utf8'),
) as object;
const validate = new Ajv2020({
  strict: false,
  allErrors: true,
  formats: { 'date-time': (text: string) => !Number.isNaN(Date.parse(text)) },
}).compile(schema);

/** Parses a JSON report and holds it to the schema that the project ships. */
export function reportOf(ended: Pick<Ended, 'stdout' | 'stderr'>): Report {
  let report: unknown;
  try {
    report = JSON.parse(ended.stdout);
  } catch {
    throw new Error(`no JSON on standard output:\n${ended.stdout}\n${ended.stderr}`);
  }
  expect(validate(report), JSON.stringify(validate.errors, null, 1)).toBe(true);
  return report as Report;
}

export function fingerprintOf(token: string): string {
  return fingerprint(new SecretValue(token, 0));
}

/** The finding of a token, by its fingerprint. */
export function findingOf(report: Report, token: string): ReportFinding | undefined {
  return report.findings.find((finding) => finding.fingerprint === fingerprintOf(token));
}
