import type { Detector, LiteralHit } from '../detection/detector.js';
import { carried, united } from '../detection/whole.js';
import type { Attributor, ScanUnit } from '../model/source.js';

/** Where literals stand in the objects of repositories: what one copies from its base is not searched again. */
export class KnownLiterals {
  readonly #detector: Detector;
  /** Of those objects that hold any, by object ID. */
  readonly #known = new WeakMap<Attributor, Map<string, readonly LiteralHit[]>>();

  constructor(detector: Detector) {
    this.#detector = detector;
  }

  hitsIn({ provenance, lineage, attributor }: ScanUnit, bytes: Uint8Array): LiteralHit[] {
    if (attributor === undefined) return this.#detector.find(bytes);
    const objects = this.#objectsOf(attributor);
    let hits = this.#detector.find(bytes, lineage?.fresh);
    const known = lineage === undefined || objects.size === 0 ? undefined : objects.get(lineage.base);
    if (known !== undefined) hits = united(hits, carried(known, lineage!.copies()));
    if (hits.length > 0 && provenance.kind === 'object') objects.set(provenance.object, hits);
    return hits;
  }

  #objectsOf(attributor: Attributor): Map<string, readonly LiteralHit[]> {
    const known = this.#known.get(attributor);
    if (known !== undefined) return known;
    const fresh = new Map<string, readonly LiteralHit[]>();
    this.#known.set(attributor, fresh);
    return fresh;
  }
}
