import type { SecretValue } from '../model/secret.js';
import { isCredentialFailure, type ProbeAnswer } from '../model/token.js';
import type { Clock } from './ports.js';

/** What probing a plaintext until it is dead came to. `alive` and `unknown` are the last answer when time ran out. */
export type Settled =
  | { readonly state: 'dead'; readonly at: number }
  | { readonly state: 'alive' | 'unknown'; readonly at: number; readonly reason: string };

const FIRST_WAIT = 250;
const LONGEST_WAIT = 5_000;

/**
 * Probes until the service says that the token is no longer active, with pauses that double from a quarter of a second to
 * five, for at most `milliseconds` (it probes at least once).
 *
 * One such answer is enough of a token that was seen alive: what lags behind still says “active” of a dead one.
 *
 * `foreign` is no proof: the token was ours when it was planned, so that answer contradicts what we know.
 */
export async function probeUntilDead(
  secret: SecretValue,
  milliseconds: number,
  clock: Clock,
  probe: (secret: SecretValue) => Promise<ProbeAnswer>,
): Promise<Settled> {
  const deadline = clock.monotonic() + milliseconds;
  for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    const answer = await probe(secret);
    if (answer.state === 'inactive' || answer.state === 'inactive_or_foreign') {
      return { state: 'dead', at: clock.wall() };
    }
    if (isCredentialFailure(answer) || clock.monotonic() + wait > deadline) {
      if (answer.state === 'active') {
        return { state: 'alive', at: clock.wall(), reason: 'a probe still says that it is active' };
      }
      const reason =
        answer.state === 'unknown' ? answer.reason : 'a probe says that it is another organization’s';
      return { state: 'unknown', at: clock.wall(), reason };
    }
    await clock.sleep(wait);
  }
}
