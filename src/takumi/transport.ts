import type { SecretValue } from '../model/secret.js';
import type { Exchange } from '../model/token.js';
import type { Credential } from './credential.js';
import { type Dispatchers, openDispatchers, type ProxySettings } from './dispatchers.js';
import { type CallKind, type Failure, TakumiError } from './errors.js';
import { attempt, type Outcome } from './exchange.js';
import type { JsonObject } from './json-shape.js';
import { backoff, RetryBudget, type RetryPolicy } from './retry.js';
import type { Timing } from './timing.js';

/** One call, ready to be sent. */
export interface Call {
  readonly kind: CallKind;
  /** What is tried, as the beginning of a sentence for people: `Listing the tokens`. */
  readonly title: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Under the base URL, with its query. */
  readonly path: string;
  readonly body?: unknown;
  /** What no message may quote back, because the body holds it. */
  readonly secret?: SecretValue;
  /** What is revoked. */
  readonly tokenId?: string;
}

/** A 2xx answer. `json` is `undefined` when the body is empty. */
export interface Answer {
  readonly json: unknown;
  /** The `Link` header. */
  readonly link?: string;
  /** What other headers say of pages. */
  readonly paging?: JsonObject;
  readonly exchange: Exchange;
}

export interface TransportLimits {
  /** Milliseconds to connect. */
  readonly connect: number;
  /** Milliseconds of one attempt, from its start to the last byte of its answer. */
  readonly attempt: number;
  /** Bytes of one answer. */
  readonly answer: number;
}

export const DEFAULT_TRANSPORT_LIMITS: TransportLimits = {
  connect: 10_000,
  attempt: 30_000,
  answer: 32 * 1024 ** 2,
};

type Next = { readonly repeatIn: number } | { readonly lastWords: string };

/**
 * HTTP to the one pinned origin. Reads are repeated after 429, 5xx and broken connections; issuing and revoking only
 * when the service said that it did nothing (429) or was never reached: whether anything else took effect is not known.
 */
export class Transport {
  readonly #credential: Credential;
  readonly #proxy: ProxySettings;
  readonly #timing: Timing;
  readonly #retry: RetryPolicy;
  readonly #limits: TransportLimits;
  readonly #budget = new RetryBudget();
  #dispatchers: Promise<Dispatchers> | undefined;
  /** No request leaves before this (monotonic), whichever call was told to wait. */
  #notBefore = Number.NEGATIVE_INFINITY;

  constructor(
    credential: Credential,
    proxy: ProxySettings,
    timing: Timing,
    retry: RetryPolicy,
    limits: TransportLimits,
  ) {
    this.#credential = credential;
    this.#proxy = proxy;
    this.#timing = timing;
    this.#retry = retry;
    this.#limits = limits;
  }

  /** @throws {TakumiError} for everything but a 2xx with JSON or nothing in it. */
  async send(call: Call): Promise<Answer> {
    const started = this.#timing.monotonic();
    const exchange = (attempts: number, status?: number): Exchange => ({
      ...(status === undefined ? {} : { httpStatus: status }),
      attempts,
      ms: Math.round(this.#timing.monotonic() - started),
    });
    this.#budget.firstAttempt();
    for (let attempts = 1; ; attempts++) {
      const closed = await this.#waitForTurn();
      const outcome = closed ?? (await this.#attempt(call));
      if (outcome.ok) {
        return {
          json: outcome.json,
          ...(outcome.link === undefined ? {} : { link: outcome.link }),
          ...(outcome.paging === undefined ? {} : { paging: outcome.paging }),
          exchange: exchange(attempts, outcome.status),
        };
      }
      const { failure } = outcome;
      const next = this.#next(call, failure, attempts);
      if ('lastWords' in next) {
        throw new TakumiError(
          call.kind,
          `${call.title} failed: ${failure.detail}${next.lastWords}.`,
          failure,
          exchange(closed === undefined ? attempts : attempts - 1, failure.httpStatus),
        );
      }
      // A limit is the bot's, not the call's: when one is told that there were too many, all hold back.
      if (failure.kind === 'rate_limited') this.#postpone(next.repeatIn);
      await this.#timing.sleep(next.repeatIn);
    }
  }

  async close(): Promise<void> {
    const open = this.#dispatchers;
    this.#dispatchers = undefined;
    if (open !== undefined) await (await open).close();
  }

  async #attempt(call: Call): Promise<Outcome> {
    this.#dispatchers ??= openDispatchers(this.#credential.apiUrl, this.#proxy, this.#limits.connect);
    const outcome = await attempt(
      call,
      this.#credential,
      await this.#dispatchers,
      this.#limits,
      this.#timing.wall(),
    );
    if (!outcome.ok && outcome.failure.retryAfter !== undefined) this.#postpone(outcome.failure.retryAfter);
    return outcome;
  }

  #postpone(milliseconds: number): void {
    this.#notBefore = Math.max(this.#notBefore, this.#timing.monotonic() + milliseconds);
  }

  #next(call: Call, failure: Failure, attempts: number): Next {
    const { attempts: allowed, patience } = this.#retry;
    if (!failure.transient) return { lastWords: '' };
    if (isMutation(call) && failure.effect === 'possible') {
      return { lastWords: ', but look first whether it took effect: it was not repeated for that reason' };
    }
    const asked = failure.retryAfter ?? 0;
    if (asked > patience) return { lastWords: `. ${tooLong(asked, patience)}` };
    if (attempts >= allowed)
      return { lastWords: `. It was tried ${attempts === 1 ? 'once' : `${attempts} times`}` };
    if (!this.#budget.repeat()) return { lastWords: '. It was not repeated: too many calls failed already' };
    return { repeatIn: asked + backoff(this.#retry, attempts, this.#timing.random()) };
  }

  /** @returns a failure when the wait that the service asked for is longer than ours may be. */
  async #waitForTurn(): Promise<Extract<Outcome, { ok: false }> | undefined> {
    for (;;) {
      const left = this.#notBefore - this.#timing.monotonic();
      if (left <= 0) return undefined;
      if (left > this.#retry.patience) {
        const detail = `nothing was sent. ${tooLong(left, this.#retry.patience)}`;
        return { ok: false, failure: { kind: 'rate_limited', detail, effect: 'none', transient: false } };
      }
      await this.#timing.sleep(left + backoff(this.#retry, 1, this.#timing.random()));
    }
  }
}

function isMutation(call: Call): boolean {
  return call.kind === 'issue' || call.kind === 'revoke';
}

function tooLong(asked: number, patience: number): string {
  return `The service asks to wait ${Math.ceil(asked / 1000)} s, longer than the ${Math.ceil(patience / 1000)} s allowed; run again after that`;
}
