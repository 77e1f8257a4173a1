import type { Dispatcher } from 'undici';
import type { Environment } from './credential.js';
import { isLoopback } from './endpoint.js';
import { SettingsError } from './settings-error.js';

/** Connections to the service, and how to send on them. */
export interface Dispatchers {
  /** Keeps connections open from one call to the next. */
  readonly reads: Dispatcher;
  /** A fresh connection for every call: one that the service has just closed would leave the outcome unknown for nothing. */
  readonly mutations: Dispatcher;
  readonly request: typeof import('./undici.js')['request'];
  close(): Promise<void>;
}

/** The proxy for HTTPS, empty for none, and the hosts that go without it. */
export interface ProxySettings {
  readonly url: string;
  readonly except: string;
}

const PROXIES = ['http:', 'https:', 'socks:', 'socks5:'];

/**
 * HTTPS_PROXY and NO_PROXY, in either case. A proxy without a scheme is one that speaks HTTP, as curl has it.
 *
 * @throws {SettingsError} for what is no URL of a proxy. The text is not repeated: it may hold a password.
 */
export function readProxy(environment: Environment): ProxySettings {
  const text = (environment.https_proxy ?? environment.HTTPS_PROXY ?? '').trim();
  const url = text === '' || /^[a-z][a-z0-9]*:\/\//i.test(text) ? text : `http://${text}`;
  if (url !== '' && !(URL.canParse(url) && PROXIES.includes(new URL(url).protocol))) {
    throw new SettingsError('HTTPS_PROXY is not the URL of a proxy; set it to http://HOST:PORT or unset it');
  }
  return { url, except: environment.no_proxy ?? environment.NO_PROXY ?? '' };
}

/**
 * Opens what requests travel on. Certificates are checked whatever the environment says; HTTPS goes through the proxy
 * that HTTPS_PROXY names unless NO_PROXY exempts the host, always by a tunnel; loopback never leaves the machine.
 *
 * undici takes longer to load than a small scan, so it is imported here, when the first request is due.
 *
 * @param connectTimeout milliseconds.
 */
export async function openDispatchers(
  apiUrl: URL,
  proxy: ProxySettings,
  connectTimeout: number,
): Promise<Dispatchers> {
  const { Agent, EnvHttpProxyAgent, request } = await import('./undici.js');
  const tls = { rejectUnauthorized: true, timeout: connectTimeout };
  const open = (options: { pipelining?: number } = {}): Dispatcher => {
    if (isLoopback(apiUrl.hostname)) return new Agent({ ...options, connect: tls });
    return new EnvHttpProxyAgent({
      ...options,
      connect: tls,
      requestTls: tls,
      proxyTls: tls,
      httpProxy: '',
      httpsProxy: proxy.url,
      noProxy: proxy.except,
    });
  };
  const reads = open();
  const mutations = open({ pipelining: 0 });
  return {
    reads,
    mutations,
    request,
    close: async () => {
      await Promise.all([reads.destroy(), mutations.destroy()]);
    },
  };
}
