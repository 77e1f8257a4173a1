import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/emulator.js';
import type { FaultRule } from '../../src/emulator/faults.js';
import type { ObservedCall, TakumiClient } from '../../src/takumi/client.js';
import { TakumiError } from '../../src/takumi/errors.js';
import { approved, connect, secret, virtualTime } from './connect.js';

let emulator: Emulator;
afterEach(() => emulator.close());

async function start(...faults: FaultRule[]): Promise<Emulator> {
  emulator = await startEmulator({ faults });
  return emulator;
}

async function listError(client: TakumiClient): Promise<TakumiError> {
  const error = await client.list().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TakumiError)) throw new Error('no TakumiError');
  return error;
}

/** Every bad answer, how the client names it, and a piece of what it says to do. */
const BAD: readonly [name: string, fault: FaultRule, kind: string, says: string][] = [
  ['401', { status: 401 }, 'unauthorized', 'TAKUMI_BOT_API_KEY'],
  ['403', { status: 403 }, 'forbidden', 'organization/takumi_'],
  ['404 on a collection', { status: 404 }, 'not_found', 'TAKUMI_ORG_ID'],
  ['429', { status: 429 }, 'rate_limited', 'too many requests'],
  ['500', { status: 500 }, 'server', 'Try again later'],
  ['a cut connection', { reset: true }, 'network', 'broke'],
  ['half an answer', { truncate: true }, 'network', 'broke'],
  ['no JSON', { body: '{"tokens": [' }, 'malformed', 'is none'],
  ['a field named twice', { body: '{"active":true,"active":false,"tokens":[]}' }, 'malformed', 'twice'],
  ['another type', { body: '[]', headers: { 'content-type': 'text/plain' } }, 'malformed', 'Content-Type'],
  ['a web page', { html: true }, 'captive', 'Open the network'],
  ['a web page for a 403', { html: true, status: 403 }, 'captive', 'login page'],
  ['a redirect', { redirect: 'https://attacker.example/x?token=1' }, 'redirect', 'https://attacker.example;'],
  ['the wrong schema', { body: { hello: 'world' } }, 'malformed', '$.'],
];

describe.each(BAD)('%s', (_name, fault, kind, says) => {
  test('fails a list by its name', async () => {
    await start({ endpoint: 'list', ...fault });
    emulator.issue('alice');
    const error = await listError(connect(emulator));
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(/^Listing the tokens failed: /);
    expect(error.message).toContain(says);
  });

  test('leaves a probe unknown, never dead', async () => {
    await start({ endpoint: 'probe', ...fault });
    const token = emulator.issue('alice');
    const answer = await connect(emulator).probe(secret(token.token));
    expect(answer).toMatchObject({ state: 'unknown', failure: kind });
  });

  test('leaves no wrong word on a revocation', async () => {
    await start({ endpoint: 'revoke', nth: 1, ...fault });
    const token = emulator.issue('alice');
    const answer = await connect(emulator).revoke(approved(token.tokenId));
    if (kind === 'rate_limited')
      expect(answer).toMatchObject({ state: 'accepted', exchange: { attempts: 2 } });
    else if (kind === 'not_found') expect(answer.state).toBe('gone');
    else if (['unauthorized', 'forbidden'].includes(kind)) expect(answer.state).toBe('rejected');
    // JSON of another shape says nothing against the revocation; a probe settles it.
    else if (says === '$.') expect(answer.state).toBe('accepted');
    else expect(answer.state).toBe('unknown');
    const deletes = emulator.log().filter((request) => request.method === 'DELETE').length;
    expect(deletes).toBe(kind === 'rate_limited' ? 2 : 1);
  });

  test('never repeats an issue that may have worked', async () => {
    await start({ endpoint: 'issue', nth: 1, ...fault });
    const answer = await connect(emulator).issue('alice');
    const expected =
      kind === 'rate_limited'
        ? 'issued'
        : ['unauthorized', 'forbidden', 'not_found'].includes(kind)
          ? 'rejected'
          : 'unknown';
    expect(answer.state).toBe(expected);
    expect(emulator.tokens().length).toBeLessThanOrEqual(1);
  });
});

test.each([404, 409, 410])('%i on a revocation: somebody else may have been faster', async (status) => {
  await start({ endpoint: 'revoke', status });
  const answer = await connect(emulator).revoke(approved(emulator.issue('alice').tokenId));
  expect(answer).toMatchObject({ state: 'gone', exchange: { httpStatus: status } });
});

describe('outcomes that are not certain', () => {
  test.each([
    ['reset after the effect', { reset: true, when: 'after' }],
    ['500 after the effect', { status: 500, when: 'after' }],
    ['half an answer after the effect', { truncate: true, when: 'after' }],
  ] as const)('%s: revoked, but the client does not claim to know', async (_name, fault) => {
    await start({ endpoint: 'revoke', ...fault });
    const token = emulator.issue('alice');
    const client = connect(emulator);
    expect(await client.revoke(approved(token.tokenId))).toMatchObject({
      state: 'unknown',
      exchange: { attempts: 1 },
    });
    expect(token.status).toBe('revoked');
    expect((await client.probe(secret(token.token))).state).toBe('inactive');
  });

  test.each([
    ['{"ok":false}', { ok: false }],
    ['an error in a 200', { error: { code: 'x' } }],
    ['another token', { token_id: 'other', status: 'revoked' }],
    ['still active', { status: 'active' }],
    ['no object', [1]],
  ])('a 200 that says %s is no success', async (_name, body) => {
    await start({ endpoint: 'revoke', status: 200, body });
    const token = emulator.issue('alice');
    expect((await connect(emulator).revoke(approved(token.tokenId))).state).toBe('unknown');
  });

  test('a service that was never reached did nothing', async () => {
    await start();
    await emulator.close();
    const client = connect(emulator);
    expect(await client.revoke(approved('some'))).toMatchObject({
      state: 'rejected',
      failure: 'network',
      reason: expect.stringContaining('ECONNREFUSED'),
      exchange: { attempts: 5 },
    });
    expect((await client.probe(secret('tg_org_never'))).state).toBe('unknown');
  });

  test('a service that does not answer in time', async () => {
    await start({ delay_ms: 2_000 });
    const token = emulator.issue('alice');
    const client = connect(emulator, { limits: { attempt: 60 }, retry: { attempts: 2 } });
    expect(await listError(client)).toMatchObject({ kind: 'timeout', exchange: { attempts: 2 } });
    expect(await client.revoke(approved(token.tokenId))).toMatchObject({
      state: 'unknown',
      failure: 'timeout',
      exchange: { attempts: 1 },
    });
  });

  test('an answer larger than allowed', async () => {
    await start();
    for (let at = 0; at < 10; at++) emulator.issue(`user-${at}`);
    const error = await listError(connect(emulator, { limits: { answer: 500 } }));
    expect(error.message).toContain('larger than 500 bytes');
  });
});

describe('other statuses', () => {
  test.each([
    [408, 'timeout', 5, 'unknown'],
    [422, 'refused', 1, 'rejected'],
    [501, 'server', 1, 'unknown'],
    [599, 'server', 5, 'unknown'],
  ] as const)(
    '%i is %s: a list takes %i attempts, a revocation is %s',
    async (status, kind, attempts, state) => {
      await start({ status });
      const client = connect(emulator);
      expect(await listError(client)).toMatchObject({ kind, exchange: { httpStatus: status, attempts } });
      expect(await client.revoke(approved('x'))).toMatchObject({
        state,
        failure: kind,
        exchange: { attempts: 1 },
      });
    },
  );
});

describe('repeating reads', () => {
  test('a read gets through what passes', async () => {
    await start(
      { endpoint: 'list', nth: 1, status: 503 },
      { endpoint: 'list', nth: 2, reset: true },
      { endpoint: 'list', nth: 3, status: 429 },
    );
    emulator.issue('alice');
    const { records, exchanges } = await connect(emulator).list();
    expect(records).toHaveLength(1);
    expect(exchanges).toMatchObject([{ httpStatus: 200, attempts: 4 }]);
  });

  test.each([
    ['seconds', 7, 7_000],
    ['a date, by the server’s clock that is a year off', '+9', 9_000],
  ])('Retry-After in %s is obeyed', async (_name, retry_after, atLeast) => {
    const aYear = 365 * 86_400_000;
    emulator = await startEmulator({
      now: () => Date.now() - aYear,
      faults: [{ endpoint: 'list', nth: 1, status: 429, retry_after }],
    });
    const timing = virtualTime();
    await connect(emulator, { timing }).list();
    const waited = timing.slept.reduce((sum, each) => sum + each, 0);
    expect(waited).toBeGreaterThanOrEqual(atLeast);
    expect(waited).toBeLessThan(atLeast + 1_500);
  });

  test('without Retry-After a limit still holds all calls back', async () => {
    await start({ endpoint: 'list', nth: 1, status: 429 });
    let sleeps = 0;
    const timing = virtualTime();
    const client = connect(emulator, {
      timing: {
        ...timing,
        sleep: async (milliseconds) => {
          sleeps += 1;
          // The list has been told to hold back; another call comes in meanwhile.
          if (sleeps === 1) await client.probe(secret('tg_org_x'));
          await timing.sleep(milliseconds);
        },
      },
    });
    await client.list();
    expect(sleeps).toBe(2);
    expect(emulator.log().map(({ endpoint }) => endpoint)).toEqual(['list', 'probe', 'list']);
  });

  test('what one call is told to wait, all wait', async () => {
    await start(
      { endpoint: 'probe', nth: 1, status: 400, retry_after: 30 },
      { endpoint: 'list', nth: 1, status: 429, retry_after: 30 },
    );
    const timing = virtualTime();
    const client = connect(emulator, { timing, retry: { attempts: 1 } });
    await listError(client);
    await client.probe(secret('tg_org_x'));
    expect(timing.slept[0]).toBeGreaterThanOrEqual(30_000);
  });

  test('a wait longer than our patience is told, not slept', async () => {
    await start({ endpoint: 'list', status: 429, retry_after: 3600 });
    const timing = virtualTime();
    const client = connect(emulator, { timing });
    expect((await listError(client)).message).toContain('asks to wait 3600 s');
    const again = await listError(client);
    expect(again).toMatchObject({ kind: 'rate_limited', exchange: { attempts: 0 } });
    expect(timing.slept).toEqual([]);
    expect(emulator.log()).toHaveLength(1);
  });

  test('repeats have a budget over all calls', async () => {
    await start({ status: 500 });
    const client = connect(emulator);
    for (let at = 0; at < 40; at++) await client.probe(secret(`tg_org_${at}`));
    // 40 first attempts, the store of 20, and a fifth of a repeat earned by each first attempt.
    expect(emulator.log().length).toBeGreaterThan(40);
    expect(emulator.log().length).toBeLessThanOrEqual(40 + 20 + 8);
  });
});

describe('nothing quotes a secret', () => {
  test.each(BAD)('%s', async (_name, fault) => {
    await start(fault);
    const token = emulator.issue('alice');
    const calls: ObservedCall[] = [];
    const client = connect(emulator, { observer: (call) => calls.push(call) });
    const outcomes = [
      await listError(client),
      await client.probe(secret(token.token)),
      await client.revoke(approved(token.tokenId)),
    ];
    expectNoSecret([...outcomes, calls, client, await client.issue('bob')], token.token);
  });

  test('not even when the service quotes it back', async () => {
    await start();
    const token = emulator.issue('alice');
    const echo = `no ${token.token} for ${emulator.botApiKey}, nor ${token.token.slice(10, 24)}`;
    emulator.addFault({ status: 400, body: { error: { code: 'echo', message: echo } } });
    const client = connect(emulator);
    expectNoSecret([await client.probe(secret(token.token)), await listError(client)], token.token);
  });

  test('nor a redirect that repeats it', async () => {
    await start();
    const token = emulator.issue('alice');
    emulator.addFault({ redirect: `https://${token.token}:x@${emulator.botApiKey.slice(20)}.example/` });
    const client = connect(emulator);
    expectNoSecret([await client.probe(secret(token.token)), await listError(client)], token.token);
  });

  test('what the service explains is told', async () => {
    await start({ status: 400, body: { error: { code: 'bad', message: 'the moon\n is\u001b[31m full' } } });
    expect((await listError(connect(emulator))).message).toContain(
      '(the service says: bad: the moon is [31m full)',
    );
  });
});

function expectNoSecret(values: readonly unknown[], token: string): void {
  for (const value of values) {
    const text = [
      inspect(value, { depth: 20, showHidden: true, getters: true }),
      JSON.stringify(value),
      String(value),
      value instanceof Error ? `${value.stack}` : '',
    ].join('\n');
    for (const piece of [token, emulator.botApiKey]) {
      expect(text.includes(piece.slice(8, 24))).toBe(false);
      expect(text.includes(piece.slice(-12))).toBe(false);
      expect(text.includes(Buffer.from(piece).toString('base64').slice(12, 36))).toBe(false);
    }
  }
}
