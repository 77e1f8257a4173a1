import type { SecretValue } from '../model/secret.js';
import type { ProbeAnswer } from '../model/token.js';
import { AdaptiveRate } from './adaptive-rate.js';

/** Probes each of `secrets`; the answers come in their order. */
export function probeAll(
  secrets: readonly SecretValue[],
  inspector: { probe(secret: SecretValue): Promise<ProbeAnswer> },
): Promise<ProbeAnswer[]> {
  const rate = new AdaptiveRate();
  return Promise.all(
    secrets.map((secret) => rate.limit(async () => rate.learn(await inspector.probe(secret)))),
  );
}
