import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/model/finding.js';
import type { Plan } from '../../src/model/plan.js';
import type { TokenRecord } from '../../src/model/token.js';
import type { Evidence, Verdict } from '../../src/model/verdict.js';
import {
  narrowToApproved,
  type PlanFileContents,
  readPlanFile,
  writePlanFile,
} from '../../src/remediation/plan-file.js';
import { planRevocations } from '../../src/remediation/policy.js';
import { findingFor } from '../support/findings.js';
import { orgToken } from '../support/tokens.js';

const [a, b] = ['a', 'b'].map((seed) =>
  findingFor(orgToken(seed), { kind: 'file', path: `dir/${orgToken(seed)}` }),
) as [Finding, Finding];
const row = (tokenId: string, createdAt = '2026-01-01'): TokenRecord => ({
  tokenId,
  userIdentifier: 'alice',
  status: 'active',
  createdAt,
  lastUsedAt: '2026-02-02',
});
const ROWS = [row('T1'), row('T2')];
const plan = (
  mapped: [Finding, string][],
  evidence: Evidence = 'list_hint',
  userIdentifier = 'alice',
): Plan =>
  planRevocations(
    mapped.map(([finding]) => finding),
    new Map<string, Verdict>(
      mapped.map(([finding, tokenId]) => [
        finding.fingerprint,
        { state: 'active', tokenId, userIdentifier, evidence, checkedAt: '' },
      ]),
    ),
    ROWS,
    { revocable: () => true, maxRevocations: 9 },
  );
const NOW = new Date('2026-03-03T00:00:00Z');
const binding = { api: 'https://api.example/v1', orgId: 'O1', key: Buffer.from('key'), now: NOW };
const contents = (more: Partial<PlanFileContents> = {}): PlanFileContents => ({
  ...binding,
  plan: plan([[a, 'T1']]),
  records: ROWS,
  targets: ['.'],
  validFor: 3_600_000,
  redact: (text) => text.replaceAll(orgToken('a'), 'tg_org_…'),
  ...more,
});
const later = (milliseconds: number) => new Date(NOW.getTime() + milliseconds);

test('says what would be done, to whose token, on what evidence, and where it leaked; holds no token', () => {
  const text = writePlanFile(contents());
  expect(text).not.toContain(orgToken('a'));
  expect(readPlanFile(text, binding).revocations).toEqual([
    {
      token_id: 'T1',
      user_identifier: 'alice',
      evidence: 'list_hint',
      fingerprint: a.fingerprint,
      redacted: a.secret.redacted,
      rule: a.rule,
      created_at: '2026-01-01',
      last_used_at: '2026-02-02',
      breaks: 'Whatever installs packages as alice stops (last used 2026-02-02).',
      places: [{ kind: 'file', path: 'dir/tg_org_…' }],
      places_total: 1,
    },
  ]);
});

describe('is refused', () => {
  const text = writePlanFile(contents());
  test('when a single field was changed, added or removed', () => {
    const change = (edit: (file: Record<string, unknown>) => void) => {
      const file = JSON.parse(text) as Record<string, unknown>;
      edit(file);
      return JSON.stringify(file);
    };
    for (const name of Object.keys(JSON.parse(text) as object).filter((each) => each !== 'schema')) {
      expect(
        () =>
          readPlanFile(
            change((file) => {
              file[name] = 'x';
            }),
            binding,
          ),
        name,
      ).toThrow(/changed after it was written/);
      expect(
        () =>
          readPlanFile(
            change((file) => {
              delete file[name];
            }),
            binding,
          ),
        name,
      ).toThrow(/changed|no plan/);
    }
    expect(() =>
      readPlanFile(
        change((file) => {
          file.more = 1;
        }),
        binding,
      ),
    ).toThrow(/changed/);
    expect(
      readPlanFile(
        change(() => {}),
        binding,
      ).org_id,
    ).toBe('O1');
  });
  test.each([
    ['for another credential', { key: Buffer.from('other') }, /another credential/],
    ['for another organization', { orgId: 'O2' }, /for organization O1/],
    ['for another host', { api: 'https://evil.example/v1' }, /at https:\/\/api\.example\/v1/],
    ['after its time', { now: later(3_600_000) }, /valid from/],
    ['before its time', { now: later(-600_000) }, /valid from/],
  ])('%s', (_, more, message) => expect(() => readPlanFile(text, { ...binding, ...more })).toThrow(message));
  test.each(['', 'null', '[]', '{}', '{"schema":"guardsweep-report/1","mac":"00"}'])(
    'when it is %j',
    (other) => {
      expect(() => readPlanFile(other, binding)).toThrow(/no JSON|no plan/);
    },
  );
});

describe('applied to a plan made anew', () => {
  const approved = readPlanFile(writePlanFile(contents({ plan: plan([[a, 'T1']]) })), binding);
  const narrow = (fresh: Plan, records = ROWS) => {
    const { plan: left, drifted } = narrowToApproved(fresh, approved, records);
    return {
      ids: left.revocations.map(({ tokenId }) => tokenId),
      refused: left.refusals.map(({ reason }) => reason),
      drifted: drifted.map(({ token_id }) => token_id),
    };
  };
  test('what is found exactly as approved stays', () => {
    expect(narrow(plan([[a, 'T1']]))).toEqual({ ids: ['T1'], refused: [], drifted: [] });
  });
  test('what nobody approved is refused', () => {
    expect(
      narrow(
        plan([
          [a, 'T1'],
          [b, 'T2'],
        ]),
      ),
    ).toEqual({ ids: ['T1'], refused: [expect.stringContaining('does not have it')], drifted: [] });
  });
  test('what is gone is told', () => {
    expect(narrow(plan([]))).toEqual({ ids: [], refused: [], drifted: ['T1'] });
  });
  test.each([
    ['another ID', plan([[a, 'T2']]), ROWS],
    ['other evidence', plan([[a, 'T1']], 'sole_active_of_org'), ROWS],
    ['another user', plan([[a, 'T1']], 'list_hint', 'bob'), ROWS],
    ['an ID that was given to a newer token', plan([[a, 'T1']]), [row('T1', '2026-03-01'), row('T2')]],
  ])('%s is drift: refused', (_, fresh, records) => {
    expect(narrow(fresh, records)).toMatchObject({ ids: [], refused: [expect.any(String)], drifted: ['T1'] });
  });
});
