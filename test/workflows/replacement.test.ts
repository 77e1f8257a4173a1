import { expect, test } from 'vitest';
import type { ReplacedToken } from '../../src/audit/issued.js';
import { fingerprint } from '../../src/findings/fingerprint.js';
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

interface World {
  /** The answers in their order, the last one for ever. */
  readonly probes: readonly ProbeAnswer[];
  readonly revoked?: RevokeAnswer;
  /** IDs of the user's tokens; undefined where the list could not be read. */
  readonly before?: readonly string[] | undefined;
  readonly after?: readonly string[];
  /** What the service says of the ID that it gave. */
  readonly id?: string | undefined;
  readonly replaces?: readonly ReplacedToken[];
  readonly delivers?: boolean;
}

const GIVEN = orgToken('undeliverable');

/** Issues a token that, where nothing else is said, can't be delivered. */
async function issue(world: World) {
  const { probes, revoked = ACCEPTED, after = [], replaces = [], delivers = false } = world;
  const before = 'before' in world ? world.before : [];
  const tokenId = 'id' in world ? world.id : 'N1';
  const row = (id: string): TokenRecord => ({ tokenId: id, userIdentifier: 'alice', status: 'active' });
  const sent: string[] = [];
  let delivered = 0;
  let asked = 0;
  const journal: JournalEntry[] = [];
  const token = new SecretValue(GIVEN, 7);
  const ended = await issueAndDeliver(
    'alice',
    before?.map(row),
    {
      run: 'run',
      journal: { append: (entry) => journal.push(entry) },
      clock: turningClock(),
      service: {
        list: async () => ({ records: after.map(row), exchanges: [] }),
        issue: async () => ({
          state: 'issued',
          token,
          ...(tokenId === undefined ? {} : { tokenId }),
          userIdentifier: 'alice',
          exchange,
        }),
        probe: async () => probes[Math.min(asked++, probes.length - 1)]!,
        revoke: async (approved) => {
          sent.push(approved.tokenId);
          return revoked;
        },
      },
      ready: () => {},
      deliver: () => {
        if (!delivers) throw new Error('The disk is full.');
        delivered += 1;
      },
      places: [],
    },
    replaces,
  );
  const events = journal.map(({ event, action }) => `${action} ${event}`);
  return { ended, sent, delivered, journal, events };
}

test('one that worked and cannot be delivered is withdrawn once a probe calls it dead', async () => {
  for (const revoked of [ACCEPTED, FORBIDDEN]) {
    const { ended, events } = await issue({ probes: [ALIVE, DEAD], revoked });
    expect(ended).toMatchObject({ state: 'withdrawn', reason: expect.stringContaining('The disk is full.') });
    expect(events.slice(-2)).toEqual(['revoke VERIFIED', 'issue REJECTED']);
  }
});

const LIVES_ON =
  /^it could not be delivered: The disk is full; and it could not be revoked again .* tokens revoke N1$/;

test('one that lives on is a stray, and is named', async () => {
  for (const revoked of [ACCEPTED, FORBIDDEN]) {
    const { ended, events } = await issue({ probes: [ALIVE], revoked });
    expect(ended).toMatchObject({ state: 'stray', reason: expect.stringMatching(LIVES_ON) });
    expect(events).not.toContain('revoke VERIFIED');
  }
});

test('of one that no probe ever called alive, only an accepted revocation is believed', async () => {
  const { ended, events } = await issue({ probes: [DEAD], revoked: FORBIDDEN });
  expect(ended).toMatchObject({ state: 'stray', reason: expect.stringMatching(/Not allowed.*revoke N1/) });
  expect(events).not.toContain('revoke VERIFIED');
  expect((await issue({ probes: [DEAD] })).ended.state).toBe('withdrawn');
});

test('a service that gives a new token the ID of an old one costs the old one nothing', async () => {
  const lost = await issue({ probes: [ALIVE, DEAD], before: ['N1'], after: ['N1'] });
  expect(lost).toMatchObject({ ended: { state: 'stray' }, sent: [] });
  expect(lost.journal.some(({ tokenId }) => tokenId === 'N1')).toBe(false);
  const told = await issue({ probes: [ALIVE, DEAD], before: ['N1'], after: ['N1', 'N2'] });
  expect(told).toMatchObject({ ended: { state: 'withdrawn' }, sent: ['N2'] });
});

test('of a list that could not be read before, no row is taken for the new one', async () => {
  const lost = { probes: [ALIVE, DEAD], id: undefined, after: ['OLD'] };
  expect(await issue({ ...lost, before: undefined })).toMatchObject({ ended: { state: 'stray' }, sent: [] });
  expect(await issue({ ...lost, before: [] })).toMatchObject({
    ended: { state: 'withdrawn' },
    sent: ['OLD'],
  });
});

test('a service that answers with the token that is to be replaced: it is not put in its own place, where it would be revoked', async () => {
  const world = { probes: [ALIVE], before: ['T1'], after: ['T1'], delivers: true };
  const old: ReplacedToken = { fingerprint: fingerprint(new SecretValue(GIVEN, 7)), tokenId: 'T1' };
  for (const id of ['T1', 'N1', undefined]) {
    const { ended, delivered, events } = await issue({ ...world, id, replaces: [old] });
    expect(ended).toMatchObject({
      state: 'not_issued',
      stop: true,
      reason: expect.stringContaining('very token'),
    });
    expect({ delivered, events }).toEqual({ delivered: 0, events: ['issue INTENT', 'issue REJECTED'] });
  }
  // Its plaintext is not known: the ID tells, or the list.
  const byId = await issue({ ...world, id: 'T1', replaces: [{ tokenId: 'T1' }] });
  expect(byId).toMatchObject({ ended: { state: 'stray', stop: true }, delivered: 0, sent: [] });
  expect(byId.events).toEqual(['issue INTENT', 'issue UNKNOWN']);
  const byList = await issue({ ...world, id: undefined, replaces: [{ tokenId: 'T1' }] });
  expect(byList).toMatchObject({ ended: { state: 'stray' }, delivered: 0, sent: [] });
  // A new one is delivered, and so is an old one that takes nobody's place.
  for (const fresh of [
    { ...world, id: 'N1', replaces: [{ tokenId: 'T1' }] },
    { ...world, id: undefined, after: ['T1', 'N1'], replaces: [{ tokenId: 'T1' }] },
    { ...world, id: 'T1' },
  ]) {
    expect(await issue(fresh)).toMatchObject({ ended: { state: 'delivered' }, delivered: 1 });
  }
});
