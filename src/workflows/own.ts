import type { Detector } from '../detection/detector.js';
import { FindingSet } from '../findings/merge.js';
import type { Finding } from '../model/finding.js';
import { isMapped, type Verdict } from '../model/verdict.js';
import type { OwnTokens } from '../remediation/policy.js';
import { builtinDetector, isRevocable } from './detector.js';

/** A text of the machine's that the running job takes secrets from, and what people call it. */
export interface OwnPlace {
  readonly name: string;
  readonly text: string;
}

/** The secrets that the running job itself uses. They are known before anything is scanned. */
export class OwnSecrets {
  readonly findings: readonly Finding[];
  readonly #names = new Map<string, string[]>();

  constructor(places: readonly OwnPlace[]) {
    const found = new FindingSet();
    let detector: Detector | undefined;
    for (const { name, text } of places) {
      detector ??= builtinDetector();
      found.add({ kind: 'stream', name }, detector.scan(Buffer.from(text)));
    }
    this.findings = found.findings();
    for (const { fingerprint, sightings } of this.findings) {
      const names = sightings.map(({ where }) => (where.kind === 'stream' ? where.name : ''));
      this.#names.set(fingerprint, [...new Set(names)]);
    }
  }

  /** Where the job holds a secret; `undefined` when it does not. */
  placesOf(fingerprint: string): readonly string[] | undefined {
    return this.#names.get(fingerprint);
  }

  /** Those that `found` does not hold: to know which rows of the list they are, they have to be probed as well. */
  besides(found: readonly Finding[]): Finding[] {
    const known = new Set(found.map(({ fingerprint }) => fingerprint));
    return this.findings.filter(({ fingerprint }) => !known.has(fingerprint));
  }

  /**
   * Which tokens must not be touched: where it can't be told which row is ours, every row that it may be.
   *
   * @param renewed places that are about to get a new token: what the job takes from nowhere else it can do without.
   */
  tokens(verdicts: ReadonlyMap<string, Verdict>, renewed: readonly string[] = []): OwnTokens {
    const fingerprints = new Map<string, readonly string[]>();
    const tokenIds = new Map<string, readonly string[]>();
    let undetermined: string | undefined;
    for (const { fingerprint, rule } of this.findings) {
      const places = (this.#names.get(fingerprint) ?? []).filter((name) => !renewed.includes(name));
      if (places.length === 0) continue;
      fingerprints.set(fingerprint, places);
      if (!isRevocable(rule)) continue;
      const verdict = verdicts.get(fingerprint);
      if (verdict === undefined) continue;
      const uses = (tokenId: string) =>
        tokenIds.set(tokenId, [...new Set([...(tokenIds.get(tokenId) ?? []), ...places])]);
      if (isMapped(verdict)) uses(verdict.tokenId);
      else if (verdict.state === 'active') {
        for (const { tokenId } of verdict.candidates) uses(tokenId);
        if (verdict.candidates.length === 0) undetermined = verdict.reason;
      } else if (verdict.state === 'unknown' || verdict.state === 'not_probed') {
        undetermined = verdict.reason ?? 'it was not probed';
      }
    }
    return {
      fingerprints,
      tokenIds,
      ...(undetermined === undefined ? {} : { undetermined }),
    };
  }
}

/** Of a job that takes no token from anywhere, or is allowed to lose it. */
export const USES_NO_TOKEN: OwnTokens = { fingerprints: new Map(), tokenIds: new Map() };
