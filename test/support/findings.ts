import { FindingSet } from '../../src/findings/merge.js';
import type { Finding } from '../../src/model/finding.js';
import type { Match } from '../../src/model/match.js';
import type { Provenance } from '../../src/model/provenance.js';
import { SecretValue } from '../../src/model/secret.js';

export const ORG_PREFIX = 'tg_org_'.length;

export function matchOf(token: string, more: Partial<Match> = {}): Match {
  return {
    rule: 'takumi-guard-org-token',
    span: { start: 10, end: 10 + token.length },
    line: 3,
    column: 5,
    secret: new SecretValue(token, ORG_PREFIX),
    confidence: 'high',
    reasons: [],
    via: [],
    ...more,
  };
}

export function findingFor(
  token: string,
  where: Provenance = { kind: 'file', path: '.npmrc' },
  more: Partial<Match> = {},
): Finding {
  const set = new FindingSet({ now: () => new Date(0) });
  set.add(where, [matchOf(token, more)]);
  return set.findings()[0]!;
}
