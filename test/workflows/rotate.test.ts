import { expect, test } from 'vitest';
import { SecretValue } from '../../src/model/secret.js';
import type { TokenRecord } from '../../src/model/token.js';
import { OwnSecrets } from '../../src/workflows/own.js';
import { rotate } from '../../src/workflows/rotate.js';
import { turningClock } from '../support/clock.js';
import { orgToken } from '../support/tokens.js';

const exchange = { attempts: 1, ms: 1 };
const OLD = orgToken('replaced');
const NEW = orgToken('fresh');

/**
 * Replaces, by its ID, the token that a file holds.
 *
 * @param livesFor milliseconds for which the old one still works after the list has called it revoked.
 */
async function rotateById(livesFor: number, text = `//npm.flatt.tech/:_authToken=${OLD}\n`) {
  const clock = turningClock();
  let revokedAt: number | undefined;
  const row = (): TokenRecord => ({
    tokenId: 'T1',
    userIdentifier: 'alice',
    status: revokedAt === undefined ? 'active' : 'revoked',
  });
  const lives = (token: string) =>
    token === NEW || revokedAt === undefined || clock.monotonic() < revokedAt + livesFor;
  const [result] = await rotate({
    run: 'run',
    journal: { append: () => {} },
    clock,
    service: {
      list: async () => ({ records: [row()], exchanges: [] }),
      issue: async () => ({
        state: 'issued',
        token: new SecretValue(NEW, 7),
        tokenId: 'T2',
        userIdentifier: 'alice',
        exchange,
      }),
      probe: async (secret) =>
        lives(secret.reveal())
          ? { state: 'active', userIdentifier: 'alice', exchange }
          : { state: 'inactive', exchange },
      revoke: async () => {
        revokedAt = clock.monotonic();
        return { state: 'accepted', exchange };
      },
    },
    ready: () => {},
    deliver: () => {},
    places: text === '' ? [] : [{ name: '.npmrc', text }],
    tokenId: 'T1',
    targets: [],
    own: new OwnSecrets([]),
    gates: { maxRevocations: 10, maxShare: 1, allOfUser: false },
    single: true,
    confirm: async () => true,
  });
  return { result, now: clock.monotonic() };
}

test('what a new token took the place of is dead when a probe says so, not when the list does', async () => {
  expect((await rotateById(0)).result?.state).toBe('rotated');
  const late = await rotateById(20_000);
  expect(late.result?.state).toBe('rotated');
  expect(late.now).toBeGreaterThanOrEqual(20_000);
  const never = await rotateById(Number.POSITIVE_INFINITY);
  expect(never.result).toMatchObject({
    state: 'old_lives',
    newTokenId: 'T2',
    reason: expect.stringMatching(/list calls the old token revoked.*a probe still says/),
  });
  expect(never.now).toBeLessThan(120_000);
});

test('where the old one is in no place that is known, the list is the proof', async () => {
  expect((await rotateById(Number.POSITIVE_INFINITY, '')).result?.state).toBe('rotated');
});
