import type { Finding } from '../model/finding.js';
import { containment, type ObjectProvenance, type Provenance } from '../model/provenance.js';
import type { Attributor } from '../model/source.js';
import { listed, SIGHTINGS_KEPT } from './merge.js';
import { placeKey } from './place.js';
import { Sightings } from './sightings.js';

/** Says where a git object lies: in which commits, under which paths. `undefined` keeps it as it is. */
export type PlacesOf = (object: ObjectProvenance) => readonly Provenance[] | undefined;

/** Remembers, while a scan runs, who can say where the objects that held a match lie, and asks once afterwards. */
export class Attribution {
  readonly #attributors = new Map<string, Set<Attributor>>();

  /** @param where the provenance of a unit that held a match; its innermost object is one that `attributor` knows. */
  note(attributor: Attributor, where: Provenance): void {
    const object = objectsOf(where)[0];
    if (object !== undefined) this.#know(attributor, repositoryKey(object));
  }

  /** @param repository what `attributor` can tell of objects of, whoever finds something in them. */
  know(attributor: Attributor, repository: Provenance): void {
    this.#know(attributor, placeKey(repository));
  }

  #know(attributor: Attributor, key: string): void {
    const known = this.#attributors.get(key);
    if (known === undefined) this.#attributors.set(key, new Set([attributor]));
    else known.add(attributor);
  }

  /**
   * The findings with every object turned into the commits that hold it.
   *
   * @param who only those that this takes are asked.
   */
  async apply(
    findings: readonly Finding[],
    sightingsKept?: number,
    who: (attributor: Attributor) => boolean = () => true,
  ): Promise<Finding[]> {
    const wanted = new Map<string, Set<string>>();
    for (const finding of findings) {
      for (const { where } of finding.sightings) {
        for (const object of objectsOf(where)) {
          const key = repositoryKey(object);
          const ids = wanted.get(key);
          if (ids === undefined) wanted.set(key, new Set([object.object]));
          else ids.add(object.object);
        }
      }
    }
    const places = new Map<string, Provenance[]>();
    for (const [key, ids] of wanted) {
      const left = new Set(ids);
      for (const attributor of [...(this.#attributors.get(key) ?? [])].filter(who)) {
        if (left.size === 0) break;
        for (const [id, found] of await attributor.attribute(left)) {
          places.set(`${key}\n${id}`, [...found]);
          left.delete(id);
        }
      }
    }
    return attribute(
      findings,
      (object) => places.get(`${repositoryKey(object)}\n${object.object}`),
      sightingsKept,
    );
  }
}

/** Replaces objects, also those that something else lies in, by the places that `placesOf` gives. */
export function attribute(
  findings: readonly Finding[],
  placesOf: PlacesOf,
  sightingsKept = SIGHTINGS_KEPT,
): Finding[] {
  return findings.map((finding) => {
    const sightings = new Sightings(sightingsKept);
    for (const sighting of finding.sightings) {
      const { places, total } = rewrite(sighting.where, placesOf, sightingsKept);
      places.forEach((where, index) => {
        sightings.add({ ...sighting, where }, index === 0 ? 1 + total - places.length : 1);
      });
    }
    const unlisted = (finding.sightingsTotal ?? finding.sightings.length) - finding.sightings.length;
    const { sightingsTotal: _, ...rest } = finding;
    const lists = listed(sightings);
    const total = (lists.sightingsTotal ?? lists.sightings.length) + unlisted;
    return { ...rest, ...lists, ...(total > lists.sightings.length ? { sightingsTotal: total } : {}) };
  });
}

interface Places {
  readonly places: Provenance[];
  /** A blob under many paths in an archive under many paths has the product of both: it is counted, not listed. */
  readonly total: number;
}

function rewrite(where: Provenance, placesOf: PlacesOf, most: number): Places {
  if (where.kind === 'member') {
    const { places, total } = rewrite(where.container, placesOf, most);
    return { places: places.map((container) => ({ ...where, container })), total };
  }
  if (where.kind !== 'object') return rewriteRepository(where, placesOf, most);
  const found = placesOf(where);
  if (found === undefined || found.length === 0) return rewriteRepository(where, placesOf, most);
  const places: Provenance[] = [];
  let total = 0;
  for (const place of found) {
    const sub = rewriteRepository(place, placesOf, most);
    total += sub.total;
    places.push(...sub.places.slice(0, most - places.length));
  }
  return { places, total };
}

function rewriteRepository(where: Provenance, placesOf: PlacesOf, most: number): Places {
  if (!('repository' in where) || where.repository === undefined) return { places: [where], total: 1 };
  const { places, total } = rewrite(where.repository, placesOf, most);
  return { places: places.map((repository) => ({ ...where, repository })), total };
}

/** The git objects in a provenance, innermost first. */
function objectsOf(where: Provenance): ObjectProvenance[] {
  return containment(where).filter((place) => place.kind === 'object');
}

function repositoryKey(object: ObjectProvenance): string {
  return object.repository === undefined ? '' : placeKey(object.repository);
}
