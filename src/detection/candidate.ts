import type { Confidence } from '../model/match.js';
import type { Rule } from '../model/rule.js';
import type { Reason } from './confirm/reasons.js';
import type { Encoding } from './decode/encoding.js';

/** A match in the bytes that were looked at, before it has a line. */
export interface Candidate {
  readonly rule: Rule;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly confidence: Confidence;
  readonly reasons: readonly Reason[];
  readonly via: readonly Encoding[];
}

/** Whether a candidate is one that is known, or lies in it: several literals may lead to one match, and a body may hold a prefix. */
export function covers(known: Candidate, candidate: Candidate): boolean {
  return (
    known.start <= candidate.start &&
    candidate.end <= known.end &&
    (known.text === candidate.text || known.via.join() === candidate.via.join())
  );
}

/** Candidates so far, so that each is told once. They come nearly in order. */
export class Known {
  #candidates: Candidate[] = [];
  #longest = 0;

  /** Whether the candidate says anything new; then it is known from now on. */
  add(candidate: Candidate): boolean {
    const reach = candidate.start - this.#longest - OUT_OF_ORDER;
    for (let index = this.#candidates.length - 1; index >= 0; index--) {
      const known = this.#candidates[index]!;
      if (known.start < reach) break;
      if (covers(known, candidate)) return false;
    }
    this.#candidates.push(candidate);
    this.#longest = Math.max(this.#longest, candidate.end - candidate.start);
    return true;
  }

  /** Forgets what ends before a place. */
  forget(place: number): void {
    this.#candidates = this.#candidates.filter(({ end }) => end > place);
  }
}

/** How far before an earlier candidate a later one may start: as far as decoders look back, and ahead. */
const OUT_OF_ORDER = 16 * 1024;
