import { Attribution } from '../findings/attribute.js';
import { FindingSet } from '../findings/merge.js';
import type { Finding } from '../model/finding.js';
import type { Match } from '../model/match.js';
import type { ObjectType, Provenance } from '../model/provenance.js';
import type { Attributor, ScanUnit } from '../model/source.js';
import { type Objects, objectOf } from '../sources/git/scan-state.js';
import { joined, type SearchedPart } from './file-parts.js';

/** What a search has found, other threads' share of it too: in which objects, and who can say where those lie. */
export class SearchFindings {
  /** Objects in which something was found, by the path of their repository. */
  readonly held = new Map<string, Map<string, ObjectType>>();
  /** What was found in parts of files, other threads' too. */
  readonly parts: SearchedPart[] = [];
  readonly #own = new FindingSet();
  readonly #absorbed: Finding[] = [];
  readonly #attribution = new Attribution();

  /** Distinct secrets that this thread has found. */
  get size(): number {
    return this.#own.size;
  }

  add(unit: ScanUnit, matches: readonly Match[]): void {
    if (matches.length === 0) return;
    this.#own.add(unit.provenance, matches, unit.aspect);
    if (unit.attributor !== undefined) this.#attribution.note(unit.attributor, unit.provenance);
    const object = objectOf(unit.provenance);
    if (object !== undefined) this.#hold(object.repository, object.id, object.type);
  }

  /** Adds what another thread found. */
  absorb(findings: readonly Finding[], held: ReadonlyMap<string, Objects>): void {
    for (const finding of findings) this.#absorbed.push(finding);
    for (const [repository, objects] of held) {
      for (const [id, type] of objects) this.#hold(repository, id, type);
    }
  }

  attributable(repository: Provenance, attributor: Attributor): void {
    this.#attribution.know(attributor, repository);
  }

  /** What all threads found, with where it lies. */
  async all(): Promise<readonly Finding[]> {
    const own = this.#own.findings();
    const others = [...this.#absorbed, ...joined(this.parts)];
    const all = new FindingSet();
    for (const finding of others.length === 0 ? [] : [...own, ...others]) all.absorb(finding);
    return this.#attribution.apply(others.length === 0 ? own : all.findings());
  }

  /** What this thread found, but for the {@link parts} of files. Where objects lie that others read, too, is left to who absorbs it. */
  async share(): Promise<readonly Finding[]> {
    return this.#attribution.apply(this.#own.findings(), undefined, ({ shared = false }) => !shared);
  }

  #hold(repository: string, id: string, type: ObjectType): void {
    const objects = this.held.get(repository);
    if (objects === undefined) this.held.set(repository, new Map([[id, type]]));
    else objects.set(id, type);
  }
}
