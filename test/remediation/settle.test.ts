import { expect, test } from 'vitest';
import { SecretValue } from '../../src/model/secret.js';
import type { ProbeAnswer } from '../../src/model/token.js';
import { probeUntilDead } from '../../src/remediation/settle.js';
import { orgToken } from '../support/tokens.js';

const secret = new SecretValue(orgToken('settle'), 7);
const exchange = { attempts: 1, ms: 0 };
const active: ProbeAnswer = { state: 'active', exchange };
const lost: ProbeAnswer = { state: 'unknown', reason: 'a 503', failure: 'server', exchange };

/** Probes that answer in turn, the last one for ever, on a clock that only sleeping moves. */
async function settle(milliseconds: number, ...answers: ProbeAnswer[]) {
  let now = 1_000;
  let probes = 0;
  const sleeps: number[] = [];
  const clock = {
    wall: () => now + 5_000,
    monotonic: () => now,
    sleep: async (wait: number) => {
      sleeps.push(wait);
      now += wait;
    },
  };
  const settled = await probeUntilDead(secret, milliseconds, clock, async (asked) => {
    expect(asked).toBe(secret);
    return answers[Math.min(probes++, answers.length - 1)]!;
  });
  return { ...settled, probes, sleeps };
}

test.each(['inactive', 'inactive_or_foreign'] as const)('“%s” is dead, at that moment', async (state) => {
  expect(await settle(0, { state, exchange })).toEqual({ state: 'dead', at: 6_000, probes: 1, sleeps: [] });
  expect(await settle(1_000, active, lost, { state, exchange })).toEqual({
    state: 'dead',
    at: 6_750,
    probes: 3,
    sleeps: [250, 500],
  });
});

test('asks with pauses that double, up to five seconds, for as long as it may and not longer', async () => {
  const { sleeps, ...ended } = await settle(24_000, active);
  expect(sleeps).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
  expect(ended).toEqual({
    state: 'alive',
    at: 6_000 + 22_750,
    reason: 'a probe still says that it is active',
    probes: 9,
  });
  expect((await settle(250, active)).probes, 'a pause that ends with the time is made').toBe(2);
  expect((await settle(249, active)).probes).toBe(1);
  expect((await settle(0, active)).probes, 'once at least').toBe(1);
});

test('“foreign” is no proof: it was ours', async () => {
  expect(await settle(0, { state: 'foreign', exchange })).toMatchObject({
    state: 'unknown',
    at: 6_000,
    reason: 'a probe says that it is another organization’s',
  });
});

test('the last answer counts when time runs out', async () => {
  expect(await settle(250, active, lost)).toMatchObject({ state: 'unknown', reason: 'a 503' });
  expect(await settle(250, lost, active)).toMatchObject({ state: 'alive' });
});

test.each(['unauthorized', 'forbidden'] as const)(
  '“%s” ends it: no later probe does better',
  async (failure) => {
    const answer: ProbeAnswer = { state: 'unknown', reason: 'no', failure, exchange };
    expect(await settle(60_000, answer, { state: 'inactive', exchange })).toMatchObject({
      state: 'unknown',
      reason: 'no',
      probes: 1,
    });
  },
);

test('any other failure does not', async () => {
  expect(await settle(60_000, lost, lost, { state: 'inactive', exchange })).toMatchObject({
    state: 'dead',
    probes: 3,
  });
});
