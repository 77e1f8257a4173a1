import { endsWith, hasHash } from '../findings/compare.js';
import type { Finding } from '../model/finding.js';
import { type TokenInspector, type Triage, triage } from '../triage/triage.js';
import { AdaptiveRate } from './adaptive-rate.js';
import { isRevocable } from './detector.js';

/** What triage asks of the service. */
export type TokenService = TokenInspector;

/** Probes each distinct revocable secret once and ties those that are alive to their token IDs. */
export function judge(
  findings: readonly Finding[],
  service: TokenService,
  options: {
    readonly low: (finding: Finding) => boolean;
    readonly onProbed?: (done: number, of: number) => void;
  },
): Promise<Triage> {
  const rate = new AdaptiveRate();
  return triage(findings, {
    inspector: {
      list: () => service.list(),
      probe: async (secret) => rate.learn(await service.probe(secret)),
    },
    compare: { hasHash, endsWith },
    probes: (finding) => isProbed(finding, options.low),
    limit: rate.limit,
    now: () => new Date(),
    ...(options.onProbed === undefined ? {} : { onProbed: options.onProbed }),
  });
}

/**
 * Whether the service is asked about a finding. Of two readings of one place, either may be the token, and so may a random
 * body behind a longer word, where that is another value: only the service can tell.
 */
export function isProbed(finding: Finding, low: (finding: Finding) => boolean): boolean {
  if (!isRevocable(finding.rule)) return false;
  return finding.confidence === 'high' || mayBeToken(finding) || low(finding);
}

function mayBeToken({ sightings }: Finding): boolean {
  return sightings.some(({ reasons }) => reasons.includes('other_reading') || reasons.includes('glued'));
}
