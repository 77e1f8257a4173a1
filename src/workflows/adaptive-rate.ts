import pLimit from 'p-limit';
import type { CallFailure, Exchange } from '../model/token.js';

/** Few enough that no service takes the beginning for an attack; many enough, later, to hide the latency. */
const START = 4;
const MOST = 16;

/**
 * How many reads are under way at once: one more after as many answers in a row as there are at once, half as many as
 * soon as one had to be repeated or was refused for its number (additive increase, multiplicative decrease). That no
 * request leaves before the service's `Retry-After` is the transport's doing, for all of them.
 */
export class AdaptiveRate {
  readonly #limit = pLimit(START);
  #inARow = 0;

  get concurrency(): number {
    return this.#limit.concurrency;
  }

  /** Runs `task` when there is room for one more. */
  readonly limit = <T>(task: () => Promise<T>): Promise<T> => this.#limit(task);

  /** @returns the answer that came, from which the rate was learnt. */
  learn<T extends { readonly exchange: Exchange; readonly failure?: CallFailure }>(answer: T): T {
    if (answer.exchange.attempts > 1 || answer.failure === 'rate_limited' || answer.failure === 'timeout') {
      this.#inARow = 0;
      this.#limit.concurrency = Math.max(1, Math.floor(this.concurrency / 2));
    } else if (++this.#inARow >= this.concurrency && this.concurrency < MOST) {
      this.#inARow = 0;
      this.#limit.concurrency += 1;
    }
    return answer;
  }
}
