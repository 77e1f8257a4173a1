import { createHash, createHmac } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
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

test('is bound to its time, its host, its organization and its gates, and sealed', () => {
  const refused = planRevocations(
    [b],
    new Map<string, Verdict>([[b.fingerprint, { state: 'unknown', reason: 'a 503' }]]),
    ROWS,
    { revocable: () => true, maxRevocations: 9 },
  );
  const { mac, ...body } = JSON.parse(writePlanFile(contents({ plan: refused }))) as Record<string, unknown>;
  const rows = ROWS.map(({ tokenId }) => JSON.stringify([tokenId, 'alice', 'active', '2026-01-01']));
  expect(body).toEqual({
    schema: 'guardsweep-plan/1',
    created_at: '2026-03-03T00:00:00.000Z',
    expires_at: '2026-03-03T01:00:00.000Z',
    api: binding.api,
    org_id: 'O1',
    targets: ['.'],
    all_of_user: false,
    include_own: false,
    protected: [],
    list_sha256: createHash('sha256').update(rows.join('\n')).digest('hex'),
    revocations: [],
    refusals: [
      {
        fingerprint: b.fingerprint,
        redacted: b.secret.redacted,
        reason: 'it is not known whether it is alive: a 503',
      },
    ],
  });
  const seal = createHmac('sha256', binding.key).update('guardsweep-plan/1\0').update(JSON.stringify(body));
  expect(mac).toBe(seal.digest('hex'));
});

test('keeps the gates that it was made under', () => {
  const file = readPlanFile(
    writePlanFile(contents({ allOfUser: true, includeOwn: true, protectedUsers: ['ci-*'] })),
    binding,
  );
  expect(file).toMatchObject({ all_of_user: true, include_own: true, protected: ['ci-*'] });
  const own = { fingerprints: new Map([[a.fingerprint, ['~/.npmrc']]]), tokenIds: new Map() };
  expect(readPlanFile(writePlanFile(contents({ own })), binding).revocations[0]!.breaks).toMatch(
    /~\/\.npmrc/,
  );
});

test('the digest of the list does not depend on its order or on use, but on everything else', () => {
  const digest = (...records: TokenRecord[]) =>
    readPlanFile(writePlanFile(contents({ records })), binding).list_sha256;
  const [first, second] = ROWS as [TokenRecord, TokenRecord];
  const same = digest(first, second);
  expect(digest(second, { ...first, lastUsedAt: '2026-09-09' })).toBe(same);
  const { createdAt: _, ...undated } = first;
  for (const other of [
    { ...first, tokenId: 'T9' },
    { ...first, userIdentifier: 'bob' },
    { ...first, status: 'revoked' as const },
    { ...first, createdAt: '2026-01-02' },
    undated,
  ]) {
    expect(digest(other, second)).not.toBe(same);
  }
  expect(digest(undated)).toBe(
    createHash('sha256')
      .update(JSON.stringify(['T1', 'alice', 'active', null]))
      .digest('hex'),
  );
  expect(digest(first)).not.toBe(same);
});

test('says what is not known of a token by leaving it out, and of many places some', () => {
  const places = Array.from({ length: 25 }, (_, at) => ({
    ...a.sightings[0],
    where: { kind: 'file' as const, path: `p${at}` },
  }));
  const many = { ...a, sightings: places as unknown as Finding['sightings'] };
  const nobodys = planRevocations(
    [many],
    new Map<string, Verdict>([
      [a.fingerprint, { state: 'active', tokenId: 'T9', evidence: 'probe_id', checkedAt: '' }],
    ]),
    ROWS,
    { revocable: () => true, maxRevocations: 9 },
  );
  const [planned] = readPlanFile(writePlanFile(contents({ plan: nobodys })), binding).revocations;
  expect(planned!.places.map((place) => (place as { path: string }).path)).toEqual(
    Array.from({ length: 20 }, (_, at) => `p${at}`),
  );
  const { places: __, ...rest } = planned!;
  expect(rest).toStrictEqual({
    token_id: 'T9',
    evidence: 'probe_id',
    fingerprint: a.fingerprint,
    redacted: a.secret.redacted,
    rule: a.rule,
    breaks: 'Whatever installs packages as a user who is not known stops.',
    places_total: 25,
  });
  const counted: Plan = {
    ...nobodys,
    revocations: nobodys.revocations.map((each) => ({ ...each, finding: { ...many, sightingsTotal: 100 } })),
  };
  expect(readPlanFile(writePlanFile(contents({ plan: counted })), binding).revocations[0]!.places_total).toBe(
    100,
  );
});

test('to replace tokens is not to revoke them: each plan is for its own deed', () => {
  const revoking = writePlanFile(contents());
  const rotating = writePlanFile(contents({ action: 'rotate' }));
  expect(readPlanFile(rotating, { ...binding, action: 'rotate' }).action).toBe('rotate');
  expect(() => readPlanFile(rotating, binding)).toThrow(
    'The plan is to replace tokens, not only to revoke them. Carry it out with “guardsweep rotate --approved”.',
  );
  expect(() => readPlanFile(revoking, { ...binding, action: 'rotate' })).toThrow(
    'The plan is to revoke tokens, not to replace them. Carry it out with “guardsweep apply”.',
  );
});

describe('is refused', () => {
  let text: string;
  beforeEach(() => {
    text = writePlanFile(contents());
  });
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
      ).toThrow(/changed|not a plan/);
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
    ['before its time', { now: later(-300_001) }, /valid from/],
  ])('%s', (_, more, message) => expect(() => readPlanFile(text, { ...binding, ...more })).toThrow(message));
  test('but not as long as it is valid, by a clock that is a little slow', () => {
    for (const now of [later(3_599_999), later(-300_000)])
      expect(readPlanFile(text, { ...binding, now }).org_id).toBe('O1');
  });
  test('by a name of its own, which makes it a wrong call', () => {
    expect(() => readPlanFile('', binding)).toThrow(
      expect.objectContaining({
        name: 'PlanFileError',
        message: 'The plan is not JSON. Give a file that “guardsweep plan” wrote.',
      }),
    );
    expect(() => readPlanFile('{}', binding)).toThrow(
      'This is not a plan that this version can read. Give a file that “guardsweep plan” wrote.',
    );
  });
  test('with a seal of another length', () => {
    const { mac, ...body } = JSON.parse(text) as { mac: string };
    for (const other of [mac.slice(1), `${mac}0`, '', mac.toUpperCase()])
      expect(() => readPlanFile(JSON.stringify({ ...body, mac: other }), binding)).toThrow(/changed/);
    expect(() => readPlanFile(JSON.stringify({ ...body, mac: 1 }), binding)).toThrow(/not a plan/);
  });
  test.each(['', 'null', '[]', '{}', '{"schema":"guardsweep-report/1","mac":"00"}'])(
    'when it is %j',
    (other) => {
      expect(() => readPlanFile(other, binding)).toThrow(/not JSON|not a plan/);
    },
  );
});

const CHANGED = 'what is known of it changed since the plan was approved; make a new plan';

describe('applied to a plan made anew', () => {
  const narrow = (fresh: Plan, records = ROWS) => {
    const approved = readPlanFile(writePlanFile(contents({ plan: plan([[a, 'T1']]) })), binding);
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
    ['another ID', () => plan([[a, 'T2']]), ROWS, 'the approved plan does not have it'],
    ['other evidence', () => plan([[a, 'T1']], 'sole_active_of_org'), ROWS, CHANGED],
    ['another user', () => plan([[a, 'T1']], 'list_hint', 'bob'), ROWS, CHANGED],
    [
      'an ID that was given to a newer token',
      () => plan([[a, 'T1']]),
      [row('T1', '2026-03-01'), row('T2')],
      CHANGED,
    ],
    ['an ID that the list no longer has', () => plan([[a, 'T1']]), [row('T2')], CHANGED],
  ])('%s is drift: refused', (_, fresh, records, reason) => {
    expect(narrow(fresh(), records)).toEqual({ ids: [], refused: [reason], drifted: ['T1'] });
  });

  test('what a journal approved has no date to compare', () => {
    const [known] = readPlanFile(writePlanFile(contents()), binding).revocations;
    const approved = { revocations: [{ ...known!, created_at: '1999-01-01', undated: true as const }] };
    expect(narrowToApproved(plan([[a, 'T1']]), approved, ROWS).plan.revocations).toHaveLength(1);
  });

  test('a finding is revoked whole or not at all', () => {
    const all = planRevocations(
      [a],
      new Map<string, Verdict>([
        [
          a.fingerprint,
          { state: 'active', userIdentifier: 'alice', candidates: ROWS, reason: 'two fit', checkedAt: '' },
        ],
      ]),
      ROWS,
      { revocable: () => true, maxRevocations: 9, allOfUser: () => true },
    );
    const one = {
      revocations: readPlanFile(writePlanFile(contents({ plan: all })), binding).revocations.slice(0, 1),
    };
    const { plan: left, drifted } = narrowToApproved(all, one, ROWS);
    expect(left.revocations).toEqual([]);
    expect(left.refusals.map(({ reason }) => reason)).toEqual(['the approved plan does not have it']);
    expect(drifted).toEqual([]);
  });
});
