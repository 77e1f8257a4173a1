import type { Approved } from '../model/plan.js';
import { SecretValue } from '../model/secret.js';
import type {
  CallFailure,
  Exchange,
  IssueAnswer,
  ProbeAnswer,
  RevokeAnswer,
  TokenList,
} from '../model/token.js';
import { checkRevoked, readIssue, readProbe } from './answers.js';
import type { Credential, Environment } from './credential.js';
import { readProxy } from './dispatchers.js';
import { type CallKind, TakumiError } from './errors.js';
import { type NameTrace, ShapeError } from './json-shape.js';
import { readListPage } from './list-page.js';
import { PageCollector } from './page-collector.js';
import { DEFAULT_RETRY, type RetryPolicy } from './retry.js';
import { SYSTEM_TIMING, type Timing } from './timing.js';
import {
  type Answer,
  type Call,
  DEFAULT_TRANSPORT_LIMITS,
  Transport,
  type TransportLimits,
} from './transport.js';
import * as wire from './wire.js';

/** What an observer hears of every call that came to an end, for the report's `actions`. A page of the list is a call. */
export interface ObservedCall extends Exchange {
  readonly kind: CallKind;
  /** When it began, ISO 8601. */
  readonly at: string;
  /** `ok`, a state that the answer told, or why it failed. */
  readonly outcome: string;
  readonly tokenId?: string;
  /** What was probed. */
  readonly secret?: SecretValue;
}

export interface TakumiClientOptions {
  readonly credential: Credential;
  /** Where HTTPS_PROXY and NO_PROXY are looked up. */
  readonly environment?: Environment;
  readonly observer?: (call: ObservedCall) => void;
  readonly timing?: Timing;
  readonly retry?: Partial<RetryPolicy>;
  readonly limits?: Partial<TransportLimits>;
}

const TOKEN_PREFIX = 'tg_org_';
const LONGEST_USER = 1024;

/**
 * The four endpoints of the service. `list` fails whole or answers whole; the others answer with a state, and `unknown`
 * is every outcome that is not certain. Nothing is read as dead because a call failed.
 */
export class TakumiClient {
  readonly orgId: string;
  readonly apiUrl: string;
  readonly #transport: Transport;
  readonly #timing: Timing;
  readonly #observer: (call: ObservedCall) => void;

  constructor(options: TakumiClientOptions) {
    const { credential } = options;
    this.orgId = credential.orgId;
    this.apiUrl = credential.apiUrl.href.replace(/\/$/, '');
    this.#timing = options.timing ?? SYSTEM_TIMING;
    this.#observer = options.observer ?? (() => {});
    this.#transport = new Transport(
      credential,
      readProxy(options.environment ?? {}),
      this.#timing,
      { ...DEFAULT_RETRY, ...options.retry },
      { ...DEFAULT_TRANSPORT_LIMITS, ...options.limits },
    );
  }

  /** Issues a token for `userIdentifier`. It is shown this once. */
  async issue(userIdentifier: string): Promise<IssueAnswer> {
    if (
      userIdentifier.trim() === '' ||
      userIdentifier.length > LONGEST_USER ||
      /\p{Cc}/u.test(userIdentifier)
    ) {
      return notSent(
        `the user identifier is empty, longer than ${LONGEST_USER} characters, or holds control characters`,
      );
    }
    const call: Call = {
      kind: 'issue',
      title: 'Issuing a token',
      method: 'POST',
      path: wire.collectionPath(this.orgId),
      body: wire.issueBody(userIdentifier),
    };
    try {
      const { value, exchange } = await this.#send(call, ({ json }) => readIssue(json, userIdentifier));
      const prefixLength = value.plaintext.startsWith(TOKEN_PREFIX) ? TOKEN_PREFIX.length : 0;
      return {
        state: 'issued',
        token: new SecretValue(value.plaintext, prefixLength),
        ...(value.tokenId === undefined ? {} : { tokenId: value.tokenId }),
        userIdentifier,
        exchange,
      };
    } catch (error) {
      return uncertain(error);
    }
  }

  /**
   * Every token that fits `filter`, from every page. The service filters by prefix; what it sends is filtered again here.
   * Rows whose status can't be told pass any status filter.
   *
   * @throws {TakumiError} when any page fails, can't be read, or leads to one that was read already.
   */
  async list(filter: wire.ListFilter = {}): Promise<TokenList> {
    const list = new URL(`${this.apiUrl}${wire.collectionPath(this.orgId)}`);
    const pages = new PageCollector(filter, list);
    const exchanges: Exchange[] = [];
    for (let query: string | undefined = wire.listQuery(filter); query !== undefined; ) {
      const asked: string = query;
      const { value, exchange }: Read<{ next: string | undefined }> = await this.#send(
        this.#listCall(asked),
        (answer) => ({ next: pages.add(asked, answer) }),
      );
      exchanges.push(exchange);
      query = value.next;
    }
    return { records: pages.records(), exchanges };
  }

  /** Asks whether `secret` is alive and this organization's. `trace` hears by which names the answer was read. */
  async probe(secret: SecretValue, trace?: NameTrace): Promise<ProbeAnswer> {
    const call: Call = {
      kind: 'probe',
      title: `Probing ${secret.redacted}`,
      method: 'POST',
      path: wire.probePath(this.orgId),
      body: wire.probeBody(secret.reveal()),
      secret,
    };
    try {
      const { value, exchange } = await this.#send(call, ({ json }) => readProbe(json, this.orgId, trace));
      return { ...value, exchange };
    } catch (error) {
      return { ...uncertain(error), state: 'unknown' };
    }
  }

  /** Revokes what was approved, by its management ID. `accepted` is the service's word only: a probe proves it. */
  async revoke({ tokenId }: Approved): Promise<RevokeAnswer> {
    let path: string;
    try {
      path = wire.tokenPath(this.orgId, tokenId);
    } catch (error) {
      if (error instanceof ShapeError) return notSent(error.message);
      throw error;
    }
    const call: Call = { kind: 'revoke', title: `Revoking ${tokenId}`, method: 'DELETE', path, tokenId };
    try {
      const { exchange } = await this.#send(call, ({ json }) => checkRevoked(json, tokenId));
      return { state: 'accepted', exchange };
    } catch (error) {
      if (error instanceof TakumiError && error.kind === 'not_found') {
        return { state: 'gone', exchange: error.exchange };
      }
      return uncertain(error);
    }
  }

  /**
   * Reads the first page of the list, telling `trace` by which names.
   *
   * @throws {TakumiError} when it can't be had or read.
   */
  async readFirstPage(trace: NameTrace): Promise<void> {
    await this.#send(this.#listCall(''), ({ json, paging }) => readListPage(json, trace, paging));
  }

  /** Closes the connections; the next call opens new ones. */
  async close(): Promise<void> {
    await this.#transport.close();
  }

  #listCall(query: string): Call {
    const path = wire.collectionPath(this.orgId);
    return {
      kind: 'list',
      title: 'Listing the tokens',
      method: 'GET',
      path: query === '' ? path : `${path}?${query}`,
    };
  }

  /** Sends a call and reads its answer; the observer hears how it ended. */
  async #send<T>(call: Call, read: (answer: Answer) => T): Promise<Read<T>> {
    const at = new Date(this.#timing.wall()).toISOString();
    const tell = (outcome: string, exchange: Exchange): void =>
      this.#observer({
        kind: call.kind,
        at,
        outcome,
        ...exchange,
        ...(call.tokenId === undefined ? {} : { tokenId: call.tokenId }),
        ...(call.secret === undefined ? {} : { secret: call.secret }),
      });
    try {
      const answer = await this.#transport.send(call);
      const value = readAnswer(call, answer, read);
      tell(isState(value) ? value.state : 'ok', answer.exchange);
      return { value, exchange: answer.exchange };
    } catch (error) {
      if (error instanceof TakumiError) tell(error.kind, error.exchange);
      throw error;
    }
  }
}

interface Read<T> {
  readonly value: T;
  readonly exchange: Exchange;
}

function readAnswer<T>(call: Call, answer: Answer, read: (answer: Answer) => T): T {
  try {
    return read(answer);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new TakumiError(
      call.kind,
      `${call.title} failed: the answer cannot be read: ${error.message}. If the service has changed, src/takumi/wire.ts names what is expected.`,
      { kind: 'malformed', effect: 'possible' },
      answer.exchange,
    );
  }
}

function isState(value: unknown): value is { state: string } {
  return typeof value === 'object' && value !== null && 'state' in value && typeof value.state === 'string';
}

/** How a failed call ended: it certainly did nothing, or that can't be told. */
function uncertain(error: unknown): Failed {
  if (!(error instanceof TakumiError)) throw error;
  return {
    state: error.effect === 'none' ? 'rejected' : 'unknown',
    reason: error.message,
    failure: error.kind,
    exchange: error.exchange,
  };
}

function notSent(why: string): Failed {
  return {
    state: 'rejected',
    reason: `Nothing was sent: ${why}.`,
    failure: 'refused',
    exchange: { attempts: 0, ms: 0 },
  };
}

interface Failed {
  readonly state: 'rejected' | 'unknown';
  readonly reason: string;
  readonly failure: CallFailure;
  readonly exchange: Exchange;
}
