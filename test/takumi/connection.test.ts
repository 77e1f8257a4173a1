import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/emulator.js';
import { TakumiClient } from '../../src/takumi/client.js';
import { readCredential } from '../../src/takumi/credential.js';
import { botId, botKey } from '../support/tokens.js';
import { selfSigned } from './certificate.js';
import { approved, connect, virtualTime } from './connect.js';

const HOST = 'api.example.test';
const KEY = botKey('connection');
const ENVIRONMENT = {
  TAKUMI_ORG_ID: 'org-1',
  TAKUMI_BOT_API_KEY: KEY,
  TAKUMI_BOT_ID: botId('connection'),
};

let closing: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  closing = [];
});
afterEach(async () => {
  for (const close of closing.reverse()) await close();
});

/** What reached the API over TLS, and all bytes that the proxy could read. */
interface Network {
  readonly requests: string[];
  readonly proxied: Buffer[];
  readonly proxyUrl: string;
  readonly cert: string;
}

/** An API behind TLS that only a proxy leads to. */
async function network(proxyStatus = 200): Promise<Network> {
  const { key, cert } = selfSigned(HOST);
  const requests: string[] = [];
  const api = createHttpsServer({ key, cert }, (request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    response.setHeader('content-type', 'application/json').end('{"tokens":[]}');
  });
  const apiPort = await listen(api);
  const proxied: Buffer[] = [];
  const proxy = createHttpServer((request, response) => {
    proxied.push(Buffer.from(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`));
    response.writeHead(400).end();
  });
  proxy.on('connect', (request, socket: Socket) => {
    proxied.push(Buffer.from(`CONNECT ${request.url} ${JSON.stringify(request.headers)}`));
    socket.write(`HTTP/1.1 ${proxyStatus} x\r\n\r\n`);
    if (proxyStatus !== 200) return socket.end();
    const onward = connectTcp(apiPort, '127.0.0.1');
    for (const side of [socket, onward]) side.on('error', () => {});
    socket.on('data', (bytes: Buffer) => proxied.push(bytes));
    return socket.pipe(onward).pipe(socket);
  });
  return { requests, proxied, proxyUrl: `http://127.0.0.1:${await listen(proxy)}`, cert };
}

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

function client(environment: Record<string, string>, host = HOST): TakumiClient {
  const url = `https://${host}/v1`;
  const credential = readCredential({ ...ENVIRONMENT, TAKUMI_API_URL: url }, () => '');
  if (credential === undefined) throw new Error('no credential');
  const made = new TakumiClient({ credential, environment, timing: virtualTime() });
  closing.push(() => made.close());
  return made;
}

describe('TLS', () => {
  test('a certificate that nobody vouches for ends the call before anything is sent', async () => {
    const { requests, proxyUrl } = await network();
    const error = await client({ HTTPS_PROXY: proxyUrl })
      .list()
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      kind: 'network',
      effect: 'none',
      message: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
      exchange: { attempts: 1 },
    });
    expect(requests).toEqual([]);
  });

  test('where nobody speaks it, no certificate is blamed', async () => {
    const host = `127.0.0.1:${await listen(createHttpServer())}`;
    const error = await client({}, host)
      .list()
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      kind: 'network',
      effect: 'none',
      message: expect.stringMatching(/does not speak TLS .* TAKUMI_API_URL and its port/),
      exchange: { attempts: 1 },
    });
  });

  test('not even NODE_TLS_REJECT_UNAUTHORIZED=0 switches that off', async () => {
    const { requests, proxyUrl } = await network();
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      await expect(client({ HTTPS_PROXY: proxyUrl }).list()).rejects.toMatchObject({ kind: 'network' });
    } finally {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    }
    expect(requests).toEqual([]);
  });

  test('through a proxy, with the CA that NODE_EXTRA_CA_CERTS names, all works, and the proxy reads nothing', async () => {
    const { requests, proxied, proxyUrl, cert } = await network();
    const folder = mkdtempSync(join(tmpdir(), 'guardsweep-test-'));
    closing.push(async () => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'ca.pem'), cert);
    await build({
      stdin: {
        contents: `
          import { TakumiClient } from './src/takumi/client.js';
          import { readCredential } from './src/takumi/credential.js';
          const client = new TakumiClient({ credential: readCredential(process.env, String), environment: process.env });
          client.list().then((list) => console.log(JSON.stringify(list))).finally(() => client.close());`,
        resolveDir: process.cwd(),
      },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outfile: join(folder, 'list.cjs'),
    });
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'list.cjs')], {
      env: {
        ...ENVIRONMENT,
        TAKUMI_API_URL: `https://${HOST}/v1`,
        HTTPS_PROXY: proxyUrl,
        NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
      },
    });
    expect(JSON.parse(stdout)).toMatchObject({ records: [], exchanges: [{ httpStatus: 200, attempts: 1 }] });
    expect(requests).toEqual([
      `GET /v1/o/org-1/guard/org-user-tokens Bearer ${KEY}:${ENVIRONMENT.TAKUMI_BOT_ID}`,
    ]);
    const seen = Buffer.concat(proxied).toString('latin1');
    expect(seen).toContain(`CONNECT ${HOST}:443`);
    expect(seen).not.toContain(KEY.slice(14, 40));
  });
});

describe('a proxy', () => {
  test.each([407, 403, 502])(
    'that answers %i is named as the cause, and its password is not',
    async (status) => {
      const { proxyUrl, proxied } = await network(status);
      const url = proxyUrl.replace('//', '//user:hunter22@');
      const error = await client({ https_proxy: url })
        .list()
        .catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        kind: 'network',
        effect: 'none',
        message: expect.stringContaining('HTTPS_PROXY'),
      });
      expect(String(error)).toContain(`(${status})`);
      expect(String(error)).not.toContain('hunter22');
      expect(Buffer.concat(proxied).toString()).not.toContain(KEY.slice(14, 40));
    },
  );

  test('that is no URL is refused at once, unquoted', () => {
    expect(() => client({ HTTPS_PROXY: 'ftp://user:hunter22@proxy' })).toThrow(
      'HTTPS_PROXY is not the URL of a proxy',
    );
    expect(() => client({ HTTPS_PROXY: 'http://[hunter22' })).toThrow(/^(?!.*hunter22)/);
    expect(() => client({ HTTPS_PROXY: 'proxy.example.test:3128' })).not.toThrow();
  });

  test('never sees what goes to loopback', async () => {
    const { proxyUrl, proxied } = await network();
    const emulator = await startEmulator();
    closing.push(() => emulator.close());
    const environment = { HTTP_PROXY: proxyUrl, HTTPS_PROXY: proxyUrl, http_proxy: proxyUrl };
    const before = { ...process.env };
    Object.assign(process.env, environment);
    try {
      expect((await connect(emulator, { environment }).list()).records).toEqual([]);
    } finally {
      for (const name of Object.keys(environment)) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
    }
    expect(proxied).toEqual([]);
  });
});

test('undici is loaded when the first request is due, not before', () => {
  const folder = join(import.meta.dirname, '../../src/takumi');
  const lines = readdirSync(folder)
    .filter((name) => name !== 'undici.ts')
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter((line) => /'(?:undici|\.\/undici\.js)'/.test(line));
  expect(lines.length).toBeGreaterThan(1);
  for (const line of lines) expect(line).toMatch(/^import type |import\('\.\/undici\.js'\)/);
});

test('a redirect takes nothing along: its target hears nothing', async () => {
  let heard = 0;
  const target = createHttpServer((_request, response) => {
    heard += 1;
    response.end('{}');
  });
  target.on('connection', () => {
    heard += 1;
  });
  const port = await listen(target);
  const emulator = await startEmulator({ faults: [{ redirect: `http://127.0.0.1:${port}/`, status: 307 }] });
  closing.push(() => emulator.close());
  const caller = connect(emulator);
  await expect(caller.list()).rejects.toMatchObject({ kind: 'redirect' });
  expect(await caller.issue('alice')).toMatchObject({ state: 'unknown', failure: 'redirect' });
  expect(await caller.revoke(approved('x'))).toMatchObject({ state: 'unknown', failure: 'redirect' });
  expect(heard).toBe(0);
});
