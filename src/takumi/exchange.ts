import { VERSION } from '../model/version.js';
import { readErrorText } from './answers.js';
import { contentOf } from './content-encoding.js';
import type { Credential } from './credential.js';
import type { Dispatchers } from './dispatchers.js';
import { type CallKind, type Failure, failureOfConnection, failureOfStatus } from './errors.js';
import type { JsonObject } from './json-shape.js';
import { parseJson } from './json-text.js';
import { pagingHeaders } from './more-pages.js';
import { quote } from './quote.js';
import { retryAfter } from './retry.js';
import type { Call, TransportLimits } from './transport.js';

/** What one attempt came to. */
export type Outcome =
  | {
      readonly ok: true;
      readonly status: number;
      readonly json: unknown;
      readonly link?: string;
      readonly paging?: JsonObject;
    }
  | { readonly ok: false; readonly failure: Failure };

interface RawAnswer {
  readonly status: number;
  /** Empty where there is none; several of one name are joined. */
  readonly header: (name: string) => string;
  readonly body: Buffer;
  /** `false` when there was more of the body than allowed. */
  readonly complete: boolean;
  /** `false` when the body is still encoded, in a way that can't be undone. */
  readonly decoded: boolean;
}

/** What counts as done, or as an answer: “accepted” is none to a question, and part of a list is no list. */
const SUCCESSES: Readonly<Record<CallKind, readonly number[]>> = {
  list: [200],
  probe: [200],
  issue: [200, 201],
  revoke: [200, 202, 204],
};

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
        'accept-encoding': 'identity',
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
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > cap) break;
    chunks.push(chunk);
  }
  const header = (name: string) => [headers[name] ?? []].flat().join(', ');
  const sent = Buffer.concat(chunks);
  const content = contentOf(sent, header('content-encoding'), cap);
  return {
    status: statusCode,
    header,
    body: content ?? sent,
    complete: size <= cap,
    decoded: content !== undefined,
  };
}

function judge(
  call: Call,
  credential: Credential,
  { status, header, body, complete, decoded }: RawAnswer,
  limits: TransportLimits,
  now: number,
): Outcome {
  const { host } = credential.apiUrl;
  if (status >= 300 && status < 400) {
    return unusable(
      'redirect',
      status,
      `the service redirects (${status})${target(header('location'), call, credential)}; redirects are never followed, because the credential would go along. Check TAKUMI_API_URL`,
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
  if (status < 200 || status >= 400) {
    const failure = failureOfStatus(call.kind, status, said(call, credential, header('content-type'), body));
    const wait = overloaded ? retryAfter(header('retry-after'), header('date'), now) : undefined;
    return fail(wait === undefined ? failure : { ...failure, retryAfter: wait });
  }
  if (!complete) {
    return unusable('malformed', status, `the answer (${status}) is larger than ${limits.answer} bytes`);
  }
  if (!SUCCESSES[call.kind].includes(status)) {
    return unusable(
      'malformed',
      status,
      `an answer of this status (${status}) says nothing of what was asked`,
    );
  }
  if (body.length === 0) return { ok: true, status, json: undefined };
  if (!decoded) {
    return unusable(
      'malformed',
      status,
      `the answer (${status}) is encoded (Content-Encoding) in a way that is not known, is damaged, or unpacks to more than ${limits.answer} bytes`,
    );
  }
  if (!isJson(header('content-type'))) {
    return unusable(
      'malformed',
      status,
      `the answer (${status}) is not JSON by its Content-Type. Check TAKUMI_API_URL`,
    );
  }
  const json = parseJson(body);
  if (json === undefined) {
    return unusable(
      'malformed',
      status,
      `the answer (${status}) is called JSON but is none, or names one field twice. Try again`,
    );
  }
  const link = header('link');
  const paging = pagingHeaders(header);
  return {
    ok: true,
    status,
    json: json.value,
    ...(link === '' ? {} : { link }),
    ...(Object.keys(paging).length === 0 ? {} : { paging }),
  };
}

function fail(failure: Failure): Outcome {
  return { ok: false, failure };
}

/** An answer came, but not one that says what became of the call. */
function unusable(kind: Failure['kind'], status: number, detail: string): Outcome {
  return fail({ kind, detail, httpStatus: status, effect: 'possible', transient: false });
}

/** Where a redirect leads, by its origin only: the rest may repeat what was sent. */
function target(location: string, call: Call, credential: Credential): string {
  if (location === '' || !URL.canParse(location, credential.apiUrl.href)) return '';
  const { origin } = new URL(location, credential.apiUrl);
  // A host is written in lower case, whatever stood in it.
  const secrets = secretsOf(call, credential).map((secret) => secret.toLowerCase());
  const shown = quote(origin, secrets);
  return shown === '' || shown === 'null' ? '' : ` to ${shown}`;
}

function said(call: Call, credential: Credential, contentType: string, body: Buffer): string {
  if (!isJson(contentType)) return '';
  const text = readErrorText(parseJson(body)?.value);
  if (text === undefined) return '';
  const quoted = quote(text, secretsOf(call, credential));
  return quoted === '' ? '' : ` (the service says: ${quoted})`;
}

/** What no message may quote. */
function secretsOf({ secret }: Call, { key }: Credential): string[] {
  return secret === undefined ? [key.reveal()] : [key.reveal(), secret.reveal()];
}

function isJson(contentType: string): boolean {
  return /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(contentType);
}

function isHtml(contentType: string, body: Buffer): boolean {
  if (/^(text\/html|application\/xhtml\+xml)\b/i.test(contentType)) return true;
  return !isJson(contentType) && /^\s*</.test(body.subarray(0, 256).toString('latin1'));
}
