import type { Finding } from '../model/finding.js';
import { containment, type Provenance } from '../model/provenance.js';
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
  const places = finding.sightings.flatMap(({ where }) => containment(where));
  const paths = places.flatMap(pathOf);
  const born = Math.min(...places.flatMap(commitTime));
  const fits = (rule: DispositionRule): boolean =>
    (rule.user === undefined || (user !== undefined && matchesGlob(rule.user, user))) &&
    (rule.path === undefined || paths.some((path) => matchesGlob(rule.path!, path))) &&
    (rule.confidence === undefined || rule.confidence === finding.confidence) &&
    (rule.older_than === undefined || (Number.isFinite(born) && now - born > rule.older_than)) &&
    (rule.younger_than === undefined || (Number.isFinite(born) && now - born < rule.younger_than));
  return rules.find(fits)?.do ?? otherwise;
}

/** What a place is called, where it has a path or a name. */
function pathOf(where: Provenance): string[] {
  return 'path' in where ? [where.path] : 'name' in where ? [where.name] : [];
}

/** When it was committed, in milliseconds since 1970. */
function commitTime(where: Provenance): number[] {
  // Only a commit has a date, and that may be none that can be read.
  const { date } = where as { readonly date: string };
  return [Date.parse(date)].filter((time) => !Number.isNaN(time));
}
