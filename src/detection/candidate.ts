import type { Confidence } from '../model/match.js';
import type { Reason } from '../model/reason.js';
import type { Rule } from '../model/rule.js';
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

/**
 * Whether a candidate is one that is known, or lies in it: several literals may lead to one match, in one of two ways to
 * divide the same bytes, and to a part of it where decoding began within. Other readings lie in the likelier one too, but
 * say something else.
 */
export function covers(known: Candidate, candidate: Candidate): boolean {
  if (known.text === candidate.text) return candidate.start < known.end && known.start < candidate.end;
  if (candidate.start < known.start || candidate.end > known.end) return false;
  return !isOtherReading(candidate) && known.via.join() === candidate.via.join();
}

/** The same beside a likelier one, for a probe to decide. */
export function asOtherReading(candidate: Candidate): Candidate {
  return { ...candidate, confidence: 'low', reasons: ['other_reading'] };
}

function isOtherReading({ reasons }: Candidate): boolean {
  return reasons[0] === 'other_reading';
}

/** Candidates so far, so that each is told once: by the stretches of input that they lie in. */
export class Known {
  readonly #stretches = new Map<number, Candidate[]>();

  /** Whether the candidate says anything new; then it is known from now on. */
  add(candidate: Candidate): boolean {
    if (this.has(candidate)) return false;
    const first = Math.floor(candidate.start / STRETCH);
    for (let index = first; index * STRETCH < candidate.end; index++) {
      const stretch = this.#stretches.get(index);
      if (stretch === undefined) this.#stretches.set(index, [candidate]);
      else stretch.push(candidate);
    }
    return true;
  }

  has(candidate: Candidate): boolean {
    const known = this.#stretches.get(Math.floor(candidate.start / STRETCH));
    return known?.some((each) => covers(each, candidate)) ?? false;
  }

  /** Forgets what ends before a place. */
  forget(place: number): void {
    for (const index of this.#stretches.keys()) {
      if ((index + 1) * STRETCH <= place) this.#stretches.delete(index);
    }
  }
}

const STRETCH = 256;
