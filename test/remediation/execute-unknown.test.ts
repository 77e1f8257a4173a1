import { describe, expect, test } from 'vitest';
import type { JournalEntry } from '../../src/model/journal.js';
import type { ProbeAnswer } from '../../src/model/token.js';
import { ACCEPTED, ALIVE, DEAD, EXCHANGE, Scripted } from './scripted.js';
import { AT, a, b, c, events, GONE, LOST, ofUser, planned, run } from './scripted-run.js';

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

describe('what cannot be written down is not done', () => {
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
