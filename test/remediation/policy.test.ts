import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/model/finding.js';
import type { TokenRecord } from '../../src/model/token.js';
import type { Verdict } from '../../src/model/verdict.js';
import type { Disposition } from '../../src/remediation/disposition.js';
import { matchesGlob } from '../../src/remediation/glob.js';
import { planRevocations, type RevocationPolicy } from '../../src/remediation/policy.js';
import { findingFor } from '../support/findings.js';
import { orgToken } from '../support/tokens.js';

const AT = '2026-01-01T00:00:00Z';
const [a, b, c] = ['a', 'b', 'c'].map((seed) => findingFor(orgToken(seed))) as [Finding, Finding, Finding];
const row = (
  tokenId: string,
  userIdentifier: string,
  status: TokenRecord['status'] = 'active',
): TokenRecord => ({
  tokenId,
  userIdentifier,
  status,
});
const mapped = (tokenId: string, userIdentifier?: string): Verdict => ({
  state: 'active',
  tokenId,
  ...(userIdentifier === undefined ? {} : { userIdentifier }),
  evidence: 'list_hint',
  checkedAt: AT,
});
const ambiguous = (userIdentifier?: string): Verdict => ({
  state: 'active',
  ...(userIdentifier === undefined ? {} : { userIdentifier }),
  candidates: [],
  reason: 'two fit',
  checkedAt: AT,
});
const ALICE = [
  row('T1', 'alice'),
  row('T2', 'alice'),
  row('T3', 'alice', 'revoked'),
  row('T4', 'alice-laptop'),
  row('T5', 'bob'),
];
const policy = (more: Partial<RevocationPolicy> = {}): RevocationPolicy => ({
  revocable: () => true,
  maxRevocations: 10,
  ...more,
});
const plan = (
  verdicts: [Finding, Verdict][],
  more: Partial<RevocationPolicy> = {},
  records: TokenRecord[] | undefined = ALICE,
) => {
  const { revocations, refusals } = planRevocations(
    verdicts.map(([finding]) => finding),
    new Map(verdicts.map(([finding, verdict]) => [finding.fingerprint, verdict])),
    records,
    policy(more),
  );
  return {
    ids: revocations.map(({ tokenId }) => tokenId),
    revocations,
    refusals: refusals.map(({ reason }) => reason),
  };
};

test('approves what is active and mapped', () => {
  expect(plan([[a, mapped('T1', 'alice')]])).toMatchObject({
    revocations: [{ finding: a, tokenId: 'T1', userIdentifier: 'alice', evidence: 'list_hint' }],
    refusals: [],
  });
});

test('leaves alone what is dead, another organization’s, of another family or on the ignore list', () => {
  const states: Verdict[] = [{ state: 'inactive' }, { state: 'foreign' }, { state: 'inactive_or_foreign' }];
  for (const verdict of states) expect(plan([[a, verdict]])).toMatchObject({ ids: [], refusals: [] });
  expect(plan([[a, mapped('T1')]], { revocable: () => false })).toMatchObject({ ids: [], refusals: [] });
  const ignored = { ...a, suppressedBy: 'x:1' };
  for (const verdict of [...states, { state: 'unknown' }, { state: 'not_probed' }] as Verdict[])
    expect(plan([[ignored, verdict]])).toMatchObject({ ids: [], refusals: [] });
});

test('says of what is on the ignore list and alive that it is left, unless the policy wants no more than a word', () => {
  const ignored = { ...a, suppressedBy: 'x:1' };
  const reason = 'x:1 ignores it, and it is alive: take it off to have it revoked';
  expect(plan([[ignored, mapped('T1')]])).toMatchObject({ ids: [], refusals: [reason] });
  expect(plan([[ignored, ambiguous('alice')]])).toMatchObject({ ids: [], refusals: [reason] });
  const notify = { disposition: () => 'notify' as const };
  expect(plan([[ignored, mapped('T1')]], notify)).toMatchObject({ ids: [], refusals: [] });
});

test('refuses what is ambiguous or unknown, with the reason', () => {
  const { ids, refusals } = plan([
    [a, ambiguous('alice')],
    [b, { state: 'unknown', reason: 'a 503' }],
    [c, { state: 'not_probed' }],
  ]);
  expect(ids).toEqual([]);
  expect(refusals).toEqual([
    expect.stringContaining('two fit'),
    'it is not known whether it is alive: a 503',
    'it is not known whether it is alive',
  ]);
});

describe('every active token of the user, when asked', () => {
  const asked = { allOfUser: (user: string) => user === 'alice' };
  test('of exactly that user, active ones only', () => {
    const { ids, revocations } = plan([[a, ambiguous('alice')]], asked);
    expect(ids).toEqual(['T1', 'T2']);
    expect(revocations[0]).toMatchObject({ evidence: 'all_of_user', userIdentifier: 'alice' });
  });
  test.each([
    ['another user', ambiguous('bob'), ALICE, /two fit/],
    ['a user that nobody named', ambiguous(), ALICE, /nor does the service say whose/],
    ['an unread list', ambiguous('alice'), undefined, /two fit/],
    ['no active row', ambiguous('alice'), [row('T3', 'alice', 'revoked')], /no active token of exactly/],
    [
      'a recycled ID',
      ambiguous('alice'),
      [row('T1', 'alice'), row('T1', 'bob', 'revoked')],
      /more than once/,
    ],
  ] as const)('not for %s', (_, verdict, records, reason) => {
    const { ids, refusals } = plan([[a, verdict]], asked, records as TokenRecord[] | undefined);
    // A default parameter would replace the unread list.
    const unread = planRevocations(
      [a],
      new Map([[a.fingerprint, verdict]]),
      records as TokenRecord[] | undefined,
      policy(asked),
    );
    expect(unread.revocations).toEqual([]);
    expect(records === undefined ? [unread.refusals[0]!.reason] : refusals).toEqual([
      expect.stringMatching(reason),
    ]);
    if (records !== undefined) expect(ids).toEqual([]);
  });
});

describe('caps', () => {
  test('over the cap nothing at all is revoked', () => {
    const verdicts: [Finding, Verdict][] = [
      [a, mapped('T1', 'alice')],
      [b, mapped('T2', 'alice')],
      [c, { state: 'unknown' }],
    ];
    expect(plan(verdicts, { maxRevocations: 2 }).ids).toEqual(['T1', 'T2']);
    const { ids, refusals } = plan(verdicts, { maxRevocations: 1 });
    expect(ids).toEqual([]);
    expect(refusals).toHaveLength(3);
    expect(refusals[1]).toContain('2 tokens would be revoked, more than the 1 allowed');
    expect(plan([[a, mapped('T1')]], { maxRevocations: 0 }).ids).toEqual([]);
  });
  test('tokens are counted, not findings', () => {
    const asked = { allOfUser: () => true, maxRevocations: 1 };
    expect(plan([[a, ambiguous('alice')]], asked).refusals).toEqual([expect.stringContaining('2 tokens')]);
    expect(
      plan(
        [
          [a, ambiguous('alice')],
          [b, ambiguous('alice')],
        ],
        { ...asked, maxRevocations: 2 },
      ).ids,
    ).toHaveLength(4);
  });
  test('a share of the active tokens; one is always within it', () => {
    const verdicts: [Finding, Verdict][] = [
      [a, mapped('T1', 'alice')],
      [b, mapped('T2', 'alice')],
    ];
    expect(plan(verdicts, { maxShare: 0.5 }).ids).toEqual(['T1', 'T2']);
    expect(plan(verdicts, { maxShare: 0.49 }).refusals).toEqual(
      Array(2).fill(expect.stringContaining('2 of the organization')),
    );
    expect(plan([verdicts[0]!], { maxShare: 0.01 }).ids).toEqual(['T1']);
  });
});

test('protected users are left alone, and so is what may be theirs', () => {
  const guarded = { protectedUsers: ['ci-*'] };
  expect(plan([[a, mapped('T1', 'ci-main')]], guarded).refusals).toEqual([
    'tokens of ci-main are protected (ci-*)',
  ]);
  expect(plan([[a, mapped('T1')]], guarded).refusals).toEqual([expect.stringContaining('not known')]);
  expect(plan([[a, mapped('T1', 'alice')]], guarded).ids).toEqual(['T1']);
});

test('what the running job needs is left alone, or handled last when asked', () => {
  const own = {
    fingerprints: new Map([[a.fingerprint, ['~/.npmrc']]]),
    tokenIds: new Map([['T5', ['NPM_TOKEN']]]),
  };
  const verdicts: [Finding, Verdict][] = [
    [a, mapped('T1', 'alice')],
    [b, mapped('T5', 'bob')],
    [c, mapped('T2', 'alice')],
  ];
  const without = plan(verdicts, { own });
  expect(without.ids).toEqual(['T2']);
  expect(without.refusals).toEqual(Array(2).fill(expect.stringContaining('--include-own')));
  expect(plan(verdicts, { own, includeOwn: true }).ids).toEqual(['T2', 'T1', 'T5']);
});

test('whatever the verdicts: only active ones lead to a revocation, and never more than allowed', () => {
  const verdict = fc.oneof(
    fc.constantFrom<Verdict>(
      { state: 'inactive' },
      { state: 'foreign' },
      { state: 'unknown' },
      { state: 'not_probed' },
    ),
    fc
      .tuple(fc.constantFrom('T1', 'T2', 'T5'), fc.constantFrom(undefined, 'alice'))
      .map(([id, user]) => mapped(id, user)),
    fc.constantFrom(undefined, 'alice', 'bob').map(ambiguous),
  );
  fc.assert(
    fc.property(
      fc.tuple(verdict, verdict, verdict),
      fc.nat(4),
      fc.boolean(),
      ([x, y, z], maxRevocations, all) => {
        const verdicts = new Map([
          [a.fingerprint, x],
          [b.fingerprint, y],
          [c.fingerprint, z],
        ]);
        const made = planRevocations(
          [a, b, c],
          verdicts,
          ALICE,
          policy({ maxRevocations, ...(all ? { allOfUser: () => true } : {}) }),
        );
        expect(new Set(made.revocations.map(({ tokenId }) => tokenId)).size).toBeLessThanOrEqual(
          maxRevocations,
        );
        for (const { finding, tokenId } of made.revocations) {
          const known = verdicts.get(finding.fingerprint)!;
          expect(known.state).toBe('active');
          if ('tokenId' in known) expect(tokenId).toBe(known.tokenId);
          else
            expect(ALICE.find((each) => each.tokenId === tokenId)).toMatchObject({
              status: 'active',
              userIdentifier: 'userIdentifier' in known ? known.userIdentifier : '',
            });
        }
        // What was to be revoked is approved or refused, never forgotten.
        for (const finding of [a, b, c]) {
          const due = ['active', 'unknown', 'not_probed'].includes(verdicts.get(finding.fingerprint)!.state);
          const approved = made.revocations.some((revocation) => revocation.finding === finding);
          const refused = made.refusals.some((refusal) => refusal.finding === finding);
          expect([approved, refused].filter(Boolean)).toHaveLength(due ? 1 : 0);
        }
      },
    ),
    { numRuns: Number(process.env.GUARDSWEEP_PLANS ?? 2_000) },
  );
});

test('what nobody has probed is refused, not forgotten', () => {
  const { revocations, refusals } = planRevocations([a], new Map(), ALICE, policy());
  expect(revocations).toEqual([]);
  expect(refusals).toEqual([{ finding: a, reason: 'it is not known whether it is alive' }]);
});

test('an approved revocation names its user only where that is known', () => {
  const [known, unknown] = planRevocations(
    [a, b],
    new Map([
      [a.fingerprint, mapped('T1', 'alice')],
      [b.fingerprint, mapped('T5')],
    ]),
    ALICE,
    policy(),
  ).revocations;
  expect(known).toStrictEqual({ finding: a, tokenId: 'T1', userIdentifier: 'alice', evidence: 'list_hint' });
  expect(unknown).toStrictEqual({ finding: b, tokenId: 'T5', evidence: 'list_hint' });
});

test('an ambiguous one is refused for that, whoever is protected', () => {
  expect(plan([[a, ambiguous('alice')]], { protectedUsers: ['ci-*'] }).refusals).toEqual([
    'which token of the list it is cannot be told: two fit',
  ]);
});

test('all of a user are left where one of them may be what this job uses', () => {
  const asked = { allOfUser: () => true };
  const lost = { fingerprints: new Map(), tokenIds: new Map(), undetermined: 'a 503' };
  expect(plan([[a, ambiguous('alice')]], { ...asked, own: lost }).refusals).toEqual([
    "one of this user's tokens may be the one that this very job uses: a 503",
  ]);
  expect(plan([[a, ambiguous('alice')]], { ...asked, own: lost, includeOwn: true }).ids).toEqual([
    'T1',
    'T2',
  ]);
  expect(plan([[a, mapped('T1', 'alice')]], { own: lost }).ids, 'what is tied to one ID is not').toEqual([
    'T1',
  ]);
  const { undetermined: _, ...known } = lost;
  expect(plan([[a, ambiguous('alice')]], { ...asked, own: known }).ids).toEqual(['T1', 'T2']);
});

describe('what the user’s own policy wants', () => {
  const wants = (disposition: Disposition, more: Partial<RevocationPolicy> = {}) =>
    plan([[a, mapped('T1', 'alice')]], { disposition: () => disposition, ...more });
  test('revoke is done, notify is left', () => {
    expect(wants('revoke')).toMatchObject({ ids: ['T1'], refusals: [] });
    expect(wants('notify')).toEqual({ ids: [], revocations: [], refusals: [] });
  });
  test('rotate is refused, and says how', () => {
    expect(wants('rotate')).toMatchObject({
      ids: [],
      refusals: [`the policy wants it replaced, not only revoked: guardsweep rotate ${a.fingerprint}`],
    });
  });
  test('plan is for a person only', () => {
    expect(wants('plan')).toMatchObject({
      ids: [],
      refusals: ['the policy wants a person to approve it: it is in the plan'],
    });
    expect(wants('plan', { forApproval: true })).toMatchObject({ ids: ['T1'], refusals: [] });
  });
  test('it is asked of the finding and its user, and of what is alive only', () => {
    const asked: unknown[] = [];
    const disposition = (finding: Finding, user: string | undefined): Disposition => {
      asked.push([finding, user]);
      return 'revoke';
    };
    plan(
      [
        [a, mapped('T1', 'alice')],
        [b, { state: 'inactive' }],
        [c, mapped('T2')],
      ],
      { disposition },
    );
    expect(asked).toEqual([
      [a, 'alice'],
      [c, undefined],
    ]);
  });
});

test('globs: * and ? and nothing else', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 6 }),
      fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 6 }),
      (pattern, text) => {
        const expression = new RegExp(
          `^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')}$`,
        );
        expect(matchesGlob(pattern, text)).toBe(expression.test(text));
      },
    ),
    { numRuns: Number(process.env.GUARDSWEEP_PLANS ?? 3_000) },
  );
  expect(matchesGlob('a*'.repeat(5_000), 'a'.repeat(20_000))).toBe(true);
});
