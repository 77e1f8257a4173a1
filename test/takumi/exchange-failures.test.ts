import { Readable } from 'node:stream';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Dispatchers } from '../../src/takumi/dispatchers.js';
import { attempt } from '../../src/takumi/exchange.js';
import {
  ask,
  credentialFor,
  failureOf,
  JSON_TYPE,
  KEY,
  LIMITS,
  LIST,
  NOW,
  PROBE,
  type Script,
  token,
} from './one-answer.js';

afterEach(() => {
  vi.useRealTimers();
});

describe('what is too large', () => {
  /** Pieces of 16 KiB without an end, and how many of them were read. */
  const endless = () => {
    const read = { pieces: 0 };
    const body = Readable.from(
      (function* () {
        for (; read.pieces < 1_000; read.pieces++) yield Buffer.alloc(2 ** 14, ' ');
      })(),
      { highWaterMark: 1 },
    );
    return { read, body };
  };

  test.each([
    [200, 2 ** 20, 64],
    [300, 2 ** 20, 4],
    [400, 2 ** 20, 4],
    [500, 2 ** 15, 2],
  ])('is read no further: %i with %i bytes allowed', async (status, answer, pieces) => {
    const { read, body } = endless();
    expect((await ask({ status, body }, LIST, { answer })).ok).toBe(false);
    expect(read.pieces).toBeGreaterThanOrEqual(pieces);
    expect(read.pieces).toBeLessThan(pieces + 4);
  });

  test('may break off afterwards', async () => {
    const body = new Readable({
      read() {
        this.push(Buffer.alloc(200, ' '));
      },
      destroy(_error, done) {
        done(new Error('cut'));
      },
    });
    expect(await failureOf({ body }, LIST, { answer: 100 })).toMatchObject({ kind: 'malformed' });
    await new Promise((resolve) => setImmediate(resolve));
  });

  test('is a login page all the same', async () => {
    const body = Readable.from([Buffer.from(' \n<html>'), Buffer.alloc(100, ' ')]);
    const headers = { 'content-type': 'text/plain' };
    expect(await failureOf({ headers, body }, LIST, { answer: 100 })).toMatchObject({ kind: 'captive' });
  });
});

describe('a redirect', () => {
  const detail = (to: string, status = 302) =>
    `the service redirects (${status})${to}; redirects are never followed, because the credential would go along. Check TAKUMI_API_URL`;

  test.each([300, 302, 307, 399])('%i is one', async (status) => {
    expect(await failureOf({ status, headers: {} })).toStrictEqual({
      kind: 'redirect',
      detail: detail('', status),
      httpStatus: status,
      effect: 'possible',
      transient: false,
    });
  });

  test.each([
    ['an address', 'https://other.example/a?b=c', ' to https://other.example'],
    ['a path', '/elsewhere', ' to https://api.example.test'],
    ['no address', 'http://[', ''],
    ['what has no host', 'data:text/html,x', ''],
    ['a host made of the key', `https://${KEY.slice(20)}.example/`, ''],
    ['a host made of the token', `https://x.${token.slice(12, 36)}.example/`, ''],
  ])('to %s', async (_, location, to) => {
    expect((await failureOf({ status: 302, headers: { location } }, PROBE)).detail).toBe(detail(to));
  });
});

describe('a web page', () => {
  const page = (status: number) =>
    `a web page came instead of the API's answer (${status}): api.example.test was answered for by a login page of the network, a proxy or a wrong TAKUMI_API_URL. Open the network's page in a browser, or check the address`;

  test.each([
    [200, 'text/html', 'x'],
    [400, 'TEXT/HTML; charset=utf-8', ''],
    [428, 'application/xhtml+xml', 'x'],
    [499, 'text/plain', '<!doctype html>'],
    [200, 'text/plain', ' \n <html>'],
    [200, '', '<html>'],
  ])('%i, called “%s”, with “%s”', async (status, type, body) => {
    expect(await failureOf({ status, headers: { 'content-type': type }, body })).toStrictEqual({
      kind: 'captive',
      detail: page(status),
      httpStatus: status,
      effect: 'possible',
      transient: false,
    });
  });

  test.each([
    ['text/plain', 'a < b'],
    ['text/plain', 'a<b'],
    ['application/json', '<'],
    ['x-text/html', 'x'],
    ['text/htmlish', 'x'],
  ])('is not what is called “%s”, with “%s”', async (type, body) => {
    expect(await failureOf({ headers: { 'content-type': type }, body })).toMatchObject({ kind: 'malformed' });
  });

  test.each([
    [429, 'rate_limited'],
    [500, 'server'],
    [599, 'server'],
  ])('with %i is what proxies write around it', async (status, kind) => {
    const headers = { 'content-type': 'text/html' };
    expect(await failureOf({ status, headers, body: '<html>' })).toMatchObject({ kind, httpStatus: status });
  });
});

describe('a refusal', () => {
  test.each([199, 400, 422])('%i', async (status) => {
    expect(await failureOf({ status, headers: { 'retry-after': '3' } })).toStrictEqual({
      kind: 'refused',
      detail: `the service refused the request (${status})`,
      httpStatus: status,
      effect: 'none',
      transient: false,
    });
  });

  test.each([
    [429, '3', undefined, 3_000],
    [500, '3', undefined, 3_000],
    [503, 'Thu, 01 Jan 2026 00:00:09 GMT', undefined, 9_000],
    [503, 'Wed, 01 Jan 2025 00:00:09 GMT', 'Wed, 01 Jan 2025 00:00:00 GMT', 9_000],
    [503, 'soon', undefined, undefined],
  ])('%i with Retry-After %s and Date %s', async (status, after, date, wait) => {
    const headers = { 'retry-after': after, ...(date === undefined ? {} : { date }) };
    const failure = await failureOf({ status, headers });
    expect('retryAfter' in failure).toBe(wait !== undefined);
    expect(failure.retryAfter).toBe(wait);
  });

  const said = async (body: string, call = LIST, limits = {}, headers: Script['headers'] = JSON_TYPE) =>
    (await failureOf({ status: 400, headers, body }, call, limits)).detail;
  const NOTHING = 'the service refused the request (400)';
  const saying = (message: string) => JSON.stringify({ message });

  test('that explains itself', async () => {
    expect(await said(saying('full moon'))).toBe(`${NOTHING} (the service says: full moon)`);
  });

  test.each([
    ['nothing', ''],
    ['half a value', '{"message":'],
    ['no message', '{}'],
    ['no object', '1'],
    ['only spaces', saying('  ')],
    ['a piece of the key', saying(`who is ${KEY.slice(20, 34)}?`)],
  ])('with %s is told without', async (_, body) => {
    expect(await said(body)).toBe(NOTHING);
  });

  test('in what is not JSON, or with a piece of what was sent, is told without', async () => {
    expect(await said(saying('x'), LIST, {}, { 'content-type': 'text/plain' })).toBe(NOTHING);
    expect(await said(saying('x'), LIST, {}, {})).toBe(NOTHING);
    expect(await said(saying(`not ${token.slice(12, 30)}`), PROBE)).toBe(NOTHING);
    expect(await said(saying(`not ${token.slice(12, 30)}`), LIST)).toContain('says');
    expect(await said(saying(`who is ${KEY.slice(20, 34)}?`), PROBE)).toBe(NOTHING);
  });

  test('of more than 64 KiB is not read for its explanation', async () => {
    const padded = (size: number) => {
      const text = saying('x');
      return `${text}${' '.repeat(size - text.length)}`;
    };
    expect(await said(padded(2 ** 16))).toContain('says');
    expect(await said(padded(2 ** 16 + 1))).toBe(NOTHING);
    expect(await said(padded(101), LIST, { answer: 100 })).toBe(NOTHING);
  });
});

describe('no answer', () => {
  const failing = (request: (options: { readonly signal: AbortSignal }) => Promise<never>): Dispatchers =>
    ({ request: (_url: string, options: { readonly signal: AbortSignal }) => request(options) }) as never;

  test('in time', async () => {
    const silent = failing(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        }),
    );
    expect(await attempt(LIST, credentialFor(), silent, { ...LIMITS, attempt: 20 }, NOW)).toStrictEqual({
      ok: false,
      failure: {
        kind: 'timeout',
        detail: 'api.example.test did not answer within 0.02 s. Try again',
        effect: 'possible',
        transient: true,
      },
    });
  });

  test('because the connection broke', async () => {
    const broken = failing(async () => {
      throw Object.assign(new Error('x'), { code: 'ECONNRESET' });
    });
    expect(await attempt(LIST, credentialFor(), broken, LIMITS, NOW)).toStrictEqual({
      ok: false,
      failure: {
        kind: 'network',
        detail:
          'the connection to api.example.test broke before the answer was complete (ECONNRESET). Try again',
        effect: 'possible',
        transient: true,
      },
    });
  });
});

test('nothing keeps the process waiting once there is an answer', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  await ask({ body: '1' });
  expect(vi.getTimerCount()).toBe(0);
});
