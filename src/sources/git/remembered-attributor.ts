import type { Provenance } from '../../model/provenance.js';
import type { Attributor } from '../../model/source.js';
import type { Beside } from './attribution.js';
import type { ScanState } from './scan-state.js';
import { placesFingerprint } from './store-fingerprint.js';

/** Says again what it said in an earlier run, as long as objects, refs, reflogs and indexes are what they were. */
export class RememberedAttributor implements Attributor {
  readonly shared: boolean;
  readonly #own: Attributor;
  readonly #beside: Beside;
  readonly #repository: Provenance;
  readonly #state: ScanState;
  readonly #store: string | undefined;

  /** @param store a digest of what objects there are: commits and trees that arrive tell more than there was to tell. */
  constructor(
    own: Attributor,
    beside: Beside,
    repository: Provenance,
    state: ScanState,
    store: string | undefined,
  ) {
    this.shared = own.shared ?? false;
    this.#own = own;
    this.#beside = beside;
    this.#repository = repository;
    this.#state = state;
    this.#store = store;
  }

  async attribute(objects: ReadonlySet<string>): Promise<ReadonlyMap<string, readonly Provenance[]>> {
    if (this.#store === undefined) return this.#own.attribute(objects);
    const setting = placesFingerprint(this.#store, this.#beside.refs(), this.#beside.holders());
    const known = this.#state.placesOf(this.#repository, setting);
    const open = new Set([...objects].filter((id) => !known.has(id)));
    const told = open.size === 0 ? new Map<string, readonly Provenance[]>() : await this.#own.attribute(open);
    const places = new Map<string, readonly Provenance[]>();
    for (const id of objects) {
      const found = known.get(id) ?? told.get(id);
      if (found !== undefined) places.set(id, found);
    }
    this.#state.keepPlaces(this.#repository, setting, places);
    return places;
  }
}
