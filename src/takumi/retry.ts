import { parseHttpDate } from './http-date.js';

/** How often and how patiently a call is repeated. Times are in milliseconds. */
export interface RetryPolicy {
  /** Attempts of one call, the first included. */
  readonly attempts: number;
  /** The first backoff lies between 0 and this; every further one may be twice as long. */
  readonly base: number;
  /** No backoff is longer. */
  readonly cap: number;
  /** The longest that a service may ask us to wait (`Retry-After`) before we give up instead. */
  readonly patience: number;
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 5, base: 500, cap: 20_000, patience: 120_000 };

/** Full jitter: anything from nothing to the doubled base, so that many clients do not come back at once. */
export function backoff(policy: RetryPolicy, failures: number, random: number): number {
  return random * Math.min(policy.cap, policy.base * 2 ** (failures - 1));
}

/** Seconds, a wait for ever: more digits than that are no reason to come back at once. */
const LONGEST = 1e10;

/**
 * What `Retry-After` asks for, in milliseconds (RFC 9110, 10.2.3): seconds, or a date, which counts from the server's
 * own `Date`, since the two clocks need not agree. `undefined` when it says nothing that can be read.
 *
 * @param now milliseconds since 1970 on this machine; used for a date only when the server sent no `Date`.
 */
export function retryAfter(
  value: string | undefined,
  serverDate: string | undefined,
  now: number,
): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text), LONGEST) * 1000;
  const until = parseHttpDate(text, now);
  if (until === undefined) return undefined;
  const from = serverDate === undefined ? now : (parseHttpDate(serverDate, now) ?? now);
  return Math.max(0, until - from);
}

/**
 * The repeats that one run may spend, over all its calls: a store that every first attempt fills a little and every
 * repeat empties by one, so that a service in trouble gets at most some tenths more traffic from us, not five times as much.
 */
export class RetryBudget {
  readonly #store: number;
  readonly #earned: number;
  #left: number;

  constructor(store = 20, earned = 0.2) {
    this.#store = store;
    this.#left = store;
    this.#earned = earned;
  }

  firstAttempt(): void {
    this.#left = Math.min(this.#store, this.#left + this.#earned);
  }

  /** Whether one more repeat is allowed; it is spent when it is. */
  repeat(): boolean {
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
