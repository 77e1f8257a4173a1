import { Readable } from 'node:stream';
import { SecretValue } from '../../src/model/secret.js';
import { type Credential, readCredential } from '../../src/takumi/credential.js';
import type { Dispatchers } from '../../src/takumi/dispatchers.js';
import { attempt, type Outcome } from '../../src/takumi/exchange.js';
import type { Call, TransportLimits } from '../../src/takumi/transport.js';
import { botId, botKey, orgToken } from '../support/tokens.js';

export const KEY = botKey('exchange');
export const BOT = botId('exchange');
export const NOW = Date.UTC(2026, 0, 1);
export const LIMITS: TransportLimits = { connect: 1_000, attempt: 5_000, answer: 2 ** 20 };
export const LIST: Call = { kind: 'list', title: 'Listing', method: 'GET', path: '/o/x?y=1' };
export const token = orgToken('exchange', 40, 'base64url');
export const PROBE: Call = {
  kind: 'probe',
  title: 'Probing',
  method: 'POST',
  path: '/o/x/probe',
  body: { a: 1 },
  secret: new SecretValue(token, 7),
};
export const JSON_TYPE = { 'content-type': 'application/json' };

export interface Script {
  readonly status?: number;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer | Readable;
}

/** A service that answers everything with one answer, and what it was asked. */
export function service({ status = 200, headers = JSON_TYPE, body = '' }: Script) {
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

export function credentialFor(url = 'https://api.example.test/v1'): Credential {
  const environment = {
    TAKUMI_ORG_ID: 'x',
    TAKUMI_BOT_API_KEY: KEY,
    TAKUMI_BOT_ID: BOT,
    TAKUMI_API_URL: url,
  };
  return readCredential(environment, () => '')!;
}

export const ask = (script: Script, call = LIST, limits: Partial<TransportLimits> = {}): Promise<Outcome> =>
  attempt(call, credentialFor(), service(script).dispatchers, { ...LIMITS, ...limits }, NOW);

export async function failureOf(script: Script, call = LIST, limits: Partial<TransportLimits> = {}) {
  const outcome = await ask(script, call, limits);
  if (outcome.ok) throw new Error('it is an answer');
  return outcome.failure;
}
