import { describe, expect, test } from 'vitest';
import type { JournalEntry } from '../../src/model/journal.js';
import type { RevokeAnswer, TokenRecord } from '../../src/model/token.js';
import { planById } from '../../src/remediation/by-id.js';
import { executeById } from '../../src/workflows/execute-by-id.js';
import { turningClock } from '../support/clock.js';

const ALIVE: TokenRecord = { tokenId: 'T1', userIdentifier: 'alice', status: 'active' };
const { approved: APPROVED } = planById([ALIVE], [ALIVE], {
  maxRevocations: 1,
  protectedUsers: [],
  own: { fingerprints: new Map(), tokenIds: new Map() },
  includeOwn: false,
});
const DEAD: TokenRecord = { ...ALIVE, status: 'revoked' };
const EXCHANGE = { httpStatus: 204, attempts: 1, ms: 1 };
const ACCEPTED: RevokeAnswer = { state: 'accepted', exchange: EXCHANGE };
const GONE: RevokeAnswer = { state: 'gone', exchange: { ...EXCHANGE, httpStatus: 404 } };
const LOST: RevokeAnswer = { state: 'unknown', reason: 'It broke.', exchange: { attempts: 1, ms: 1 } };

/**
 * Revokes one token of a service that answers so.
 *
 * @param dieAfter milliseconds after the first request until the list says that it is revoked.
 */
async function revoke(answers: readonly RevokeAnswer[], dieAfter: number, unreadable = false) {
  const clock = turningClock();
  let sends = 0;
  const journal: JournalEntry[] = [];
  const [result] = await executeById('run', APPROVED, {
    journal: { append: (entry) => journal.push(entry) },
    clock,
    service: {
      list: async () => {
        if (unreadable) throw new Error('No list.');
        return { records: [clock.monotonic() >= dieAfter ? DEAD : ALIVE], exchanges: [] };
      },
      revoke: async () => answers[Math.min(sends++, answers.length - 1)]!,
    },
  });
  return { result: result!, sends, last: journal.at(-2)!.event };
}

describe('what the list says afterwards', () => {
  test('at once, or within ten seconds: revoked', async () => {
    for (const dieAfter of [0, 7_000]) {
      expect(await revoke([ACCEPTED], dieAfter)).toMatchObject({
        result: { state: 'revoked' },
        last: 'VERIFIED',
      });
    }
  });

  test('that it lives on, or nothing at all: accepted, and not verified, as a scan has it', async () => {
    expect(await revoke([ACCEPTED], Number.POSITIVE_INFINITY)).toMatchObject({
      result: { state: 'accepted_unverified', reason: 'the service still lists the token as active' },
      sends: 1,
      last: 'UNVERIFIED',
    });
    expect(await revoke([ACCEPTED], 0, true)).toMatchObject({
      result: { state: 'accepted_unverified', reason: 'the list could not be read afterwards: No list.' },
      last: 'UNVERIFIED',
    });
  });

  test('of one that there was nothing of to revoke: dead or not', async () => {
    expect((await revoke([GONE], 0)).result.state).toBe('revoked');
    expect((await revoke([GONE], Number.POSITIVE_INFINITY)).result.state).toBe('failed');
  });

  test('of a request without an answer: sent again while it lives, three times at most', async () => {
    expect(await revoke([LOST], 0)).toMatchObject({ result: { state: 'revoked' }, sends: 1 });
    expect(await revoke([LOST, ACCEPTED], 1_500)).toMatchObject({ result: { state: 'revoked' }, sends: 2 });
    expect(await revoke([LOST], Number.POSITIVE_INFINITY)).toMatchObject({
      result: { state: 'failed', reason: 'It broke. And the service still lists the token as active' },
      sends: 3,
    });
    expect(await revoke([LOST], 0, true)).toMatchObject({ result: { state: 'failed' }, sends: 1 });
  });
});
