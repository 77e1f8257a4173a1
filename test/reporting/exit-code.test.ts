import { describe, expect, test } from 'vitest';
import type { OutcomeState } from '../../src/model/plan.js';
import type { Verdict } from '../../src/model/verdict.js';
import { active, finding, report, unscanned } from './reports.js';

const high = finding('high');
const low = { ...finding('low'), confidence: 'low' as const };
const lost = unscanned({ kind: 'file', path: 'x' });
const verdict = (of: typeof high, state: Verdict) => ({ verdicts: new Map([[of.fingerprint, state]]) });
const outcome = (state: OutcomeState) => ({ outcomes: new Map([[high.fingerprint, { state }]]) });

test('0: everything was scanned, nothing found', () => expect(report([]).exit_code).toBe(0));

describe('1: findings', () => {
  test('of high confidence', () => expect(report([high]).exit_code).toBe(1));
  test('of high confidence, also dead ones', () =>
    expect(report([high], verdict(high, { state: 'inactive' })).exit_code).toBe(1));
  test('of low confidence only when active', () => {
    expect(report([low]).exit_code).toBe(0);
    expect(report([low], verdict(low, active())).exit_code).toBe(1);
  });
  test('of any confidence with --strict', () => expect(report([low], { strict: true }).exit_code).toBe(1));
  test('on an ignore list only when active', () => {
    const ignored = { ...high, suppressedBy: 'x:1' };
    expect(report([ignored], { strict: true }).exit_code).toBe(0);
    expect(report([ignored], verdict(ignored, active())).exit_code).toBe(1);
  });
  test('that were revoked and proven dead', () => {
    expect(report([high], { ...verdict(high, active()), ...outcome('verified_revoked') }).exit_code).toBe(1);
    expect(report([high], { ...verdict(high, active()), ...outcome('already_revoked') }).exit_code).toBe(1);
  });
});

describe('2: incomplete', () => {
  test('without findings', () => expect(report([], lost).exit_code).toBe(2));
  test('with findings', () => expect(report([high], lost).exit_code).toBe(2));
});

describe('4: not proven dead', () => {
  test.each(['failed', 'accepted_unverified'] as const)('%s', (state) => {
    expect(report([high], { ...verdict(high, active()), ...outcome(state) }).exit_code).toBe(4);
    expect(report([high], { ...lost, ...outcome(state) }).exit_code).toBe(4);
  });
  test('refused', () => {
    const plan = { revocations: [], refusals: [{ finding: low, reason: 'ambiguous' }] };
    expect(report([low], { plan }).exit_code).toBe(4);
  });
});
