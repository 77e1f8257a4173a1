import pLimit from 'p-limit';
import type { SecretValue } from '../model/secret.js';
import type { ProbeAnswer } from '../model/token.js';

/** Requests under way at once. Enough to hide the latency, few enough that no service takes it for an attack. */
export const PROBES_AT_ONCE = 4;

/** Probes each of `secrets`; the answers come in their order. */
export function probeAll(
  secrets: readonly SecretValue[],
  inspector: { probe(secret: SecretValue): Promise<ProbeAnswer> },
): Promise<ProbeAnswer[]> {
  const limit = pLimit(PROBES_AT_ONCE);
  return Promise.all(secrets.map((secret) => limit(() => inspector.probe(secret))));
}
