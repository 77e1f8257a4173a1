import type { Finding } from '../model/finding.js';
import type { Provenance } from '../model/provenance.js';
import { matchesGlob } from './glob.js';

/** What a policy has decided about one live token. Only `revoke` leads to a revocation. */
export type Disposition = 'revoke' | 'plan' | 'rotate' | 'notify';

/** Conditions that all have to hold, and what then. Ages are milliseconds. */
export interface DispositionRule {
  readonly user?: string;
  readonly path?: string;
  readonly confidence?: 'high' | 'low';
  readonly older_than?: number;
  readonly younger_than?: number;
  readonly do: Disposition;
}

/** The first rule that fits decides. What a rule asks about and is not known, does not fit it. */
export function dispositionOf(
  finding: Finding,
  user: string | undefined,
  rules: readonly DispositionRule[],
  otherwise: Disposition,
  now: number,
): Disposition {
  const places = finding.sightings.flatMap(({ where }) => pathsOf(where));
  const born = Math.min(...finding.sightings.flatMap(({ where }) => commitTimes(where)));
  const fits = (rule: DispositionRule): boolean =>
    (rule.user === undefined || (user !== undefined && matchesGlob(rule.user, user))) &&
    (rule.path === undefined || places.some((place) => matchesGlob(rule.path!, place))) &&
    (rule.confidence === undefined || rule.confidence === finding.confidence) &&
    (rule.older_than === undefined || (Number.isFinite(born) && now - born > rule.older_than)) &&
    (rule.younger_than === undefined || (Number.isFinite(born) && now - born < rule.younger_than));
  return rules.find(fits)?.do ?? otherwise;
}

/** The paths of a place and of what it lies in. */
function pathsOf(where: Provenance): string[] {
  const around = containerOf(where);
  const own = 'path' in where ? [where.path] : 'name' in where ? [where.name] : [];
  return around === undefined ? own : [...own, ...pathsOf(around)];
}

function commitTimes(where: Provenance): number[] {
  const around = containerOf(where);
  // Only a commit has a date, and that may be none that can be read.
  const { date } = where as { readonly date: string };
  const own = [Date.parse(date)].filter((time) => !Number.isNaN(time));
  return around === undefined ? own : [...own, ...commitTimes(around)];
}

function containerOf(where: Provenance): Provenance | undefined {
  if (where.kind === 'member') return where.container;
  return 'repository' in where ? where.repository : undefined;
}
