import { expect, test } from 'vitest';
import type { JournalEntry } from '../../src/model/journal.js';
import type { Approved } from '../../src/model/plan.js';
import type { TokenRecord } from '../../src/model/token.js';
import { settleLeftovers } from '../../src/workflows/leftovers.js';

const row = (tokenId: string, userIdentifier: string): TokenRecord => ({
  tokenId,
  userIdentifier,
  status: 'active',
});

/** Settles the leftover `T1` of `mac`, where T2 is in place and the list has these rows. */
async function settle(...rows: readonly TokenRecord[]) {
  const revoked: string[] = [];
  const journal: JournalEntry[] = [];
  const service = {
    list: async () => ({
      records: rows.map(
        (each): TokenRecord => (revoked.includes(each.tokenId) ? { ...each, status: 'revoked' } : each),
      ),
      exchanges: [],
    }),
    revoke: async ({ tokenId }: Approved) => {
      revoked.push(tokenId);
      return { state: 'accepted' as const, exchange: { attempts: 1, ms: 1 } };
    },
    probe: async () => {
      throw new Error('Nobody has the plaintext.');
    },
  };
  const left = { leftovers: [{ tokenId: 'T1', at: '2026-01-01T00:00:00Z' }], arrived: [] };
  const lives = await settleLeftovers(left, 'T2', {
    run: 'run',
    user: 'mac',
    service,
    journal: { append: (entry) => journal.push(entry) },
    allOfUser: false,
  });
  return { lives, revoked, events: journal.map(({ event }) => event) };
}

test('what was left is revoked, and nothing else of its user', async () => {
  expect(await settle(row('T1', 'mac'), row('T2', 'mac'), row('T3', 'mac'))).toMatchObject({
    lives: undefined,
    revoked: ['T1'],
  });
});

test('a list that names its ID for somebody else too holds it back: the wrong one might die', async () => {
  expect(await settle(row('T1', 'mac'), row('T2', 'mac'), row('T1', 'bob'))).toEqual({
    lives: 'an older token (T1) lives on: the list names the token ID T1 more than once',
    revoked: [],
    events: [],
  });
});
