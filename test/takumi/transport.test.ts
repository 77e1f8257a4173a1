import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readCredential } from '../../src/takumi/credential.js';
import type { TakumiError } from '../../src/takumi/errors.js';
import { DEFAULT_RETRY, type RetryPolicy } from '../../src/takumi/retry.js';
import { type Call, DEFAULT_TRANSPORT_LIMITS, Transport } from '../../src/takumi/transport.js';
import { botId, botKey } from '../support/tokens.js';

const LIST: Call = { kind: 'list', title: 'Listing the tokens', method: 'GET', path: '/list' };
const PROBE: Call = { kind: 'probe', title: 'Probing', method: 'POST', path: '/probe', body: {} };
const REVOKE: Call = { kind: 'revoke', title: 'Revoking T1', method: 'DELETE', path: '/T1' };
const FINE: Answer = { status: 200, body: '[]' };
const FAILED = 'Listing the tokens failed: the service failed (500). Try again later';
const LIMITED =
  'Listing the tokens failed: the service answers that there were too many requests (429). Try again later';

interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

/** What the service answers next, the last of it for ever; and what it was asked. */
let answers: Answer[];
let asked: string[];
let open: Set<Socket>;
let port: number;
const server = createServer((request, response) => {
  asked.push(request.url!.replace('/v1', ''));
  const { status, body = '', headers = {} } = answers.length > 1 ? answers.shift()! : answers[0]!;
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
});
server.on('connection', (socket: Socket) => {
  open.add(socket);
  socket.on('close', () => open.delete(socket));
});
beforeEach(async () => {
  [answers, asked, open] = [[FINE], [], new Set()];
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A transport to it. Time passes by sleeping alone, from the fifth second; every backoff is nothing by chance. */
function transport(retry: Partial<RetryPolicy> = {}, at = port) {
  let now = 5_000;
  const slept: number[] = [];
  const timing = {
    monotonic: () => now,
    wall: () => 0,
    sleep: async (milliseconds: number) => {
      if (slept.push(milliseconds) > 100) throw new Error('it sleeps for ever');
      now += milliseconds;
    },
    random: () => 0,
  };
  const environment = {
    TAKUMI_ORG_ID: 'x',
    TAKUMI_BOT_API_KEY: botKey('transport'),
    TAKUMI_BOT_ID: botId('transport'),
    TAKUMI_API_URL: `http://127.0.0.1:${at}/v1`,
  };
  const credential = readCredential(environment, () => '')!;
  const policy = { ...DEFAULT_RETRY, ...retry };
  const made = new Transport(credential, { url: '', except: '' }, timing, policy, DEFAULT_TRANSPORT_LIMITS);
  const failure = (call: Call) =>
    made.send(call).then(
      () => {
        throw new Error('it was answered');
      },
      (error: TakumiError) => error,
    );
  return { made, slept, timing, failure };
}

describe('what is told of an answer', () => {
  test('what it held, and what it took', async () => {
    answers = [{ status: 429, headers: { 'retry-after': '7' } }, FINE];
    const { made, slept } = transport();
    expect(await made.send(LIST)).toStrictEqual({
      json: [],
      exchange: { httpStatus: 200, attempts: 2, ms: 7_000 },
    });
    expect(slept, 'as long as was asked, and not once more').toEqual([7_000]);
    await made.close();
  });

  test('where it links to', async () => {
    answers = [{ ...FINE, headers: { link: '<a>; rel="next"' } }];
    const { made } = transport();
    expect(await made.send(LIST)).toStrictEqual({
      json: [],
      link: '<a>; rel="next"',
      exchange: { httpStatus: 200, attempts: 1, ms: 0 },
    });
    await made.close();
  });
});

describe('what is told of a failure', () => {
  const told = async (answer: Answer, call = LIST, retry: Partial<RetryPolicy> = {}) => {
    answers = [answer];
    const { made, failure } = transport(retry);
    const { message, kind, effect, exchange } = await failure(call);
    await made.close();
    return { message, kind, effect, exchange };
  };

  test('that does not pass', async () => {
    expect(await told({ status: 422 })).toStrictEqual({
      message: 'Listing the tokens failed: the service refused the request (422).',
      kind: 'refused',
      effect: 'none',
      exchange: { httpStatus: 422, attempts: 1, ms: 0 },
    });
  });

  test('that lasted', async () => {
    expect(await told({ status: 500 })).toStrictEqual({
      message: `${FAILED}. It was tried 5 times.`,
      kind: 'server',
      effect: 'possible',
      exchange: { httpStatus: 500, attempts: 5, ms: 0 },
    });
  });

  test('that may have been none', async () => {
    const { message, exchange } = await told({ status: 500 }, REVOKE);
    expect(message).toBe(
      'Revoking T1 failed: the service failed (500). Try again later, but look first whether it took effect: it was not repeated for that reason.',
    );
    expect(exchange.attempts).toBe(1);
  });

  test('where nobody listens', async () => {
    const { made, failure } = transport({ attempts: 2 }, 1);
    expect((await failure(LIST)).exchange, 'no status of an answer').toStrictEqual({ attempts: 2, ms: 0 });
    await made.close();
  });

  test('after many others', async () => {
    answers = [{ status: 500 }];
    const { made, failure } = transport();
    for (let time = 0; time < 5; time++) expect((await failure(LIST)).message).toMatch(/tried 5 times/);
    await failure(LIST);
    expect((await failure(LIST)).message).toBe(
      `${FAILED}. It was not repeated: too many calls failed already.`,
    );
    await made.close();
  });
});

describe('a wait that the service asks for', () => {
  const limited = (seconds: number): Answer => ({ status: 429, headers: { 'retry-after': `${seconds}` } });

  test('as long as our patience is waited', async () => {
    answers = [limited(120), FINE];
    const { made, slept } = transport({ patience: 120_000 });
    await made.send(LIST);
    expect(slept).toEqual([120_000]);
    await made.close();
  });

  test('by the next call, too', async () => {
    answers = [limited(120), FINE];
    const { made, slept, failure } = transport({ patience: 120_000, attempts: 1 });
    expect((await failure(LIST)).message).toBe(`${LIMITED}. It was tried once.`);
    await made.send(PROBE);
    expect(slept).toEqual([120_000]);
    await made.close();
  });

  test('longer than that is told, and nothing more is sent', async () => {
    answers = [limited(121), FINE];
    const { made, slept, failure } = transport({ patience: 119_500 });
    const words = 'The service asks to wait 121 s, longer than the 120 s allowed; run again after that.';
    expect((await failure(LIST)).message).toBe(`${LIMITED}. ${words}`);
    const { message, kind, effect, exchange } = await failure(REVOKE);
    expect({ message, kind, effect, exchange }).toStrictEqual({
      message: `Revoking T1 failed: nothing was sent. ${words}`,
      kind: 'rate_limited',
      effect: 'none',
      exchange: { attempts: 0, ms: 0 },
    });
    expect([slept, asked]).toEqual([[], ['/list']]);
    await made.close();
  });
});

test('what fails otherwise holds no other call back', async () => {
  answers = [{ status: 500 }, FINE];
  const { made, timing } = transport();
  const sleeps: number[] = [];
  timing.random = () => 0.5;
  timing.sleep = async (milliseconds) => {
    sleeps.push(milliseconds);
    if (sleeps.length === 1) await made.send(PROBE);
  };
  await made.send(LIST);
  expect(sleeps).toEqual([250]);
  expect(asked).toEqual(['/list', '/probe', '/list']);
  await made.close();
});

test('closing ends the connections, if there are any; the next call opens new ones', async () => {
  const { made } = transport();
  await made.close();
  for (let time = 0; time < 2; time++) {
    await made.send(LIST);
    expect(open.size).toBe(1);
    await made.close();
    await vi.waitFor(() => expect(open.size).toBe(0));
  }
});
