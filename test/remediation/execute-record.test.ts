import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/model/plan.js';
import type { ProbeAnswer, TokenRecord } from '../../src/model/token.js';
import type { Verdict } from '../../src/model/verdict.js';
import { planRevocations } from '../../src/remediation/policy.js';
import { ACCEPTED, ALIVE, DEAD, EXCHANGE, Scripted } from './scripted.js';
import { AT, a, b, c, denied, events, NO, ofUser, planned, run } from './scripted-run.js';

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
