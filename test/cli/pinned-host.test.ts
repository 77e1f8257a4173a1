import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { emulator } from '../support/emulator.js';
import { folder, guardsweep } from '../support/program.js';
import { findingOf, reportOf } from '../support/report.js';
import { botId, botKey, orgToken } from '../support/tokens.js';

const TOKEN = orgToken('pinned');
const CREDENTIAL = {
  TAKUMI_ORG_ID: 'O',
  TAKUMI_BOT_API_KEY: botKey('pinned'),
  TAKUMI_BOT_ID: botId('pinned'),
};

test('nothing in the scanned tree leads the credential or a token elsewhere', async () => {
  const trap = await listening();
  const service = await emulator(
    [{ token: TOKEN, user_identifier: 'alice', status: 'active' }],
    ['--dialect', 'id'],
  );
  const dir = folder();
  const lure = `http://127.0.0.1:${trap.port}/v1`;
  const settings = `TAKUMI_API_URL=${lure}\nHTTPS_PROXY=${lure}\nhttps_proxy=${lure}\nNODE_OPTIONS=--require ./evil.cjs\n`;
  const files: Record<string, string> = {
    '.env': settings,
    '.env.local': settings,
    '.npmrc': `proxy=${lure}\nhttps-proxy=${lure}\nregistry=${lure}\n//127.0.0.1:${trap.port}/:_authToken=${TOKEN}\n`,
    'guardsweep.yaml': `api_url: ${lure}\notherwise: notify\n`,
    '.guardsweep.json': JSON.stringify({ api_url: lure, revoke: false }),
    'package.json': JSON.stringify({
      type: 'module',
      guardsweep: { api_url: lure },
      config: { proxy: lure },
    }),
    'evil.cjs': 'process.exit(0)',
    wgetrc: `https_proxy=${lure}\n`,
  };
  mkdirSync(join(dir, '.git'));
  writeFileSync(
    join(dir, '.git', 'config'),
    `[http]\n\tproxy = ${lure}\n[url "${lure}"]\n\tinsteadOf = https://\n`,
  );
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  const ended = await guardsweep(['scan', '--revoke', '--yes', '--format', 'json', '.'], {
    cwd: dir,
    env: service.env,
  });
  expect(findingOf(reportOf(ended), TOKEN)!.remediation.state).toBe('verified_revoked');
  expect(trap.connections()).toBe(0);
});

test('a redirect, wherever it leads, is not followed: neither list, probe nor revocation', async () => {
  const trap = await listening();
  for (const status of [301, 302, 303, 307, 308]) {
    const requests: string[] = [];
    const server = createHttpServer((request, response) => {
      requests.push(request.method!);
      request.resume();
      response.writeHead(status, { location: `http://127.0.0.1:${trap.port}/v1` }).end();
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const env = { ...CREDENTIAL, TAKUMI_API_URL: url };
    const ended = await guardsweep(['scan', '--revoke', '--yes', '-'], { env, stdin: TOKEN });
    expect(ended.code, ended.stderr).toBe(4);
    expect(requests).not.toContain('DELETE');
    await guardsweep(['tokens', 'revoke', 'ID', '--yes'], { env });
    await guardsweep(['tokens', 'issue', 'alice'], { env });
  }
  expect(trap.connections()).toBe(0);
});

test.each([
  ['http://localhost.attacker.example/v1', /https/],
  ['http://127.0.0.1.attacker.example/v1', /https/],
  ['http://2130706433.example/v1', /https/],
  ['https://user:password@127.0.0.1/v1', /host and a path only/],
  ['ftp://127.0.0.1/v1', /https/],
])('%s is refused before anything is sent', async (url, says) => {
  const ended = await guardsweep(['scan', '--probe', '-'], {
    env: { ...CREDENTIAL, TAKUMI_API_URL: url },
    stdin: TOKEN,
  });
  expect(ended.code).toBe(3);
  expect(ended.stderr).toMatch(says);
  expect(ended.stderr).not.toContain('password@');
});

test('a proxy sees a tunnel to the pinned host, and no byte of the credential or a token', async () => {
  const trap = await listening();
  const proxy = `http://127.0.0.1:${trap.port}`;
  const env = {
    ...CREDENTIAL,
    TAKUMI_API_URL: 'https://guard.example/v1',
    HTTPS_PROXY: proxy,
    HTTP_PROXY: proxy,
  };
  const ended = await guardsweep(['tokens', 'probe'], { env, stdin: TOKEN });
  expect(ended.code).not.toBe(0);
  expect(trap.connections()).toBeGreaterThan(0);
  const seen = trap.received();
  expect(seen).toMatch(/^CONNECT guard\.example:443/);
  for (const secret of [TOKEN, CREDENTIAL.TAKUMI_BOT_API_KEY, CREDENTIAL.TAKUMI_BOT_ID]) {
    expect(seen).not.toContain(secret);
    expect(seen).not.toContain(Buffer.from(secret).toString('base64').slice(0, 20));
  }
  expect(seen.toLowerCase()).not.toContain('authorization');
});

test('NODE_TLS_REJECT_UNAUTHORIZED=0 is refused', async () => {
  const env = { ...CREDENTIAL, NODE_TLS_REJECT_UNAUTHORIZED: '0' };
  const ended = await guardsweep(['scan', '--revoke', '--yes', '-'], { env, stdin: TOKEN });
  expect(ended.code).toBe(3);
  expect(ended.stderr).toMatch(/NODE_EXTRA_CA_CERTS/);
});

/** Somebody who waits for what should never come: it takes what it gets, and hangs up. */
async function listening() {
  let connections = 0;
  let received = '';
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    received: () => received,
  };
}
