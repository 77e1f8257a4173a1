import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { ISSUER, MANAGER } from '../../src/emulator/bots.js';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator/emulator.js';
import { fingerprint as emulated } from '../../src/emulator/fingerprint.js';
import { EmulatorInputError } from '../../src/emulator/seed.js';
import { fingerprint } from '../../src/findings/fingerprint.js';
import { SecretValue } from '../../src/model/secret.js';
import { orgToken, body as text } from '../support/tokens.js';

let emulator: Emulator | undefined;
afterEach(async () => {
  await emulator?.close();
  emulator = undefined;
});

async function start(options: EmulatorOptions = {}): Promise<Emulator> {
  emulator = await startEmulator(options);
  return emulator;
}

interface Reply {
  readonly status: number;
  readonly json: Record<string, unknown>;
  readonly headers: Headers;
}

async function call(
  method: string,
  path: string,
  body?: unknown,
  options: { bot?: { botApiKey: string; botId: string; orgId: string }; org?: string } = {},
): Promise<Reply> {
  const bot = options.bot ?? emulator!;
  const response = await fetch(
    `${emulator!.url}/o/${options.org ?? bot.orgId}/guard/org-user-tokens${path}`,
    {
      method,
      headers: { authorization: `Bearer ${bot.botApiKey}:${bot.botId}` },
      redirect: 'manual',
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    },
  );
  const answer = await response.text();
  return {
    status: response.status,
    json: response.headers.get('content-type')?.includes('json') ? JSON.parse(answer) : { text: answer },
    headers: response.headers,
  };
}

test('what it prints when it listens is all that a client needs', async () => {
  const { listening } = await start();
  expect(Object.keys(listening)).toEqual(['url', 'org_id', 'bot_api_key', 'bot_id']);
  expect(listening.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
  expect(listening.bot_api_key).toMatch(/^shisho_apikey_[A-Za-z0-9]{43}$/);
  expect(listening.bot_id).toMatch(/^BT01[A-Z0-9]{24}$/);
  const response = await fetch(`${listening.url}/o/${listening.org_id}/guard/org-user-tokens`, {
    headers: { authorization: `Bearer ${listening.bot_api_key}:${listening.bot_id}` },
  });
  expect(response.status).toBe(200);
});

test('no two have the same credential', async () => {
  const { listening } = await start();
  const other = await startEmulator();
  await other.close();
  for (const name of ['org_id', 'bot_api_key', 'bot_id'] as const) {
    expect(other.listening[name]).not.toBe(listening[name]);
  }
});

describe('who may do what', () => {
  test('without a credential, or with half of one, nothing', async () => {
    const { botApiKey, botId, orgId, otherBot } = await start();
    for (const bot of [
      { botApiKey, botId: otherBot.botId, orgId },
      { botApiKey: otherBot.botApiKey, botId, orgId },
      { botApiKey: botApiKey.slice(0, -1), botId, orgId },
    ]) {
      expect(await call('GET', '', undefined, { bot })).toMatchObject({ status: 401 });
    }
  });

  test('each role its endpoints', async () => {
    const { createBot, issue } = await start();
    const { token, tokenId } = issue('alice');
    const statuses = async (bot: ReturnType<typeof createBot>): Promise<number[]> => [
      (await call('POST', '', { user_identifier: 'bob' }, { bot })).status,
      (await call('GET', '', undefined, { bot })).status,
      (await call('POST', '/probe', { token }, { bot })).status,
      (await call('DELETE', `/by-id/${tokenId}`, undefined, { bot })).status,
    ];
    expect(await statuses(createBot([]))).toEqual([403, 403, 403, 403]);
    expect(await statuses(createBot([ISSUER]))).toEqual([201, 403, 403, 403]);
    expect(await statuses(createBot([MANAGER]))).toEqual([403, 200, 200, 204]);
  });

  test('an organization is closed to the bots of another', async () => {
    const { otherBot, issue } = await start();
    const theirs = issue('bob', otherBot.orgId);
    expect((await call('GET', '', undefined, { org: otherBot.orgId })).status).toBe(403);
    expect((await call('DELETE', `/by-id/${theirs.tokenId}`)).status).toBe(404);
    expect(theirs.status).toBe('active');
    expect((await call('GET', '', undefined, { bot: otherBot })).json.tokens).toHaveLength(1);
  });
});

describe('the list', () => {
  const users = (reply: Reply): unknown[] =>
    (reply.json.tokens as { user_identifier: string }[]).map((row) => row.user_identifier);

  test('filters by prefix and by status', async () => {
    const { issue } = await start();
    const [alice] = [issue('alice'), issue('alice-laptop'), issue('alicia'), issue('bob')];
    await call('DELETE', `/by-id/${alice!.tokenId}`);
    expect(users(await call('GET', '?user_identifier=alice'))).toEqual(['alice', 'alice-laptop']);
    expect(users(await call('GET', '?status=revoked'))).toEqual(['alice']);
    expect(users(await call('GET', '?user_identifier=alic&status=active'))).toEqual([
      'alice-laptop',
      'alicia',
    ]);
    expect((await call('GET', '?status=asleep')).status).toBe(400);
  });

  test('pages stay whole while tokens come and go', async () => {
    const { issue, tokens } = await start({ pageSize: 2 });
    for (let at = 0; at < 4; at++) issue(`user-${at}`);
    const first = await call('GET', '');
    await call('DELETE', `/by-id/${tokens()[0]!.tokenId}`);
    issue('late');
    const second = await call('GET', `?page_token=${first.json.next_page_token}`);
    const third = await call('GET', `?page_token=${second.json.next_page_token}`);
    expect([...users(first), ...users(second), ...users(third)]).toEqual([
      'user-0',
      'user-1',
      'user-2',
      'user-3',
      'late',
    ]);
    expect(third.json.next_page_token).toBe('');
    expect((await call('GET', '?page_token=nonsense')).status).toBe(400);
  });

  test('keeps its filter on linked pages', async () => {
    const { issue } = await start({ pageSize: 1, paging: 'link' });
    for (const user of ['alice', 'bob', 'alicia']) issue(user);
    const first = await call('GET', '?user_identifier=ali');
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1];
    const second = await call('GET', new URL(next!).search);
    expect([...users(first), ...users(second)]).toEqual(['alice', 'alicia']);
    expect(second.headers.get('link')).toBeNull();
  });

  test('never shows a plaintext; hints are its last four characters', async () => {
    const { issue } = await start({ listHints: true });
    const { token } = issue('alice');
    const reply = await call('GET', '');
    expect(JSON.stringify(reply.json)).not.toContain(token);
    expect(reply.json.tokens).toMatchObject([{ hint: token.slice(-4) }]);
  });
});

test.each([
  ['no JSON', 'POST', '', '{', 400],
  ['no user', 'POST', '', {}, 400],
  ['a blank user', 'POST', '', { user_identifier: ' ' }, 400],
  ['a user that is a number', 'POST', '', { user_identifier: 5 }, 400],
  ['no token to probe', 'POST', '/probe', { token: null }, 400],
  ['a body that is too large', 'POST', '/probe', 'x'.repeat(70_000), 413],
  ['another method', 'PUT', '', {}, 405],
  ['another path', 'GET', '/elsewhere', undefined, 404],
  ['a path that is no UTF-8', 'DELETE', '/by-id/%ff', undefined, 404],
  ['an unknown ID', 'DELETE', '/by-id/unknown', undefined, 404],
])('%s: %s %s', async (_name, method, path, body, status) => {
  await start();
  const reply = await call(method, path, body);
  expect(reply.status).toBe(status);
  expect(reply.json).toMatchObject({ error: { code: expect.any(String), message: expect.any(String) } });
});

describe('the log', () => {
  const log = async (): Promise<Record<string, unknown>[]> =>
    (await (await fetch(`${new URL(emulator!.url).origin}/_emulator/log`)).json()) as Record<
      string,
      unknown
    >[];

  test('has every request, and fingerprints instead of tokens', async () => {
    const { issue, botApiKey, botId } = await start();
    const { token, tokenId } = issue('alice');
    await call('POST', '/probe', { token });
    await call('POST', '/probe', { token: 'whatever it is' });
    await call('POST', '', { user_identifier: token });
    await call('GET', `?user_identifier=${token}`);
    await call('DELETE', `/by-id/${tokenId}`);
    const entries = await log();
    const name = fingerprint(new SecretValue(token, 7));
    expect(entries).toMatchObject([
      { seq: 1, method: 'POST', status: 200, body: { token: name }, bot_id: botId },
      { body: { token: emulated('whatever it is') } },
      { status: 201, body: { user_identifier: name } },
      { method: 'GET', path: expect.stringContaining(name), body: null },
      { method: 'DELETE', status: 204, path: expect.stringMatching(new RegExp(`/by-id/${tokenId}$`)) },
    ]);
    const all = JSON.stringify(entries);
    for (const secret of [token, botApiKey, 'whatever it is']) expect(all).not.toContain(secret);
    expect(emulator!.log()).toEqual(entries);
  });

  test('reading it leaves no trace in it', async () => {
    await start();
    await log();
    expect(await log()).toEqual([]);
  });
});

test('its fingerprints are those of reports', () => {
  for (let at = 0; at < 200; at++) {
    const token = orgToken(`fingerprint-${at}`, 16 + at);
    expect(emulated(token)).toBe(fingerprint(new SecretValue(token, 7)));
  }
});

describe('the seed', () => {
  test('gives each token its organization, state and dates', async () => {
    const { tokens, orgId } = await start({
      seed: [
        { token: orgToken('a'), user_identifier: 'a', status: 'active', created_at: '2025-01-01T00:00:00Z' },
        { token: orgToken('b'), user_identifier: 'b', status: 'revoked', token_id: 'known' },
        { token: orgToken('c'), user_identifier: 'c', status: 'active', org_id: 'elsewhere' },
      ],
    });
    expect(tokens()).toMatchObject([
      { orgId, createdAt: '2025-01-01T00:00:00Z', status: 'active' },
      { orgId, status: 'revoked', tokenId: 'known', revokedAt: expect.any(String) },
      { orgId: 'elsewhere' },
    ]);
    expect((await call('GET', '')).json.tokens).toHaveLength(2);
  });

  const row = { token: orgToken('seed'), user_identifier: 'a', status: 'active' };
  test.each([
    ['no array', {}, 'array'],
    ['a row that is none', [row, 5], 'row 2 of the seed: is not an object'],
    ['no token', [{ ...row, token: undefined }], 'token must be a string'],
    ['an empty user', [{ ...row, user_identifier: '' }], 'user_identifier must be a string'],
    ['another status', [{ ...row, status: 'asleep' }], 'status must be active or revoked'],
    ['a date that is none', [{ ...row, created_at: 'yesterday' }], 'created_at is not a date'],
    ['a field nobody knows', [{ ...row, usr: 'x' }], 'not known'],
    ['a token twice', [row, row], 'its token is that of row 1'],
  ])('with %s is refused, and not quoted', async (_name, seed, says) => {
    const error = await startEmulator({ seed }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EmulatorInputError);
    expect(String(error)).toContain(says);
    expect(String(error)).not.toContain(row.token);
  });
});

describe('faults', () => {
  test('come at the request that they were asked for', async () => {
    await start({ faults: [{ endpoint: 'list', nth: [2, 4], status: 503 }] });
    const statuses: number[] = [];
    for (let at = 0; at < 5; at++) statuses.push((await call('GET', '')).status);
    expect(statuses).toEqual([200, 503, 200, 503, 200]);
    expect(emulator!.log().map(({ fault }) => fault ?? false)).toEqual([false, true, false, true, false]);
  });

  test.each([
    ['before', 'active'],
    ['after', 'revoked'],
  ] as const)('show %s the effect', async (when, status) => {
    const { issue } = await start({ faults: [{ method: 'delete', status: 500, when }] });
    const token = issue('alice');
    expect((await call('DELETE', `/by-id/${token.tokenId}`)).status).toBe(500);
    expect(token.status).toBe(status);
  });

  test.each([
    ['a reset', { reset: true }],
    ['half an answer', { truncate: true }],
  ])('%s cuts the connection', async (_name, fault) => {
    await start({ faults: [fault] });
    await expect(call('GET', '')).rejects.toThrow();
  });

  test('of every other kind', async () => {
    const now = Date.UTC(2030, 0, 1);
    const { addFault, tokens } = await start({ now: () => now });
    addFault({ nth: 1, html: true });
    addFault({ nth: 2, redirect: 'https://elsewhere.example/' });
    addFault({ nth: 3, status: 429, retry_after: '+90' });
    addFault({ nth: 4, status: 200, body: { strange: true }, headers: { 'x-extra': '1' } });
    addFault({ nth: 5, meanwhile: { issue: 'late' } });
    expect((await call('GET', '')).headers.get('content-type')).toContain('text/html');
    expect(await call('GET', '')).toMatchObject({ status: 302 });
    const limited = await call('GET', '');
    expect(limited.headers.get('date')).toBe('Tue, 01 Jan 2030 00:00:00 GMT');
    expect(limited.headers.get('retry-after')).toBe('Tue, 01 Jan 2030 00:01:30 GMT');
    const strange = await call('GET', '');
    expect([strange.json, strange.headers.get('x-extra')]).toEqual([{ strange: true }, '1']);
    expect((await call('GET', '')).json.tokens).toHaveLength(1);
    expect(tokens()[0]?.userIdentifier).toBe('late');
  });

  test.each([
    ['no array', {}, 'array'],
    ['a rule that is none', ['x'], 'fault 1 is not an object'],
    ['a field nobody knows', [{}, { stauts: 500 }], 'fault 2 has a field that is not known'],
    ['a status that is none', [{ status: 99 }], 'status has a value'],
    ['nth from 0', [{ nth: 0 }], 'nth has a value'],
  ])('from %s are refused', async (_name, faults, says) => {
    await expect(startEmulator({ faults })).rejects.toThrow(says);
  });
});

describe('listening', () => {
  test.each(['0.0.0.0', '::', '192.0.2.1'])('on %s is refused', async (host) => {
    await expect(startEmulator({ host: host as '127.0.0.1' })).rejects.toThrow('loopback only');
  });

  test.each([
    [{ port: 70_000 }, 'port'],
    [{ pageSize: 0 }, 'page size'],
    [{ dialect: 'klingon' as 'id' }, 'dialect'],
    [{ paging: 'maybe' as 'none' }, 'paging'],
  ])('with %j is refused', async (options, says) => {
    await expect(startEmulator(options)).rejects.toThrow(says);
  });

  test('on a port that is taken fails with its cause', async () => {
    const { url } = await start();
    await expect(startEmulator({ port: Number(new URL(url).port) })).rejects.toThrow(EmulatorInputError);
  });

  test('a request of another name is turned away: a page in a browser cannot reach it by DNS', async () => {
    const { url } = await start();
    const { port } = new URL(url);
    const status = await new Promise((resolve, reject) => {
      const headers = { host: `attacker.example:${port}` };
      httpRequest({ port, host: '127.0.0.1', path: '/_emulator/log', headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });

  test('ends at once, whatever is open', async () => {
    const started = await startEmulator({ faults: [{ delay_ms: 60_000 }] });
    const pending = fetch(`${started.url}/${text('x', 4)}`).catch(() => 'cut');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await started.close();
    expect(await pending).toBe('cut');
  });
});
