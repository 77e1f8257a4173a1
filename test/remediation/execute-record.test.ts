import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/model/finding.js';
import type { JournalEntry } from '../../src/model/journal.js';
import type { Plan } from '../../src/model/plan.js';
import type { ProbeAnswer, RevokeAnswer, TokenRecord } from '../../src/model/token.js';
import type { Evidence, Verdict } from '../../src/model/verdict.js';
import { execute } from '../../src/remediation/execute.js';
import { planRevocations } from '../../src/remediation/policy.js';
import { findingFor } from '../support/findings.js';
import { orgToken } from '../support/tokens.js';
import { ACCEPTED, ALIVE, DEAD, EXCHANGE, Scripted } from './scripted.js';

const [a, b, c] = ['rec a', 'rec b', 'rec c'].map((seed) => findingFor(orgToken(seed))) as [
  Finding,
  Finding,
  Finding,
];
const AT = '1970-01-01T00:00:00.000Z';
const LOST: RevokeAnswer = { state: 'unknown', reason: 'it broke', failure: 'network', exchange: EXCHANGE };
const NO: RevokeAnswer = { state: 'rejected', reason: 'a 409', failure: 'refused', exchange: EXCHANGE };
const GONE: RevokeAnswer = { state: 'gone', exchange: { httpStatus: 404, attempts: 1, ms: 1 } };
const denied = (failure: 'unauthorized' | 'forbidden'): RevokeAnswer => ({
  state: 'rejected',
  reason: 'no role',
  failure,
  exchange: EXCHANGE,
});

/** Approves one ID for each finding, `T1` for the first. */
function planned(findings: readonly Finding[], evidence: Evidence = 'probe_id', user?: string): Plan {
  return planRevocations(
    findings,
    new Map<string, Verdict>(
      findings.map((finding, at) => [
        finding.fingerprint,
        {
          state: 'active',
          tokenId: `T${at + 1}`,
          ...(user === undefined ? {} : { userIdentifier: user }),
          evidence,
          checkedAt: '',
        },
      ]),
    ),
    [],
    { revocable: () => true, maxRevocations: 9 },
  );
}

/** Approves every ID of one user for each finding. */
function ofUser(findings: readonly Finding[], ids: readonly string[]): Plan {
  const rows = ids.map((tokenId): TokenRecord => ({ tokenId, userIdentifier: 'u', status: 'active' }));
  const verdict: Verdict = {
    state: 'active',
    userIdentifier: 'u',
    candidates: rows,
    reason: 'x',
    checkedAt: '',
  };
  return planRevocations(findings, new Map(findings.map((each) => [each.fingerprint, verdict])), rows, {
    revocable: () => true,
    maxRevocations: 9,
    allOfUser: () => true,
  });
}

const run = (script: Scripted, plan: Plan, more: object = {}) =>
  execute(plan, { run: 'r', service: script, journal: script, clock: script, verifyFor: 0, ...more });
const events = ({ journal }: Scripted) =>
  journal.map(({ event, tokenId }) => (tokenId === undefined ? event : `${event} ${tokenId}`));

test('what is written down, told and concluded of one that goes well, to the letter', async () => {
  const script = new Scripted([ACCEPTED], [ALIVE, DEAD]);
  const plan: Plan = {
    ...planned([a], 'list_hint', 'alice'),
    refusals: [{ finding: b, reason: 'protected' }],
  };
  const told: number[][] = [];
  const ended = await run(script, plan, {
    targets: ['/leak'],
    verifyFor: 1_000,
    onRevoking: (...counts: number[]) => told.push(counts),
  });
  const about = {
    action: 'revoke',
    fingerprint: a.fingerprint,
    tokenId: 'T1',
    userIdentifier: 'alice',
    evidence: 'list_hint',
    run: 'r',
  };
  expect(script.journal).toStrictEqual([
    { event: 'RUN', targets: ['/leak'], run: 'r' },
    { event: 'REFUSED', fingerprint: b.fingerprint, detail: 'protected', run: 'r' },
    { event: 'PLANNED', ...about },
    { event: 'INTENT', ...about },
    { event: 'ACK', ...about, httpStatus: 204 },
    { event: 'VERIFIED', ...about },
    { event: 'END', run: 'r' },
  ]);
  const common = { fingerprint: a.fingerprint, token_id: 'T1' };
  expect(ended).toStrictEqual({
    outcomes: new Map([[a.fingerprint, { state: 'verified_revoked', deadAt: '1970-01-01T00:00:00.250Z' }]]),
    actions: [
      { at: AT, kind: 'revoke', ...common, outcome: 'accepted', http_status: 204, attempts: 1, ms: 7 },
      { at: AT, kind: 'verify', ...common, outcome: 'active', attempts: 2, ms: 4 },
      {
        at: '1970-01-01T00:00:00.250Z',
        kind: 'verify',
        ...common,
        outcome: 'inactive',
        http_status: 200,
        attempts: 1,
        ms: 3,
      },
    ],
  });
  expect(told).toEqual([[0, 1]]);
});

test('what is not known is left out', async () => {
  const script = new Scripted([{ state: 'accepted', exchange: { attempts: 1, ms: 0 } }], [DEAD]);
  await run(script, planned([a]));
  const about = {
    action: 'revoke',
    fingerprint: a.fingerprint,
    tokenId: 'T1',
    evidence: 'probe_id',
    run: 'r',
  };
  expect(script.journal).toStrictEqual([
    { event: 'RUN', run: 'r' },
    { event: 'PLANNED', ...about },
    { event: 'INTENT', ...about },
    { event: 'ACK', ...about },
    { event: 'VERIFIED', ...about },
    { event: 'END', run: 'r' },
  ]);
});

test('progress counts findings from none to all', async () => {
  const told: number[][] = [];
  await run(new Scripted([ACCEPTED], [DEAD]), planned([a, b, c]), {
    onRevoking: (...counts: number[]) => told.push(counts),
  });
  expect(told).toEqual([
    [0, 3],
    [1, 3],
    [2, 3],
  ]);
});

describe('a request that is refused', () => {
  test('changes nothing, so nothing is waited for; the others go on', async () => {
    const script = new Scripted([NO, ACCEPTED], [DEAD]);
    const { outcomes, stoppedBy } = await run(script, planned([a, b]));
    expect(script.log).toEqual(['revoke T1', 'revoke T2', `probe ${b.secret.redacted}`]);
    expect(script.journal.find(({ event }) => event === 'REJECTED')).toMatchObject({
      tokenId: 'T1',
      detail: 'a 409',
      httpStatus: 204,
    });
    expect([...outcomes.values()]).toMatchObject([
      { state: 'failed', reason: 'a 409' },
      { state: 'verified_revoked' },
    ]);
    expect(stoppedBy).toBeUndefined();
  });

  test('for one of several IDs: the others are verified, and it is no success', async () => {
    const dead = new Scripted([NO, ACCEPTED], [DEAD]);
    expect([...(await run(dead, ofUser([a], ['T1', 'T2']))).outcomes.values()]).toStrictEqual([
      { state: 'failed', reason: 'it is dead, but another token of the user may not be: a 409', deadAt: AT },
    ]);
    expect(events(dead).filter((each) => /VERIFIED/.test(each))).toEqual(['VERIFIED T2']);
    const alive = new Scripted([ACCEPTED, NO], [ALIVE]);
    expect([...(await run(alive, ofUser([a], ['T1', 'T2']))).outcomes.values()]).toStrictEqual([
      { state: 'failed', reason: 'a 409' },
    ]);
    expect(alive.journal.filter(({ event }) => event === 'UNVERIFIED')).toMatchObject([
      { tokenId: 'T1', detail: 'a probe still says that it is active' },
    ]);
  });
});

describe('a credential that is not accepted ends the run', () => {
  test.each(['unauthorized', 'forbidden'] as const)('%s on a revocation', async (failure) => {
    const script = new Scripted([denied(failure)], [DEAD]);
    const told: number[][] = [];
    const ended = await run(script, planned([a, b]), {
      onRevoking: (...counts: number[]) => told.push(counts),
    });
    expect(script.log).toEqual(['revoke T1']);
    expect(told, 'what is not attempted is no progress').toEqual([[0, 2]]);
    expect(ended.stoppedBy).toBe('no role');
    expect([...ended.outcomes.values()]).toStrictEqual([
      { state: 'failed', reason: 'no role' },
      { state: 'failed', reason: 'not attempted: no role' },
    ]);
  });

  test.each(['unauthorized', 'forbidden'] as const)('%s on a probe', async (failure) => {
    const refused: ProbeAnswer = { state: 'unknown', reason: 'may not probe', failure, exchange: EXCHANGE };
    const script = new Scripted([ACCEPTED], [refused]);
    const ended = await run(script, planned([a, b]), { verifyFor: 60_000 });
    expect(script.log).toEqual(['revoke T1', `probe ${a.secret.redacted}`]);
    expect(ended.stoppedBy).toBe('may not probe');
    expect([...ended.outcomes.values()]).toStrictEqual([
      { state: 'accepted_unverified', reason: 'may not probe' },
      { state: 'failed', reason: 'not attempted: may not probe' },
    ]);
  });

  test('with several IDs of a user half-way: the rest are not attempted', async () => {
    const script = new Scripted([ACCEPTED, denied('forbidden')], [DEAD]);
    const { outcomes } = await run(script, ofUser([a], ['T1', 'T2', 'T3']));
    expect(script.log.filter((each) => each.startsWith('revoke'))).toEqual(['revoke T1', 'revoke T2']);
    expect(outcomes.get(a.fingerprint)).toMatchObject({
      reason: 'it is dead, but another token of the user may not be: no role',
    });
    const first = new Scripted([denied('forbidden')], [DEAD]);
    const ended = await run(first, ofUser([a], ['T1', 'T2']));
    expect(first.log).toEqual(['revoke T1']);
    expect(ended.outcomes.get(a.fingerprint)).toEqual({ state: 'failed', reason: 'no role' });
  });

  test('what had been sent before for another finding is not said to be not attempted', async () => {
    const rows = ['T2', 'T1'].map(
      (tokenId): TokenRecord => ({ tokenId, userIdentifier: 'u', status: 'active' }),
    );
    const common = { state: 'active', userIdentifier: 'u', checkedAt: '' } as const;
    const plan = planRevocations(
      [a, b],
      new Map<string, Verdict>([
        [a.fingerprint, { ...common, tokenId: 'T1', evidence: 'probe_id' }],
        [b.fingerprint, { ...common, candidates: rows, reason: 'x' }],
      ]),
      rows,
      { revocable: () => true, maxRevocations: 9, allOfUser: () => true },
    );
    const script = new Scripted([ACCEPTED, denied('forbidden')], [DEAD]);
    const { outcomes } = await run(script, plan);
    expect(script.log.filter((each) => each.startsWith('revoke'))).toEqual(['revoke T1', 'revoke T2']);
    expect(outcomes.get(b.fingerprint)).toStrictEqual({
      state: 'failed',
      reason: 'it is dead, but another token of the user may not be: no role',
      deadAt: AT,
    });
    expect(events(script).filter((each) => each.startsWith('VERIFIED'))).toEqual([
      'VERIFIED T1',
      'VERIFIED T1',
    ]);
  });

  test('any other failure of a probe does not', async () => {
    const lost: ProbeAnswer = { state: 'unknown', reason: 'a 503', failure: 'server', exchange: EXCHANGE };
    const script = new Scripted([ACCEPTED], [lost, lost, DEAD]);
    const ended = await run(script, planned([a, b]), { verifyFor: 60_000 });
    expect(ended.stoppedBy).toBeUndefined();
    expect([...ended.outcomes.values()].map(({ state }) => state)).toEqual([
      'verified_revoked',
      'verified_revoked',
    ]);
  });
});

describe('a request of which it is not known what came of it', () => {
  test('is settled by a probe: dead is done, and it is not sent again', async () => {
    const script = new Scripted([LOST], [DEAD]);
    const { outcomes } = await run(script, planned([a]));
    expect(script.log).toEqual(['revoke T1', `probe ${a.secret.redacted}`, `probe ${a.secret.redacted}`]);
    expect(script.journal.find(({ event }) => event === 'UNKNOWN')).toMatchObject({ detail: 'it broke' });
    expect(outcomes.get(a.fingerprint)).toMatchObject({ state: 'verified_revoked' });
  });

  test('is sent again while a probe says that the token lives, three times at most', async () => {
    const script = new Scripted([LOST], [ALIVE]);
    const { outcomes } = await run(script, planned([a]));
    const watch = [250, 500, 1_000, 2_000].flatMap((wait) => ['probe', `sleep ${wait}`]);
    const short = script.log.map((each) => each.replace(/^probe .*/, 'probe').replace(/ T1$/, ''));
    const once = ['revoke', ...watch, 'probe'];
    expect(short).toEqual([...once, ...once, ...once, 'probe']);
    expect(events(script).filter((each) => /INTENT|UNKNOWN/.test(each))).toHaveLength(6);
    expect(outcomes.get(a.fingerprint)).toStrictEqual({
      state: 'failed',
      reason:
        'it is not known whether the request took effect (it broke), and a probe still says that it is active',
    });
  });

  test('is not sent again where a probe does not know either', async () => {
    const lost: ProbeAnswer = { state: 'unknown', reason: 'a 503', failure: 'server', exchange: EXCHANGE };
    const script = new Scripted([LOST], [lost]);
    await run(script, planned([a]));
    expect(script.log.filter((each) => each.startsWith('revoke'))).toHaveLength(1);
  });

  test('and that shows dead in the end after all is a success', async () => {
    const lost: ProbeAnswer = { state: 'unknown', reason: 'a 503', failure: 'server', exchange: EXCHANGE };
    const script = new Scripted([LOST], [lost, lost, lost, lost, lost, DEAD]);
    const { outcomes } = await run(script, planned([a]));
    expect(outcomes.get(a.fingerprint)).toStrictEqual({
      state: 'verified_revoked',
      deadAt: '1970-01-01T00:00:03.750Z',
    });
  });

  test('of several IDs: no probe can tell which, so it is sent again after a pause', async () => {
    const script = new Scripted([LOST, LOST, LOST, ACCEPTED], [DEAD]);
    const { outcomes } = await run(script, ofUser([a], ['T1', 'T2']));
    expect(script.log).toEqual([
      'revoke T1',
      'sleep 1000',
      'revoke T1',
      'sleep 1000',
      'revoke T1',
      'revoke T2',
      `probe ${a.secret.redacted}`,
    ]);
    expect(outcomes.get(a.fingerprint)).toMatchObject({
      state: 'failed',
      reason: 'it is dead, but another token of the user may not be: it broke',
    });
  });

  test('is not sent again once the run is over', async () => {
    const full = (entry: JournalEntry) => entry.event === 'UNKNOWN';
    const script = new Scripted([LOST], [ALIVE], full);
    const ended = await run(script, planned([a, b]));
    expect(script.log.filter((each) => each.startsWith('revoke'))).toEqual(['revoke T1']);
    expect(
      script.log.filter((each) => each.startsWith('sleep')),
      'nor waited for',
    ).toEqual([]);
    expect(ended.stoppedBy).toBe('the disk is full');
  });

  test('also when it was thrown', async () => {
    const script = new Scripted(['a defect'], ['another', DEAD]);
    const { outcomes, actions } = await run(script, planned([a]));
    expect(outcomes.get(a.fingerprint)).toMatchObject({ state: 'verified_revoked' });
    const common = { fingerprint: a.fingerprint, token_id: 'T1', outcome: 'unknown', attempts: 1, ms: 0 };
    expect(actions.slice(0, 2)).toStrictEqual([
      { at: AT, kind: 'revoke', ...common },
      { at: AT, kind: 'verify', ...common },
    ]);
  });
});

describe('what can not be written down is not done', () => {
  test('not the announcement of the run', async () => {
    const script = new Scripted([ACCEPTED], [DEAD], ({ event }) => event === 'RUN');
    const { outcomes } = await run(script, planned([a]));
    expect(script.log).toEqual([]);
    expect(outcomes.get(a.fingerprint)).toEqual({
      state: 'failed',
      reason: 'not attempted: the disk is full',
    });
  });

  test('not the intent', async () => {
    const script = new Scripted(
      [ACCEPTED],
      [DEAD],
      ({ event, tokenId }) => event === 'INTENT' && tokenId === 'T2',
    );
    const ended = await run(script, planned([a, b, c]));
    expect(script.log).toEqual(['revoke T1', `probe ${a.secret.redacted}`]);
    expect([...ended.outcomes.values()]).toStrictEqual([
      { state: 'verified_revoked', deadAt: AT },
      { state: 'failed', reason: 'the disk is full' },
      { state: 'failed', reason: 'not attempted: the disk is full' },
    ]);
    expect(ended.stoppedBy).toBe('the disk is full');
  });
});

test('once nothing can be written down, a user’s other IDs are told as not attempted', async () => {
  const script = new Scripted([ACCEPTED], [DEAD], ({ event }) => event === 'ACK');
  const { outcomes } = await run(script, ofUser([a], ['T1', 'T2']));
  expect(script.log.filter((each) => each.startsWith('revoke'))).toEqual(['revoke T1']);
  expect(outcomes.get(a.fingerprint)).toMatchObject({
    state: 'failed',
    reason: 'it is dead, but another token of the user may not be: not attempted: the disk is full',
  });
});

describe('accepted, and alive all the same', () => {
  test('is no success, and is put down as that', async () => {
    const script = new Scripted([ACCEPTED], [ALIVE]);
    const { outcomes } = await run(script, planned([a]));
    expect(outcomes.get(a.fingerprint)).toStrictEqual({
      state: 'accepted_unverified',
      reason: 'a probe still says that it is active',
    });
    expect(script.journal.find(({ event }) => event === 'UNVERIFIED')).toMatchObject({
      detail: 'a probe still says that it is active',
    });
  });

  test.each(['list_hint', 'sole_active_of_user', 'sole_active_of_org', 'issue_record'] as const)(
    'ends the run where the ID was concluded (%s): it may have been a neighbour’s',
    async (evidence) => {
      const ended = await run(new Scripted([ACCEPTED], [ALIVE]), planned([a, b], evidence));
      expect(ended.stoppedBy).toBe(
        `the service accepted the revocation of T1, but the token that was taken for it (${evidence}) is still active. Nothing more was revoked; look at both in the console`,
      );
      expect(ended.outcomes.get(b.fingerprint)).toMatchObject({ state: 'failed' });
    },
  );

  test.each(['probe_id', 'list_hash'] as const)(
    'not where the service said it itself (%s)',
    async (evidence) => {
      const script = new Scripted([ACCEPTED], [ALIVE, DEAD]);
      expect((await run(script, planned([a, b], evidence))).stoppedBy).toBeUndefined();
    },
  );

  test('not where nothing was accepted', async () => {
    expect(
      (await run(new Scripted([GONE], [ALIVE, DEAD]), planned([a, b], 'list_hint'))).stoppedBy,
    ).toBeUndefined();
    const foreign: ProbeAnswer = { state: 'foreign', exchange: EXCHANGE };
    expect(
      (await run(new Scripted([ACCEPTED], [foreign]), planned([a, b], 'list_hint'))).stoppedBy,
    ).toBeUndefined();
  });

  test('one of several accepted is enough', async () => {
    const ended = await run(new Scripted([GONE, ACCEPTED], [ALIVE]), ofUser([a], ['T1', 'T2']));
    expect(ended.stoppedBy).toMatch(/all_of_user/);
    expect(ended.outcomes.get(a.fingerprint)).toMatchObject({ state: 'accepted_unverified' });
  });

  test('what a probe had settled counts as accepted for the next finding of the same ID', async () => {
    const script = new Scripted([LOST], [DEAD, DEAD, ALIVE]);
    const ended = await run(script, ofUser([a, b], ['T1']));
    expect(script.log.filter((each) => each.startsWith('revoke'))).toHaveLength(1);
    expect(ended.outcomes.get(b.fingerprint)).toMatchObject({ state: 'accepted_unverified' });
    expect(ended.stoppedBy).toMatch(/T1/);
  });
});

describe('404', () => {
  test('and dead: it was revoked already', async () => {
    const script = new Scripted([GONE], [DEAD]);
    const { outcomes } = await run(script, planned([a]));
    expect(outcomes.get(a.fingerprint)).toStrictEqual({ state: 'already_revoked', deadAt: AT });
    expect(script.journal.find(({ event }) => event === 'ACK')).toMatchObject({ httpStatus: 404 });
  });

  test('and alive: it is no success', async () => {
    const { outcomes } = await run(new Scripted([GONE], [ALIVE]), planned([a]));
    expect(outcomes.get(a.fingerprint)).toStrictEqual({
      state: 'failed',
      reason: 'the service has no such token to revoke (404), but a probe still says that it is active',
    });
  });

  test('for one of several, the other accepted, and dead: revoked', async () => {
    const { outcomes } = await run(new Scripted([GONE, ACCEPTED], [DEAD]), ofUser([a], ['T1', 'T2']));
    expect(outcomes.get(a.fingerprint)).toStrictEqual({ state: 'verified_revoked', deadAt: AT });
  });
});
