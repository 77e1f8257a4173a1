import { expect, test } from 'vitest';
import type { OutcomeState } from '../../src/model/plan.js';
import type { Verdict, VerdictState } from '../../src/model/verdict.js';
import { github } from '../../src/reporting/github.js';
import { sarif } from '../../src/reporting/sarif.js';
import { active, finding, report } from './reports.js';

const high = finding('severe');
const low = { ...high, confidence: 'low' as const };
const ignored = { ...high, suppressedBy: 'x:1' };

test.each<[string, typeof high, VerdictState, OutcomeState | undefined, string]>([
  ['alive', high, 'active', undefined, 'error'],
  ['alive, of low confidence', low, 'active', undefined, 'error'],
  ['alive, on an ignore list', ignored, 'active', undefined, 'error'],
  ['alive, and not proven dead', high, 'active', 'accepted_unverified', 'error'],
  ['revoked', high, 'active', 'verified_revoked', 'note'],
  ['found dead', high, 'active', 'already_revoked', 'note'],
  ['what fails the run unprobed', high, 'not_probed', undefined, 'error'],
  ['what nobody knows', high, 'unknown', undefined, 'error'],
  ['a lead', low, 'not_probed', undefined, 'warning'],
  ['dead', high, 'inactive', undefined, 'note'],
  ['dead here', high, 'inactive_or_foreign', undefined, 'note'],
  ['ignored', ignored, 'not_probed', undefined, 'note'],
])('%s is as loud in SARIF as on GitHub', (_, found, state, outcome, severity) => {
  const verdict: Verdict = state === 'active' ? active() : { state };
  const told = report([found], {
    verdicts: new Map([[found.fingerprint, verdict]]),
    ...(outcome === undefined ? {} : { outcomes: new Map([[found.fingerprint, { state: outcome }]]) }),
  });
  expect(JSON.parse([...sarif(told)].join('')).runs[0].results[0].level).toBe(severity);
  expect([...github(told)].join('')).toMatch(severity === 'note' ? /^::notice / : `::${severity} `);
});
