import { expect, test } from 'vitest';
import type { JournalEntry } from '../../src/model/journal.js';
import { SecretValue } from '../../src/model/secret.js';
import type { ProbeAnswer, RevokeAnswer, TokenRecord } from '../../src/model/token.js';
import { issueAndDeliver } from '../../src/workflows/replacement.js';
import { turningClock } from '../support/clock.js';
import { orgToken } from '../support/tokens.js';

const exchange = { attempts: 1, ms: 1 };
const ALIVE: ProbeAnswer = { state: 'active', exchange };
const DEAD: ProbeAnswer = { state: 'inactive_or_foreign', exchange };
const ACCEPTED: RevokeAnswer = { state: 'accepted', exchange };
const FORBIDDEN: RevokeAnswer = { state: 'rejected', reason: 'Not allowed.', failure: 'forbidden', exchange };

/**
 * Issues a token that can't be delivered.
 *
 * @param probes the answers in their order, the last one for ever.
 * @param listed IDs of the user's tokens, before and after.
 */
async function undeliverable(
  probes: readonly ProbeAnswer[],
  revoked: RevokeAnswer,
  listed: { readonly before: readonly string[]; readonly after: readonly string[] } = {
    before: [],
    after: [],
  },
) {
  const row = (tokenId: string): TokenRecord => ({ tokenId, userIdentifier: 'alice', status: 'active' });
  const sent: string[] = [];
  let asked = 0;
  const journal: JournalEntry[] = [];
  const token = new SecretValue(orgToken('undeliverable'), 7);
  const ended = await issueAndDeliver('alice', listed.before.map(row), {
    run: 'run',
    journal: { append: (entry) => journal.push(entry) },
    clock: turningClock(),
    service: {
      list: async () => ({ records: listed.after.map(row), exchanges: [] }),
      issue: async () => ({ state: 'issued', token, tokenId: 'N1', userIdentifier: 'alice', exchange }),
      probe: async () => probes[Math.min(asked++, probes.length - 1)]!,
      revoke: async ({ tokenId }) => {
        sent.push(tokenId);
        return revoked;
      },
    },
    ready: () => {},
    deliver: () => {
      throw new Error('The disk is full.');
    },
    places: [],
  });
  return { ended, sent, journal, events: journal.map(({ event, action }) => `${action} ${event}`) };
}

test('one that worked and cannot be delivered is withdrawn once a probe calls it dead', async () => {
  for (const revoked of [ACCEPTED, FORBIDDEN]) {
    const { ended, events } = await undeliverable([ALIVE, DEAD], revoked);
    expect(ended).toMatchObject({ state: 'withdrawn', reason: expect.stringContaining('The disk is full.') });
    expect(events.slice(-2)).toEqual(['revoke VERIFIED', 'issue REJECTED']);
  }
});

const LIVES_ON =
  /^it could not be delivered: The disk is full; and it could not be revoked again .* tokens revoke N1$/;

test('one that lives on is a stray, and is named', async () => {
  for (const revoked of [ACCEPTED, FORBIDDEN]) {
    const { ended, events } = await undeliverable([ALIVE], revoked);
    expect(ended).toMatchObject({ state: 'stray', reason: expect.stringMatching(LIVES_ON) });
    expect(events).not.toContain('revoke VERIFIED');
  }
});

test('of one that no probe ever called alive, only an accepted revocation is believed', async () => {
  const { ended, events } = await undeliverable([DEAD], FORBIDDEN);
  expect(ended).toMatchObject({ state: 'stray', reason: expect.stringMatching(/Not allowed.*revoke N1/) });
  expect(events).not.toContain('revoke VERIFIED');
  expect((await undeliverable([DEAD], ACCEPTED)).ended.state).toBe('withdrawn');
});

test('a service that gives a new token the ID of an old one costs the old one nothing', async () => {
  const lost = await undeliverable([ALIVE, DEAD], ACCEPTED, { before: ['N1'], after: ['N1'] });
  expect(lost).toMatchObject({ ended: { state: 'stray' }, sent: [] });
  expect(lost.journal.some(({ tokenId }) => tokenId === 'N1')).toBe(false);
  const told = await undeliverable([ALIVE, DEAD], ACCEPTED, { before: ['N1'], after: ['N1', 'N2'] });
  expect(told).toMatchObject({ ended: { state: 'withdrawn' }, sent: ['N2'] });
});
