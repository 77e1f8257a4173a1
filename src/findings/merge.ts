import type { Finding, Sighting } from '../model/finding.js';
import type { Match } from '../model/match.js';
import type { Provenance } from '../model/provenance.js';
import type { SecretValue } from '../model/secret.js';
import { fingerprint } from './fingerprint.js';
import { Sightings } from './sightings.js';

/** Places listed for one finding; the others are counted. */
export const SIGHTINGS_KEPT = 1_000;

export interface FindingSetOptions {
  readonly sightingsKept?: number;
  readonly now?: () => Date;
}

type Aspect = Sighting['aspect'];

interface Gathered {
  readonly fingerprint: string;
  readonly secret: SecretValue;
  readonly foundAt: string;
  readonly sightings: Sightings;
  rule: string;
  confidence: Match['confidence'];
}

/** Gathers matches into one finding per distinct secret, whatever rule, encoding or place showed it. */
export class FindingSet {
  readonly #gathered = new Map<string, Gathered>();
  readonly #kept: number;
  readonly #now: () => Date;

  constructor(options: FindingSetOptions = {}) {
    this.#kept = options.sightingsKept ?? SIGHTINGS_KEPT;
    this.#now = options.now ?? (() => new Date());
  }

  /** @param where the unit that the matches' spans, lines and columns are counted in. */
  add(where: Provenance, matches: Iterable<Match>, aspect?: Aspect): void {
    for (const match of matches) this.#add(where, match, aspect);
  }

  #add(where: Provenance, match: Match, aspect: Aspect, times = 1): void {
    const gathered = this.#of(match);
    const { line, column, span, via, confidence, reasons } = match;
    const sighting = { where, line, column, offset: span.start, via, confidence, reasons };
    gathered.sightings.add(aspect === undefined ? sighting : { ...sighting, aspect }, times);
    // Two rules on one text: the surer one names it, and of two equally sure ones the same in every run.
    if (confidence === gathered.confidence) {
      if (match.rule < gathered.rule) gathered.rule = match.rule;
    } else if (confidence === 'high') {
      gathered.rule = match.rule;
      gathered.confidence = 'high';
    }
  }

  /** Adds a finding of another set, with all its places. */
  absorb(finding: Finding): void {
    const { rule, secret, sightings, sightingsTotal = sightings.length } = finding;
    for (const [index, { where, offset, aspect, ...sighting }] of sightings.entries()) {
      const match = { ...sighting, rule, secret, span: { start: offset, end: offset } };
      this.#add(where, match, aspect, index === 0 ? 1 + sightingsTotal - sightings.length : 1);
    }
  }

  get size(): number {
    return this.#gathered.size;
  }

  /** The findings, by fingerprint: an order that every run of the same input repeats. */
  findings(): Finding[] {
    const ordered = [...this.#gathered.values()].sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
    return ordered.map(({ sightings, ...rest }) => ({ ...rest, ...listed(sightings) }));
  }

  #of(match: Match): Gathered {
    const name = fingerprint(match.secret);
    const known = this.#gathered.get(name);
    if (known !== undefined) return known;
    const fresh: Gathered = {
      fingerprint: name,
      secret: match.secret,
      foundAt: this.#now().toISOString(),
      sightings: new Sightings(this.#kept),
      rule: match.rule,
      confidence: match.confidence,
    };
    this.#gathered.set(name, fresh);
    return fresh;
  }
}

/** The two fields of a finding that a list of sightings fills. */
export function listed(sightings: Sightings): Pick<Finding, 'sightings' | 'sightingsTotal'> {
  const total = sightings.total;
  const list = sightings.list();
  return { sightings: list, ...(total > list.length ? { sightingsTotal: total } : {}) };
}
