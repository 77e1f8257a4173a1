import { Readable } from 'node:stream';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { SecretValue } from '../../src/model/secret.js';
import { VERSION } from '../../src/model/version.js';
import { type Credential, readCredential } from '../../src/takumi/credential.js';
import type { Dispatchers } from '../../src/takumi/dispatchers.js';
import { attempt, type Outcome } from '../../src/takumi/exchange.js';
import type { Call, TransportLimits } from '../../src/takumi/transport.js';
import { botId, botKey, orgToken } from '../support/tokens.js';

const KEY = botKey('exchange');
const BOT = botId('exchange');
const NOW = Date.UTC(2026, 0, 1);
const LIMITS: TransportLimits = { connect: 1_000, attempt: 5_000, answer: 2 ** 20 };
const LIST: Call = { kind: 'list', title: 'Listing', method: 'GET', path: '/o/x?y=1' };
const token = orgToken('exchange', 40, 'base64url');
const PROBE: Call = {
  kind: 'probe',
  title: 'Probing',
  method: 'POST',
  path: '/o/x/probe',
  body: { a: 1 },
  secret: new SecretValue(token, 7),
};
const JSON_TYPE = { 'content-type': 'application/json' };

interface Script {
  readonly status?: number;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer | Readable;
}

/** A service that answers everything with one answer, and what it was asked. */
function service({ status = 200, headers = JSON_TYPE, body = '' }: Script) {
  const asked: { readonly url: string; readonly options: Record<string, unknown> }[] = [];
  const dispatchers = {
    reads: 'reads',
    mutations: 'mutations',
    request: async (url: string, options: Record<string, unknown>) => {
      asked.push({ url, options });
      const stream = body instanceof Readable ? body : Readable.from(body === '' ? [] : [Buffer.from(body)]);
      return { statusCode: status, headers, body: stream };
    },
  };
  return { asked, dispatchers: dispatchers as unknown as Dispatchers };
}

function credentialFor(url = 'https://api.example.test/v1'): Credential {
  const environment = {
    TAKUMI_ORG_ID: 'x',
    TAKUMI_BOT_API_KEY: KEY,
    TAKUMI_BOT_ID: BOT,
    TAKUMI_API_URL: url,
  };
  return readCredential(environment, () => '')!;
}

const ask = (script: Script, call = LIST, limits: Partial<TransportLimits> = {}): Promise<Outcome> =>
  attempt(call, credentialFor(), service(script).dispatchers, { ...LIMITS, ...limits }, NOW);

async function failureOf(script: Script, call = LIST, limits: Partial<TransportLimits> = {}) {
  const outcome = await ask(script, call, limits);
  if (outcome.ok) throw new Error('it is an answer');
  return outcome.failure;
}

afterEach(() => {
  vi.useRealTimers();
});

describe('what is sent', () => {
  const sent = async (call: Call, url?: string) => {
    const { asked, dispatchers } = service({});
    await attempt(call, credentialFor(url), dispatchers, LIMITS, NOW);
    return asked[0]!;
  };
  const headers = {
    authorization: `Bearer ${KEY}:${BOT}`,
    accept: 'application/json',
    'accept-encoding': 'identity',
    'user-agent': `guardsweep/${VERSION}`,
  };
  const common = { headersTimeout: 5_000, bodyTimeout: 5_000, signal: expect.any(AbortSignal) };

  test('without a body', async () => {
    expect(await sent(LIST)).toStrictEqual({
      url: 'https://api.example.test/v1/o/x?y=1',
      options: { dispatcher: 'reads', method: 'GET', headers, ...common },
    });
  });

  test('with one', async () => {
    expect(await sent(PROBE)).toStrictEqual({
      url: 'https://api.example.test/v1/o/x/probe',
      options: {
        dispatcher: 'reads',
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: '{"a":1}',
        ...common,
      },
    });
  });

  test('to an address without a path', async () => {
    expect((await sent(LIST, 'https://api.example.test')).url).toBe('https://api.example.test/o/x?y=1');
  });

  test.each([
    ['list', 'reads'],
    ['probe', 'reads'],
    ['issue', 'mutations'],
    ['revoke', 'mutations'],
  ] as const)('%s by the %s', async (kind, dispatcher) => {
    expect((await sent({ ...LIST, kind })).options.dispatcher).toBe(dispatcher);
  });
});

describe('an answer', () => {
  const kinds = ['list', 'probe', 'issue', 'revoke'] as const;
  test.each([
    [200, kinds],
    [201, ['issue']],
    [202, ['revoke']],
    [203, []],
    [204, ['revoke']],
    [206, []],
    [299, []],
  ] as const)('%i is one to %j', async (status, to) => {
    for (const kind of kinds) {
      const outcome = await ask({ status, body: '{"a":[1]}' }, { ...LIST, kind });
      if ((to as readonly string[]).includes(kind)) {
        expect(outcome).toStrictEqual({ ok: true, status, json: { a: [1] } });
      } else {
        expect(outcome).toMatchObject({
          failure: { kind: 'malformed', detail: expect.stringContaining(`(${status})`), effect: 'possible' },
        });
      }
    }
  });

  test('with nothing, whatever it is called', async () => {
    for (const status of [200, 204]) {
      const outcome = await ask({ status, headers: {} }, { ...LIST, kind: 'revoke' });
      expect(outcome).toStrictEqual({ ok: true, status, json: undefined });
    }
  });

  test('with what headers say of pages', async () => {
    const paging = async (headers: Record<string, string>) =>
      (await ask({ headers: { ...JSON_TYPE, ...headers }, body: '[]' })) as { paging?: object };
    expect(await paging({ 'x-ratelimit-limit': '5', 'x-total-count': '' })).not.toHaveProperty('paging');
    expect((await paging({ 'x-total-count': '7', 'x-next-page': '2' })).paging).toEqual({
      'x-total-count': '7',
      'x-next-page': '2',
    });
    expect((await paging({ 'content-range': 'items 0-49/120' })).paging).toEqual({ total: '120' });
  });

  test('with links, of one header or several', async () => {
    const link = async (value: string | string[]) =>
      (await ask({ headers: { ...JSON_TYPE, link: value }, body: '[]' })) as { link?: string };
    expect((await link('<a>; rel="next"')).link).toBe('<a>; rel="next"');
    expect((await link(['<a>', '<b>'])).link).toBe('<a>, <b>');
  });

  test.each([
    'application/json',
    'APPLICATION/JSON; charset=utf-8',
    'application/json ; charset=utf-8',
    'application/problem+json',
    'application/vnd.takumi-1+json;v=2',
  ])('called %s is JSON', async (type) => {
    expect(await ask({ headers: { 'content-type': type }, body: '1' })).toMatchObject({ ok: true, json: 1 });
  });

  test.each([
    { 'content-type': 'application/jsonp' },
    { 'content-type': 'application/jsonlines ' },
    { 'content-type': 'x-application/json' },
    { 'content-type': 'text/plain' },
    {},
  ])('with %j is not', async (headers) => {
    expect(await failureOf({ headers, body: '1' })).toStrictEqual({
      kind: 'malformed',
      detail: 'the answer (200) is not JSON by its Content-Type. Check TAKUMI_API_URL',
      httpStatus: 200,
      effect: 'possible',
      transient: false,
    });
  });

  test.each([
    ['identity', (body: string) => Buffer.from(body)],
    ['gzip', gzipSync],
    ['X-GZIP', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('that a proxy encoded as %s', async (encoding, encode) => {
    const headers = { ...JSON_TYPE, 'content-encoding': encoding };
    expect(await ask({ headers, body: encode('[1]') })).toMatchObject({ ok: true, json: [1] });
  });

  test.each([
    ['gzip', '[1]'],
    ['gzip', gzipSync('[1]').subarray(0, 12)],
    ['br', gzipSync('[1]')],
    ['zstd', '[1]'],
    ['toString', '[1]'],
    ['identity, gzip', '[1]'],
    ['gzip', gzipSync(' '.repeat(2 ** 20 + 1))],
  ])('encoded as %s that can not be decoded, or is too large then', async (encoding, body) => {
    const headers = { ...JSON_TYPE, 'content-encoding': encoding };
    expect(await failureOf({ headers, body })).toMatchObject({
      kind: 'malformed',
      detail: expect.stringContaining('Content-Encoding'),
    });
  });

  test('an explanation that is encoded is told, too', async () => {
    const headers = { ...JSON_TYPE, 'content-encoding': 'gzip' };
    const body = gzipSync('{"message":"not today"}');
    expect((await failureOf({ status: 400, headers, body })).detail).toContain('not today');
  });

  test.each([
    ['half a value', '{"a":'],
    ['a web page', '<html>'],
    ['no UTF-8', Buffer.of(0x22, 0xff, 0x22)],
  ])('called JSON that is %s', async (_, body) => {
    expect(await failureOf({ body })).toMatchObject({
      kind: 'malformed',
      detail: 'the answer (200) is called JSON but is none, or names one field twice. Try again',
    });
  });

  test('as large as allowed, and a byte larger', async () => {
    const body = `"${'x'.repeat(98)}"`;
    expect(await ask({ body }, LIST, { answer: 100 })).toMatchObject({ ok: true });
    expect(await failureOf({ body: `${body} ` }, LIST, { answer: 100 })).toStrictEqual({
      kind: 'malformed',
      detail: 'the answer (200) is larger than 100 bytes',
      httpStatus: 200,
      effect: 'possible',
      transient: false,
    });
  });

  test('larger than what is read of an error', async () => {
    expect(await ask({ body: `"${'x'.repeat(70_000)}"` })).toMatchObject({ ok: true });
  });
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
