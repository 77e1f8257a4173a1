import { afterEach, describe, expect, test } from 'vitest';
import { MANAGER } from '../../src/emulator/bots.js';
import { DIALECTS, PAGINGS } from '../../src/emulator/dialect.js';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator/emulator.js';
import type { ObservedCall } from '../../src/takumi/client.js';
import { plaintextOf } from '../../src/takumi/plaintext.js';
import { orgToken } from '../support/tokens.js';
import { approved, connect, ISSUER, secret } from './connect.js';

let emulator: Emulator;

async function start(options: EmulatorOptions = {}): Promise<Emulator> {
  emulator = await startEmulator({ pageSize: 2, ...options });
  return emulator;
}

afterEach(() => emulator.close());

describe.each(DIALECTS)('dialect %s', (dialect) => {
  describe.each(PAGINGS)('paged by %s', (paging) => {
    test('issues, lists every page, probes and revokes', async () => {
      await start({ dialect, paging });
      for (let at = 0; at < 6; at++) emulator.issue(`user-${at}`);
      const client = connect(emulator);

      const issued = await client.issue('alice-laptop');
      if (issued.state !== 'issued') throw new Error(issued.reason);
      const stored = emulator.tokens().find((token) => token.tokenId === issued.tokenId);
      expect(stored?.userIdentifier).toBe('alice-laptop');
      expect(plaintextOf(issued)).toBe(stored?.token);
      expect(JSON.stringify(issued)).not.toContain(stored?.token);

      const { records, exchanges } = await client.list();
      expect(records.map((record) => record.tokenId)).toEqual(
        emulator.tokens().map((token) => token.tokenId),
      );
      expect(records.every((record) => record.status === 'active')).toBe(true);
      expect(exchanges).toHaveLength(paging === 'none' ? 1 : 4);

      const alive = await client.probe(issued.token);
      expect(alive).toMatchObject({
        state: 'active',
        ...(dialect === 'id' && { tokenId: issued.tokenId }),
        ...(dialect === 'identity' && { userIdentifier: 'alice-laptop' }),
      });

      expect(await client.revoke(approved(issued.tokenId ?? ''))).toMatchObject({
        state: 'accepted',
        exchange: { httpStatus: 204, attempts: 1 },
      });
      expect(stored?.status).toBe('revoked');
      expect(await client.probe(issued.token)).toMatchObject({
        state: dialect === 'status' ? 'inactive_or_foreign' : 'inactive',
      });
      expect((await client.list({ status: 'active' })).records).toHaveLength(6);
      expect(await client.revoke(approved(issued.tokenId ?? ''))).toMatchObject({ state: 'gone' });
      await client.close();
    });
  });

  test('a token of another organization is not ours', async () => {
    await start({ dialect });
    const theirs = emulator.issue('bob', emulator.otherBot.orgId);
    const answer = await connect(emulator).probe(secret(theirs.token));
    expect(answer.state).toBe(dialect === 'status' ? 'inactive_or_foreign' : 'foreign');
    expect(theirs.status).toBe('active');
  });
});

describe('listing', () => {
  test('an exact identifier is not its prefix', async () => {
    await start();
    for (const user of ['alice', 'alice-laptop', 'alicia', 'bob']) emulator.issue(user);
    const client = connect(emulator);
    const users = async (filter: object): Promise<string[]> =>
      (await client.list(filter)).records.map((record) => record.userIdentifier);
    expect(await users({ userIdentifier: 'alice' })).toEqual(['alice']);
    expect(await users({ userIdentifierPrefix: 'ali' })).toEqual(['alice', 'alice-laptop', 'alicia']);
    expect(
      emulator.log().filter((request) => request.path.includes('user_identifier=ali')).length,
    ).toBeGreaterThan(0);
  });

  test('hints and last use are read where the service shows them', async () => {
    await start({
      listHints: true,
      seed: [
        {
          token: orgToken('hinted'),
          user_identifier: 'a',
          status: 'active',
          last_used_at: '2026-01-02T03:04:05Z',
        },
      ],
    });
    expect((await connect(emulator).list()).records).toMatchObject([
      { hint: orgToken('hinted').slice(-4), lastUsedAt: '2026-01-02T03:04:05Z' },
    ]);
  });

  test('without them the fields are absent', async () => {
    await start({ listLastUsed: false });
    emulator.issue('a');
    const [record] = (await connect(emulator).list()).records;
    expect(record).not.toHaveProperty('hint');
    expect(record).not.toHaveProperty('lastUsedAt');
  });

  test('a page that fails makes no partial list', async () => {
    await start({ faults: [{ endpoint: 'list', nth: 3, status: 400 }] });
    for (let at = 0; at < 6; at++) emulator.issue(`user-${at}`);
    await expect(connect(emulator).list()).rejects.toMatchObject({ kind: 'refused' });
  });

  test('a page that cannot be read makes no partial list', async () => {
    await start({ faults: [{ endpoint: 'list', nth: 2, body: { tokens: [{ user_identifier: 'x' }] } }] });
    for (let at = 0; at < 6; at++) emulator.issue(`user-${at}`);
    await expect(connect(emulator).list()).rejects.toThrow('$.tokens[0].token_id is missing');
  });

  test('a cursor that repeats ends in an error, not in a loop', async () => {
    await start({ faults: [{ endpoint: 'list', body: { tokens: [], next_page_token: 'same' } }] });
    await expect(connect(emulator).list()).rejects.toThrow('read already');
    expect(emulator.log()).toHaveLength(2);
  });

  test('a count that the pages do not reach is no list', async () => {
    const row = { token_id: 't', user_identifier: 'u', status: 'active' };
    await start({ faults: [{ endpoint: 'list', body: { tokens: [row], total_count: 2 } }] });
    await expect(connect(emulator).list()).rejects.toThrow('counts 2 tokens, but its pages held 1');
  });

  const row = { token_id: 't', user_identifier: 'u', status: 'active' };
  test.each([
    [{ tokens: [row], total_pages: 2 }, {}, 'counts 2 pages, but names no way from page 1'],
    [{ tokens: [row], count: '2' }, {}, 'counts 2 tokens, but its pages held 1'],
    [{ tokens: [row], limit: 1 }, {}, 'as full as one may be (1 rows)'],
    [[row], { 'x-total-count': '2' }, 'counts 2 tokens'],
    [[row], { 'content-range': 'items 0-0/2' }, 'counts 2 tokens'],
    [[row], { 'x-total-pages': '2' }, 'counts 2 pages'],
  ])('%j with %j is no list', async (body, headers, says) => {
    await start({ faults: [{ endpoint: 'list', body, headers }] });
    await expect(connect(emulator).list()).rejects.toThrow(says);
  });

  test.each([
    { tokens: [row], total_pages: 1 },
    { tokens: [row], limit: 2 },
    { tokens: [row], limit: 1, next_cursor: null },
    { tokens: [row], limit: 1, has_more: false },
    { tokens: [row], limit: 1, total: 1 },
    { tokens: [], limit: 0 },
  ])('%j is one', async (body) => {
    await start({ faults: [{ endpoint: 'list', body }] });
    await expect(connect(emulator).list()).resolves.toMatchObject({ records: body.tokens.map(() => ({})) });
  });

  test('a full page is one where its Link header leads nowhere', async () => {
    const headers = { link: '<?page=1>; rel="first"' };
    await start({ faults: [{ endpoint: 'list', body: { tokens: [row], limit: 1 }, headers }] });
    await expect(connect(emulator).list()).resolves.toMatchObject({ records: [{ tokenId: 't' }] });
  });

  test.each([202, 206])('an answer of status %i is no list', async (status) => {
    await start({ faults: [{ endpoint: 'list', status, body: { tokens: [row] } }] });
    await expect(connect(emulator).list()).rejects.toThrow(`status (${status})`);
  });

  test('one ID of two users is no list', async () => {
    const row = { token_id: 't', user_identifier: 'u', status: 'active' };
    await start({ faults: [{ endpoint: 'list', body: [row, { ...row, user_identifier: 'v' }] }] });
    await expect(connect(emulator).list()).rejects.toThrow('two rows have the ID t, of different users');
  });

  test('a row that comes again counts once, as it was last', async () => {
    const row = { token_id: 't', user_identifier: 'u', status: 'active' };
    await start({ faults: [{ endpoint: 'list', body: [row, { ...row, status: 'revoked' }] }] });
    expect((await connect(emulator).list()).records).toMatchObject([{ tokenId: 't', status: 'revoked' }]);
  });

  test('a row whose status cannot be told passes every filter', async () => {
    const row = { token_id: 't', user_identifier: 'u', status: 'asleep' };
    await start({ faults: [{ endpoint: 'list', body: [row] }] });
    expect((await connect(emulator).list({ status: 'active' })).records).toHaveLength(1);
  });

  test('a service that ignores the filter is filtered here', async () => {
    const row = { token_id: 't', user_identifier: 'alicia', status: 'active' };
    await start({ faults: [{ endpoint: 'list', body: [row] }] });
    expect((await connect(emulator).list({ userIdentifierPrefix: 'alice' })).records).toEqual([]);
  });

  test('a Link to another address is not followed', async () => {
    await start({
      faults: [
        {
          endpoint: 'list',
          body: { tokens: [] },
          headers: { link: '<https://attacker.example/v1/tokens?x=1>; rel="next"' },
        },
      ],
    });
    await expect(connect(emulator).list()).rejects.toThrow('another address');
  });
});

describe('roles', () => {
  test.each([
    ['list', 'takumi_manager'],
    ['probe', 'takumi_manager'],
    ['revoke', 'takumi_manager'],
  ] as const)('an issuer alone may not %s, and the message names %s', async (kind, role) => {
    await start();
    const token = emulator.issue('alice');
    const client = connect(emulator, { bot: emulator.createBot([ISSUER]) });
    const failed =
      kind === 'list'
        ? await client.list().catch((error: { kind: string; message: string }) => ({
            failure: error.kind,
            reason: error.message,
          }))
        : kind === 'probe'
          ? await client.probe(secret(token.token))
          : await client.revoke(approved(token.tokenId));
    expect(failed).toMatchObject({ failure: 'forbidden', reason: expect.stringContaining(role) });
    expect(token.status).toBe('active');
  });

  test('a manager alone may not issue', async () => {
    await start();
    const answer = await connect(emulator, { bot: emulator.createBot([MANAGER]) }).issue('alice');
    expect(answer).toMatchObject({
      state: 'rejected',
      failure: 'forbidden',
      reason: expect.stringContaining('takumi_guard_token_issuer'),
    });
    expect(emulator.tokens()).toHaveLength(0);
  });

  test('a bot of another organization may nothing here', async () => {
    await start();
    const bot = { ...emulator.otherBot, orgId: emulator.orgId };
    await expect(connect(emulator, { bot }).list()).rejects.toMatchObject({ kind: 'forbidden' });
  });
});

describe('what is sent', () => {
  test.each(['..', '.', '', 'a b', 'tg_org_abcdefghijklmnopqrstuvwx', 'x'.repeat(300)])(
    'no request is made for the ID %j',
    async (tokenId) => {
      await start();
      expect(await connect(emulator).revoke(approved(tokenId))).toMatchObject({
        state: 'rejected',
        exchange: { attempts: 0 },
      });
      expect(emulator.log()).toHaveLength(0);
    },
  );

  test('an ID stays one segment of the path', async () => {
    await start();
    await connect(emulator).revoke(approved('../../x?y#z'));
    expect(emulator.log()[0]?.path).toMatch(/\/by-id\/\.\.%2F\.\.%2Fx%3Fy%23z$/);
  });

  test('an identifier that is empty, too long or none is not sent', async () => {
    await start();
    for (const user of [' ', 'a\nb', 'x'.repeat(1025)]) {
      expect(await connect(emulator).issue(user)).toMatchObject({ state: 'rejected' });
    }
    expect(emulator.log()).toHaveLength(0);
  });

  test('the observer hears every call, pages one by one', async () => {
    await start();
    const tokens = [emulator.issue('a'), emulator.issue('b'), emulator.issue('c')];
    const calls: ObservedCall[] = [];
    const client = connect(emulator, { observer: (call) => calls.push(call) });
    await client.list();
    await client.probe(secret(tokens[0]!.token));
    await client.revoke(approved(tokens[0]!.tokenId));
    await client.revoke(approved('gone'));
    expect(
      calls.map(({ kind, outcome, httpStatus, tokenId }) => [kind, outcome, httpStatus, tokenId]),
    ).toEqual([
      ['list', 'ok', 200, undefined],
      ['list', 'ok', 200, undefined],
      ['probe', 'active', 200, undefined],
      ['revoke', 'ok', 204, tokens[0]!.tokenId],
      ['revoke', 'not_found', 404, 'gone'],
    ]);
  });
});
