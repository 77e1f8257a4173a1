import { VERSION } from '../model/version.js';
import type { Credential } from './credential.js';
import type { Dispatchers } from './dispatchers.js';
import { type Failure, failureOfConnection, failureOfStatus } from './errors.js';
import { quote } from './quote.js';
import { retryAfter } from './retry.js';
import type { Call, TransportLimits } from './transport.js';
import { readErrorText } from './wire.js';

/** What one attempt came to. */
export type Outcome =
  | { readonly ok: true; readonly status: number; readonly json: unknown; readonly link?: string }
  | { readonly ok: false; readonly failure: Failure };

interface RawAnswer {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  /** `undefined` when it was larger than allowed. */
  readonly body: Buffer | undefined;
}

/** Bytes of an error's body that are worth reading for its explanation. */
const ERROR_BODY = 64 * 1024;

/**
 * Sends `call` once and reads the answer. Redirects are not followed; nothing but JSON is taken for an answer.
 *
 * @param now milliseconds since 1970 on this machine.
 */
export async function attempt(
  call: Call,
  credential: Credential,
  dispatchers: Dispatchers,
  limits: TransportLimits,
  now: number,
): Promise<Outcome> {
  const { apiUrl } = credential;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), limits.attempt);
  try {
    const answer = await exchange(call, credential, dispatchers, limits, abort.signal);
    return judge(call, credential, answer, limits, now);
  } catch (error) {
    if (abort.signal.aborted) {
      return fail({
        kind: 'timeout',
        detail: `${apiUrl.host} did not answer within ${limits.attempt / 1000} s. Try again`,
        effect: 'possible',
        transient: true,
      });
    }
    return fail(failureOfConnection(error, apiUrl.host));
  } finally {
    clearTimeout(timer);
  }
}

async function exchange(
  call: Call,
  credential: Credential,
  dispatchers: Dispatchers,
  limits: TransportLimits,
  signal: AbortSignal,
): Promise<RawAnswer> {
  const { apiUrl, key, botId } = credential;
  const mutation = call.kind === 'issue' || call.kind === 'revoke';
  const { statusCode, headers, body } = await dispatchers.request(
    `${apiUrl.href.replace(/\/$/, '')}${call.path}`,
    {
      dispatcher: mutation ? dispatchers.mutations : dispatchers.reads,
      method: call.method,
      headers: {
        authorization: `Bearer ${key.reveal()}:${botId}`,
        accept: 'application/json',
        'user-agent': `guardsweep/${VERSION}`,
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      headersTimeout: limits.attempt,
      bodyTimeout: limits.attempt,
      signal,
    },
  );
  const cap = statusCode < 300 ? limits.answer : Math.min(limits.answer, ERROR_BODY);
  const chunks: Buffer[] = [];
  let size = 0;
  body.on('error', () => {});
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > cap) break;
    chunks.push(chunk);
  }
  return {
    status: statusCode,
    header: (name) => {
      const value = headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    body: size > cap ? undefined : Buffer.concat(chunks),
  };
}

function judge(
  call: Call,
  credential: Credential,
  { status, header, body }: RawAnswer,
  limits: TransportLimits,
  now: number,
): Outcome {
  const { host } = credential.apiUrl;
  if (status >= 300 && status < 400) {
    return unusable(
      'redirect',
      status,
      `the service redirects (${status})${target(header('location'), credential)}; redirects are never followed, because the credential would go along. Check TAKUMI_API_URL`,
    );
  }
  const overloaded = status === 429 || status >= 500;
  if (!overloaded && isHtml(header('content-type'), body)) {
    return unusable(
      'captive',
      status,
      `a web page came instead of the API's answer (${status}): ${host} was answered for by a login page of the network, a proxy or a wrong TAKUMI_API_URL. Open the network's page in a browser, or check the address`,
    );
  }
  if (status >= 300 || status < 200) {
    const failure = failureOfStatus(call.kind, status, said(call, credential, header('content-type'), body));
    const wait = overloaded ? retryAfter(header('retry-after'), header('date'), now) : undefined;
    return fail(wait === undefined ? failure : { ...failure, retryAfter: wait });
  }
  if (body === undefined) {
    return unusable('malformed', status, `the answer (${status}) is larger than ${limits.answer} bytes`);
  }
  if (body.length === 0) return { ok: true, status, json: undefined };
  const encoding = header('content-encoding') ?? 'identity';
  if (!isJson(header('content-type')) || encoding !== 'identity') {
    return unusable(
      'malformed',
      status,
      `the answer (${status}) is not JSON by its Content-Type. Check TAKUMI_API_URL`,
    );
  }
  const json = parse(body);
  if (json === undefined) {
    return unusable('malformed', status, `the answer (${status}) is called JSON but is none. Try again`);
  }
  const link = header('link');
  return { ok: true, status, json: json.value, ...(link === undefined ? {} : { link }) };
}

function fail(failure: Failure): Outcome {
  return { ok: false, failure };
}

/** An answer came, but not one that says what became of the call. */
function unusable(kind: Failure['kind'], status: number, detail: string): Outcome {
  return fail({ kind, detail, httpStatus: status, effect: 'possible', transient: false });
}

/** Where a redirect leads, by its origin only: the rest may repeat what was sent. */
function target(location: string | undefined, credential: Credential): string {
  if (location === undefined || !URL.canParse(location, credential.apiUrl.href)) return '';
  const { origin } = new URL(location, credential.apiUrl);
  const shown = quote(origin, [credential.key.reveal()]);
  return shown === '' || shown === 'null' ? '' : ` to ${shown}`;
}

function said(
  call: Call,
  credential: Credential,
  contentType: string | undefined,
  body: Buffer | undefined,
): string {
  if (body === undefined || !isJson(contentType)) return '';
  const text = readErrorText(parse(body)?.value);
  if (text === undefined) return '';
  const secrets = [credential.key.reveal(), ...(call.secret === undefined ? [] : [call.secret.reveal()])];
  const quoted = quote(text, secrets);
  return quoted === '' ? '' : ` (the service says: ${quoted})`;
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(contentType ?? '');
}

function isHtml(contentType: string | undefined, body: Buffer | undefined): boolean {
  if (/^(text\/html|application\/xhtml\+xml)\b/i.test(contentType ?? '')) return true;
  return !isJson(contentType) && /^\s*</.test(body?.subarray(0, 256).toString('latin1') ?? '');
}

function parse(body: Buffer): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) };
  } catch {
    return undefined;
  }
}
