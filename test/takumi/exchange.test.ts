import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { VERSION } from '../../src/model/version.js';
import { attempt } from '../../src/takumi/exchange.js';
import type { Call } from '../../src/takumi/transport.js';
import {
  ask,
  BOT,
  credentialFor,
  failureOf,
  JSON_TYPE,
  KEY,
  LIMITS,
  LIST,
  NOW,
  PROBE,
  service,
} from './one-answer.js';

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
  ])('encoded as %s that cannot be decoded, or is too large then', async (encoding, body) => {
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
