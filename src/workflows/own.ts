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
    const detector = builtinDetector();
    for (const { name, text } of places) {
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

  /** Which tokens must not be touched: where it can't be told which row is ours, every row that it may be. */
  tokens(verdicts: ReadonlyMap<string, Verdict>): OwnTokens {
    const tokenIds = new Map<string, readonly string[]>();
    let undetermined: string | undefined;
    for (const { fingerprint, rule } of this.findings) {
      if (!isRevocable(rule)) continue;
      const verdict = verdicts.get(fingerprint);
      const places = this.#names.get(fingerprint) ?? [];
      if (verdict === undefined) continue;
      if (isMapped(verdict)) tokenIds.set(verdict.tokenId, places);
      else if (verdict.state === 'active') {
        for (const { tokenId } of verdict.candidates) tokenIds.set(tokenId, places);
        if (verdict.candidates.length === 0) undetermined = verdict.reason;
      } else if (verdict.state === 'unknown' || verdict.state === 'not_probed') {
        undetermined = verdict.reason ?? 'it was not probed';
      }
    }
    return {
      fingerprints: this.#names,
      tokenIds,
      ...(undetermined === undefined ? {} : { undetermined }),
    };
  }
}
