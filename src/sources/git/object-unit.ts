import type { ObjectType, Provenance } from '../../model/provenance.js';
import type { Attributor, ByteStream, Lineage, ScanUnit } from '../../model/source.js';

/** An object as something to search. Its provenance is made when it is asked for: of most objects it never is. */
export class ObjectUnit implements ScanUnit {
  readonly type = 'unit';
  readonly content: Uint8Array | ByteStream;
  readonly attributor: Attributor;
  readonly lineage?: Lineage;
  readonly #id: () => string | Provenance;
  readonly #type: ObjectType;
  readonly #repository: Provenance;

  /** @param id or the place, where what was broken off or damaged has none. */
  constructor(
    content: Uint8Array | ByteStream,
    id: () => string | Provenance,
    type: ObjectType,
    repository: Provenance,
    attributor: Attributor,
    lineage?: Lineage,
  ) {
    this.content = content;
    this.#id = id;
    this.#type = type;
    this.#repository = repository;
    this.attributor = attributor;
    if (lineage !== undefined) this.lineage = lineage;
  }

  get provenance(): Provenance {
    const id = this.#id();
    return typeof id === 'string' ? objectWhere(id, this.#type, this.#repository) : id;
  }
}

/** An object by its ID, before it is known which commit holds it. */
export function objectWhere(object: string, type: ObjectType, repository: Provenance): Provenance {
  return { kind: 'object', object, type, reachable: false, repository };
}

/** What only a delta has of an object that can't be rebuilt. */
export function additionUnit(
  content: Uint8Array,
  id: () => string | Provenance,
  type: ObjectType,
  { where, attributor }: { readonly where: Provenance; readonly attributor: Attributor },
): ScanUnit {
  const container = new ObjectUnit(content, id, type, where, attributor).provenance;
  return {
    type: 'unit',
    provenance: { kind: 'member', container, path: 'what its delta adds', formats: ['delta'] },
    content,
    attributor,
  };
}
