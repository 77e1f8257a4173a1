import { expect, test } from 'vitest';
import type { ReportFinding } from '../../src/model/report.js';
import { eventLine, jsonLine } from '../../src/reporting/event.js';

const finding: ReportFinding = {
  fingerprint: 'gs1_abc',
  rule: 'tg_org',
  redacted: 'tg_org_…x9Zk',
  confidence: 'high',
  sightings: [{ where: { kind: 'file', path: 'app.log' }, line: 3, column: 5, offset: 40, via: ['base64'] }],
  verdict: { state: 'not_probed' },
  remediation: { state: 'none' },
};
const at = '2025-01-02T03:04:05.000Z';

test('a finding is a line: when, what, where', () => {
  expect(eventLine({ event: 'found', at, finding })).toBe(
    `${at}  FOUND  tg_org_…x9Zk  app.log:3:5 (in base64)`,
  );
});

test('so is what the service said of it', () => {
  const verdict = { state: 'active', user_identifier: 'alice', token_id: 't1' } as const;
  expect(eventLine({ event: 'probed', at, finding: { ...finding, verdict } })).toBe(
    `${at}  ALIVE  tg_org_…x9Zk  alice’s, token ID t1, gs1_abc`,
  );
  const unknown = { state: 'unknown', reason: 'timed out' } as const;
  expect(eventLine({ event: 'probed', at, finding: { ...finding, verdict: unknown } })).toContain(
    'NOT KNOWN',
  );
});

test('names cannot make it two lines, nor write to the terminal', () => {
  const where = { kind: 'file', path: 'a\n\u001b[2Jb' } as const;
  const hostile = { ...finding, sightings: [{ ...finding.sightings[0]!, where }] };
  expect(eventLine({ event: 'found', at, finding: hostile })).toMatch(/^[^\n\u001b]*$/);
  const line = jsonLine({ event: 'found', at, finding: hostile });
  expect(line.indexOf('\n')).toBe(line.length - 1);
  expect(line).not.toContain('\u001b');
  expect(JSON.parse(line)).toEqual({ event: 'found', at, finding: hostile });
});
