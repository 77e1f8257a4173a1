import type { Confidence, DecodeStep } from './match.js';
import type { Provenance } from './provenance.js';
import type { Reason } from './reason.js';
import type { SecretValue } from './secret.js';

export type NonEmpty<T> = readonly [T, ...T[]];

/** One place where a secret was seen. */
export interface Sighting {
  readonly where: Provenance;
  /** From 1, in bytes of the unit as stored. */
  readonly line: number;
  readonly column: number;
  /** From 0. */
  readonly offset: number;
  readonly via: readonly DecodeStep[];
  readonly confidence: Confidence;
  readonly reasons: readonly Reason[];
  /** It stands in what is said of the thing (its name, a link's target), and offset, line and column count in that. */
  readonly aspect?: 'name';
}

/** One distinct secret and every place it was seen in. */
export interface Finding {
  /** `gs1_` + base32 of the first 160 bits of SHA-256; see `findings/fingerprint.ts`. */
  readonly fingerprint: string;
  readonly rule: string;
  readonly secret: SecretValue;
  /** The highest of its sightings'. */
  readonly confidence: Confidence;
  readonly sightings: NonEmpty<Sighting>;
  /** How many places there are, when that is more than `sightings` keeps. */
  readonly sightingsTotal?: number;
  /** When it was first seen in this run, ISO 8601. */
  readonly foundAt?: string;
  /** Set when an ignore list names its fingerprint: where the list stands. It is still reported. */
  readonly suppressedBy?: string;
}
