import type { NonEmpty, Sighting } from '../model/finding.js';
import { placeKeys } from './place.js';

interface Kept {
  readonly key: string;
  /** The keys of what it lies in. */
  readonly around: readonly string[];
  readonly sighting: Sighting;
}

/**
 * The places one secret was seen in, in an order that does not depend on the order of arrival. It keeps the first `most`
 * of that order and counts the rest, so that a secret in a million files costs no more memory than one in a thousand.
 *
 * The bytes of an uncompressed archive show a secret twice: raw, and in the member. The member says more, so the raw
 * sighting is dropped.
 */
export class Sightings {
  readonly #most: number;
  #kept: Kept[] = [];
  #uncounted = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** @param times how many places this one stands for. */
  add(sighting: Sighting, times = 1): void {
    const [key, ...around] = placeKeys(sighting.where);
    this.#kept.push({ key: key!, around, sighting });
    this.#uncounted += times - 1;
    if (this.#kept.length >= this.#most * 2) this.#settle();
  }

  get total(): number {
    this.#settle();
    return this.#kept.length + this.#uncounted;
  }

  list(): NonEmpty<Sighting> {
    this.#settle();
    const [first, ...rest] = this.#kept;
    if (first === undefined) throw new Error('a finding without a sighting');
    return [first.sighting, ...rest.map((kept) => kept.sighting)];
  }

  #settle(): void {
    const opened = new Set(this.#kept.flatMap(({ around }) => around));
    const settled = this.#kept.filter((kept) => !opened.has(kept.key)).sort(inOrder);
    const distinct = settled.filter((kept, index) => index === 0 || inOrder(settled[index - 1]!, kept) !== 0);
    this.#kept = distinct.slice(0, this.#most);
    this.#uncounted += distinct.length - this.#kept.length;
  }
}

function inOrder(a: Kept, b: Kept): number {
  return (
    inCodeUnits(a.key, b.key) ||
    a.sighting.offset - b.sighting.offset ||
    inCodeUnits(a.sighting.via.join(), b.sighting.via.join())
  );
}

function inCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
