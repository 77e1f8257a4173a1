import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Dispatchers, openDispatchers, readProxy } from '../../src/takumi/dispatchers.js';
import { SettingsError } from '../../src/takumi/settings-error.js';
import { selfSigned } from './certificate.js';

const DIRECT = { url: '', except: '' };
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closing.splice(0).reverse()) await close();
});

/** Listens on loopback and counts connections. */
async function listen(
  server: Server,
): Promise<{ port: number; connections: Set<Socket>; open: Set<Socket> }> {
  const connections = new Set<Socket>();
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    for (const socket of connections) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, connections, open };
}

async function opened(url: URL, proxy = DIRECT): Promise<Dispatchers> {
  const dispatchers = await openDispatchers(url, proxy, 1_000);
  closing.push(() => dispatchers.close());
  return dispatchers;
}

describe('the proxy that the environment names', () => {
  test.each([
    [{}, ''],
    [{ HTTPS_PROXY: '  ' }, ''],
    [{ https_proxy: 'http://a', HTTPS_PROXY: 'http://b' }, 'http://a'],
    [{ https_proxy: '', HTTPS_PROXY: 'http://b' }, ''],
    [{ HTTPS_PROXY: ' http://b ' }, 'http://b'],
    [{ HTTPS_PROXY: ' b:3128 ' }, 'http://b:3128'],
    [{ HTTPS_PROXY: 'b:3128/?c=http://d' }, 'http://b:3128/?c=http://d'],
    [{ HTTPS_PROXY: 'HTTPS://b' }, 'HTTPS://b'],
    [{ HTTPS_PROXY: 'socks://b' }, 'socks://b'],
    [{ HTTPS_PROXY: 'socks5://b' }, 'socks5://b'],
    [{ HTTP_PROXY: 'http://b', ALL_PROXY: 'http://c' }, ''],
  ])('of %j is “%s”', (environment, url) => {
    expect(readProxy(environment)).toStrictEqual({ url, except: '' });
  });

  test.each([
    [{ no_proxy: 'a', NO_PROXY: 'b' }, 'a'],
    [{ NO_PROXY: 'b' }, 'b'],
  ])('but for the hosts of %j', (environment, except) => {
    expect(readProxy(environment)).toStrictEqual({ url: '', except });
  });

  test.each(['ftp://hunter22@b', 'xhttp://hunter22@b', 'http2://hunter22@b', 'http://[hunter22', 'a b'])(
    '%s is none',
    (text) => {
      const read = () => readProxy({ HTTPS_PROXY: text });
      expect(read).toThrow(SettingsError);
      expect(read).toThrow(
        /^HTTPS_PROXY is not the URL of a proxy; set it to http:\/\/HOST:PORT or unset it$/,
      );
    },
  );
});

describe('connections', () => {
  test('of reads are kept, of mutations are fresh, and closing ends them', async () => {
    const server = createHttpServer((_request, response) => response.end('{}'));
    const { port, connections, open } = await listen(server);
    const url = new URL(`http://127.0.0.1:${port}`);
    const { reads, mutations, request, close } = await opened(url);
    const send = async (dispatcher: Dispatchers['reads']) => {
      await (await request(url, { dispatcher })).body.dump();
    };
    for (let time = 0; time < 10; time++) await send(reads);
    const kept = connections.size;
    expect(kept).toBeLessThan(10);
    for (let time = 0; time < 10; time++) await send(mutations);
    expect(connections.size).toBe(kept + 10);
    await vi.waitFor(() => expect(open.size).toBe(kept));
    await close();
    await vi.waitFor(() => expect(open.size).toBe(0));
    await expect(send(reads)).rejects.toThrow('destroyed');
    await expect(send(mutations)).rejects.toThrow('destroyed');
  });

  test('to loopback pass no proxy, and check certificates whatever the environment says', async () => {
    const heard: string[] = [];
    const api = await listen(
      createHttpsServer(selfSigned('127.0.0.1'), (_request, response) => {
        heard.push('a request');
        response.end('{}');
      }),
    );
    const proxy = await listen(createHttpServer());
    const url = new URL(`https://127.0.0.1:${api.port}`);
    const { reads, mutations, request } = await opened(url, {
      url: `http://127.0.0.1:${proxy.port}`,
      except: '',
    });
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    for (const dispatcher of [reads, mutations]) {
      await expect(request(url, { dispatcher })).rejects.toMatchObject({
        code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      });
    }
    expect(heard).toEqual([]);
    expect([api.connections.size, proxy.connections.size]).toEqual([2, 0]);
  });
});
