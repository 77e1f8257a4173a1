import type { CallFailure, Exchange } from '../model/token.js';

/** The four endpoints, as reports name them. */
export type CallKind = 'issue' | 'list' | 'probe' | 'revoke';

/** A failed attempt, before it is known whether another follows. */
export interface Failure {
  readonly kind: CallFailure;
  /** What happened and what to do, as the rest of a sentence that begins with what was tried. */
  readonly detail: string;
  readonly httpStatus?: number;
  /** Whether the service may have carried the call out although it failed. */
  readonly effect: 'none' | 'possible';
  /** Whether the same call may do better later. */
  readonly transient: boolean;
  /** Milliseconds that the service asked us to wait. */
  readonly retryAfter?: number;
}

/** A call to the service failed. The message says what was tried, what happened and what to do; it holds no secret. */
export class TakumiError extends Error {
  override readonly name = 'TakumiError';
  readonly kind: CallFailure;
  readonly call: CallKind;
  readonly effect: 'none' | 'possible';
  readonly exchange: Exchange;

  constructor(
    call: CallKind,
    message: string,
    failure: Pick<Failure, 'kind' | 'effect'>,
    exchange: Exchange,
  ) {
    super(message);
    this.call = call;
    this.kind = failure.kind;
    this.effect = failure.effect;
    this.exchange = exchange;
  }
}

const ROLES: Record<CallKind, string> = {
  issue: 'it needs the role organization/takumi_guard_token_issuer to issue tokens',
  revoke: 'it needs the role organization/takumi_manager to revoke tokens',
  list: 'it may not list tokens; a bot with only organization/takumi_guard_token_issuer cannot, try organization/takumi_manager',
  probe:
    'it may not probe tokens; a bot with only organization/takumi_guard_token_issuer may lack that, try organization/takumi_manager',
};

/** Not there, in no state to be revoked, no longer there: somebody else may have been faster. */
const NOTHING_TO_REVOKE: ReadonlySet<number> = new Set([404, 409, 410]);

/** What an answer's status means, for every status that is no success. `said` is the service's own explanation, made safe. */
export function failureOfStatus(call: CallKind, status: number, said: string): Failure {
  const failure = (kind: CallFailure, detail: string, more: Partial<Failure> = {}): Failure => ({
    kind,
    detail: `${detail}${said}`,
    httpStatus: status,
    effect: 'none',
    transient: false,
    ...more,
  });
  if (status === 401) {
    return failure(
      'unauthorized',
      'the service does not accept the credential (401). Check TAKUMI_BOT_API_KEY and TAKUMI_BOT_ID: both belong to the same bot, and the key was not regenerated or deleted',
    );
  }
  if (status === 403) {
    return failure(
      'forbidden',
      `the bot is not allowed to (403): ${ROLES[call]}. Also check that TAKUMI_ORG_ID is the bot's organization, and that Guard is enabled there`,
    );
  }
  if (call === 'revoke' && NOTHING_TO_REVOKE.has(status)) {
    return failure(
      'not_found',
      `the service has no such token to revoke (${status}); a probe can tell whether it is dead`,
    );
  }
  if (status === 404) {
    return failure(
      'not_found',
      'there is nothing at this address (404). Check TAKUMI_ORG_ID and TAKUMI_API_URL (it ends in /v1)',
    );
  }
  if (status === 429) {
    return failure(
      'rate_limited',
      'the service answers that there were too many requests (429). Try again later',
      {
        transient: true,
      },
    );
  }
  if (status >= 500) {
    return failure('server', `the service failed (${status}). Try again later`, {
      transient: status !== 501,
      effect: 'possible',
    });
  }
  if (status === 408) {
    return failure('timeout', 'the service gave up waiting for the request (408). Try again', {
      transient: true,
      effect: 'possible',
    });
  }
  return failure('refused', `the service refused the request (${status})`);
}

const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
]);
/** What answers there does not speak TLS at all. */
const NO_TLS = 'ERR_SSL_WRONG_VERSION_NUMBER';
const CERTIFICATE = /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_|ERR_SSL_|EPROTO$)/;

/** What a call that got no whole answer failed of. The causes' own texts are left out: a proxy's may hold its password. */
export function failureOfConnection(error: unknown, host: string): Failure {
  const code = codeOf(error);
  const proxy = error instanceof Error ? /Proxy response \((\d{3})\)/.exec(error.message)?.[1] : undefined;
  const never: Failure = { kind: 'network', detail: '', effect: 'none', transient: true };
  if (proxy !== undefined || (error instanceof Error && error.message.includes('Proxy Authentication'))) {
    return {
      ...never,
      detail: `the proxy did not let the connection to ${host} through (${proxy ?? 407}). Check HTTPS_PROXY and its password, or name the host in NO_PROXY`,
      transient: false,
    };
  }
  if (code === NO_TLS) {
    return {
      ...never,
      detail: `what answers at ${host} does not speak TLS (${code}). Check TAKUMI_API_URL and its port, and whether a proxy stands in between`,
      transient: false,
    };
  }
  if (CERTIFICATE.test(code)) {
    return {
      ...never,
      detail: `the certificate of ${host} cannot be trusted (${code}). Where a company's proxy opens TLS, name its CA in NODE_EXTRA_CA_CERTS; otherwise stop: somebody may be listening`,
      transient: false,
    };
  }
  if (NEVER_CONNECTED.has(code)) {
    return {
      ...never,
      detail: `${host} cannot be reached (${code}). Check the network, TAKUMI_API_URL and HTTPS_PROXY`,
    };
  }
  return {
    ...never,
    detail: `the connection to ${host} broke before the answer was complete (${code}). Try again`,
    effect: 'possible',
  };
}

function codeOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    // Several addresses of one host failed: the first says why.
    if (cause instanceof AggregateError && cause.errors.length > 0) return codeOf(cause.errors[0]);
    if (typeof code === 'string' && /^[A-Z0-9_]{3,60}$/.test(code)) return code;
  }
  return 'no code';
}
