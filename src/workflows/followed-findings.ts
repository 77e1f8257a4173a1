import { fingerprint } from '../findings/fingerprint.js';
import { FindingSet } from '../findings/merge.js';
import { type Diagnostic, diagnostic } from '../model/diagnostic.js';
import type { Finding, Sighting } from '../model/finding.js';
import type { Match } from '../model/match.js';
import type { FileProvenance, Provenance } from '../model/provenance.js';
import type { Followed, FollowedBytes } from '../sources/follow/followed.js';
import type { LogListener } from './log-reading.js';

/** Distinct tokens that are kept: logs may be followed for weeks, and anybody may write to them. */
const MOST = 100_000;

/** What was found in logs so far: told once for each token and log, kept for the report with all its places. */
export class FollowedFindings implements LogListener {
  readonly #kept = new FindingSet();
  /** The logs that each token was told of, by its fingerprint. */
  readonly #told = new Map<string, Set<string>>();
  readonly #logs: readonly Followed[];
  readonly #onFound: (finding: Finding, isNew: boolean) => void;
  readonly #most: number;
  readonly #packed = new Map<string, { where: FollowedBytes['where']; at: number; times: number }>();
  readonly #overfull = new Map<string, FollowedBytes['where']>();

  /**
   * @param logs what is followed; they know where each of their files lies.
   * @param onFound told of each token when it is found first, and when it is found in another log.
   */
  constructor(logs: readonly Followed[], onFound: (finding: Finding, isNew: boolean) => void, most = MOST) {
    this.#logs = logs;
    this.#onFound = onFound;
    this.#most = most;
  }

  found({ where }: FollowedBytes, matches: readonly Match[]): void {
    for (const match of matches) {
      if (!this.#tell(where, match)) continue;
      this.#kept.add(where, [match]);
    }
  }

  stands({ where }: FollowedBytes, match: Match): void {
    this.#tell(where, match);
  }

  packed({ where }: FollowedBytes, at: number): void {
    const log = where.kind === 'file' ? where.path : where.name;
    const known = this.#packed.get(log);
    if (known === undefined) this.#packed.set(log, { where, at, times: 1 });
    else known.times += 1;
  }

  /** All of them, with their places as they are now. */
  findings(): Finding[] {
    const placed = this.#placer();
    const rewritten = (sighting: Sighting): Sighting => ({ ...sighting, where: placed(sighting.where) });
    return this.#kept.findings().map((finding) => {
      const [first, ...more] = finding.sightings;
      return { ...finding, sightings: [rewritten(first), ...more.map(rewritten)] };
    });
  }

  /** The logs in which there was more than could be kept, or than is opened. */
  unkept(): Diagnostic[] {
    const detail = `there were more than ${this.#most} different tokens: of those that came later nothing was kept`;
    const packed = [...this.#packed.values()].map(({ where, at, times }) =>
      diagnostic(
        nameOf(where),
        'unsupported',
        `holds what is packed and written as text (the first at byte ${at}, ${times} in all), which --follow does not open: scan it without`,
      ),
    );
    return [
      ...[...this.#overfull.values()].map((where) => diagnostic(nameOf(where), 'budget', detail)),
      ...packed,
    ];
  }

  /** Whether it is one of those that are kept. */
  #tell(where: FollowedBytes['where'], match: Match): boolean {
    const name = fingerprint(match.secret);
    const log = where.kind === 'file' ? where.path : where.name;
    const known = this.#told.get(name);
    if (known?.has(log) === true) return true;
    if (known !== undefined) known.add(log);
    else if (this.#told.size < this.#most) this.#told.set(name, new Set([log]));
    else {
      this.#overfull.set(log, where);
      return false;
    }
    const one = new FindingSet();
    one.add(this.#placer()(where), [match]);
    this.#onFound(one.findings()[0]!, known === undefined);
    return true;
  }

  #placer(): (where: Provenance) => Provenance {
    const placers = new Map<string, ReturnType<Followed['placer']>>();
    return (where) => {
      if (where.kind !== 'file') return where;
      const placer = placers.get(where.path) ?? this.#logs.find(({ name }) => name === where.path)?.placer();
      if (placer === undefined) return where;
      placers.set(where.path, placer);
      return placer(where);
    };
  }
}

function nameOf(where: FollowedBytes['where']): FileProvenance | FollowedBytes['where'] {
  return where.kind === 'file' ? { kind: 'file', path: where.path } : where;
}
