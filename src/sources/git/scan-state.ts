import type { Diagnostic } from '../../model/diagnostic.js';
import type { ObjectType, Provenance } from '../../model/provenance.js';
import type { ObjectDatabase } from './object-database.js';
import { idLists, isNamedOnly, RepositoryMemory, type Setting } from './repository-memory.js';
import { BrokenState, readState, type StoredRepository, writeState } from './state-file.js';

export { BrokenState };

/** Objects of a repository, by ID. */
export type Objects = ReadonlyMap<string, ObjectType>;

/** What a run has read and could not read, by which what has to be read again is told. */
export interface Outcome {
  /** Objects in which something was found, by the path of their repository. */
  readonly held: ReadonlyMap<string, Objects>;
  readonly unscanned: readonly Diagnostic[];
  /** Whether a text holds nothing that may not be kept. */
  readonly isHarmless: (text: string) => boolean;
}

/**
 * What earlier runs have scanned of which repository. It holds no secret: of an object in which one was found, only the
 * ID, so that it is read again, and where it lies, if no name on the way there is one.
 */
export class ScanState {
  readonly #key: string;
  readonly #memories = new Map<string, RepositoryMemory>();
  readonly #seen = new Map<string, RepositoryMemory>();
  readonly #places = new Map<string, NonNullable<RepositoryMemory['places']>>();

  /** @param key of rules and options: what was scanned under another counts for nothing. */
  constructor(key: string) {
    this.#key = key;
  }

  /**
   * @returns a state that knows nothing where there is no file, or where it is of another key.
   * @throws {BrokenState}
   */
  static open(file: string, key: string): ScanState {
    const state = new ScanState(key);
    const stored = readState(file);
    for (const each of stored?.key === key ? stored.repositories : []) {
      state.#memories.set(each.where, memoryOf(each));
    }
    return state;
  }

  get isEmpty(): boolean {
    return this.#memories.size === 0;
  }

  /** Whether IDs were asked for and were not what was written: then everything was scanned. */
  get damaged(): boolean {
    return [...this.#memories.values()].some((memory) => memory.damaged);
  }

  /** What is known of a repository in which nothing has changed. */
  unchanged(where: Provenance, setting: Setting): RepositoryMemory | undefined {
    const memory = this.#memoryOf(where);
    if (memory?.fits(setting) !== true) return undefined;
    this.#seen.set(keyOf(where)!, memory);
    return memory;
  }

  /** What is known of a repository, as long as that is enough to leave out what was scanned. */
  recall(where: Provenance, database: ObjectDatabase): RepositoryMemory | undefined {
    const memory = this.#memoryOf(where);
    const fits = memory !== undefined && memory.idBytes === database.format.bytes;
    return fits && memory.isUsable(database) ? memory : undefined;
  }

  /** Called when a repository was read to its end. */
  saw(where: Provenance, database: ObjectDatabase, setting: Setting): void {
    const key = keyOf(where);
    if (key === undefined) return;
    const packs = database.packs.filter(({ indexed }) => indexed).map((pack) => pack.identity);
    const memory = new RepositoryMemory(setting, packs, idLists(database), database.format.bytes);
    this.#seen.set(key, memory);
  }

  /** Where objects lie, as it was told in an earlier run under the same circumstances. */
  placesOf(where: Provenance, setting: string): ReadonlyMap<string, readonly Provenance[]> {
    const places = this.#memoryOf(where)?.places;
    return places?.setting === setting ? places.of : new Map();
  }

  keepPlaces(where: Provenance, setting: string, of: ReadonlyMap<string, readonly Provenance[]>): void {
    const key = keyOf(where);
    if (key !== undefined) this.#places.set(key, { setting, of });
  }

  /** The file to keep; undefined when it would say what it says already. Called when all is attributed. */
  next({ held, unscanned, isHarmless }: Outcome): Uint8Array | undefined {
    const faults = faultsOf(unscanned);
    let changed = false;
    for (const [where, memory] of this.#seen) {
      const before = this.#memories.get(where);
      if (faults.files.some((path) => isAround(path, where) || isAround(where, path))) {
        changed = this.#memories.delete(where) || changed;
        continue;
      }
      const found = held.get(where) ?? new Map<string, ObjectType>();
      const said = (faults.said.get(where) ?? []).filter((each) => {
        const object = objectOf(each.where)!;
        return !found.has(object.id) && isHarmless(JSON.stringify(each));
      });
      const silent = new Set(said.map((each) => objectOf(each.where)!.id));
      const again = [...(faults.held.get(where) ?? [])].filter(([id]) => !silent.has(id));
      const next = new RepositoryMemory(memory.setting, memory.packs, memory.lists, memory.idBytes);
      next.held = new Map([...found, ...again]);
      next.lacking = new Map(faults.lacking.get(where) ?? []);
      next.blocked = faults.blocked.has(where);
      next.said = said;
      next.places = harmlessPlaces(this.#places.get(where), isHarmless) ?? before?.places;
      if (before !== undefined && says(before) === says(next)) continue;
      this.#memories.set(where, next);
      changed = true;
    }
    return changed ? writeState(this.#key, [...this.#memories].map(storedOf)) : undefined;
  }

  #memoryOf(where: Provenance): RepositoryMemory | undefined {
    const key = keyOf(where);
    return key === undefined ? undefined : this.#memories.get(key);
  }
}

/** Repositories on disk are known by their path. */
function keyOf(where: Provenance): string | undefined {
  return where.kind === 'file' ? where.path : undefined;
}

function memoryOf(stored: StoredRepository): RepositoryMemory {
  const { setting, packs, lists, idBytes, held, lacking, said, blocked, places } = stored;
  const memory = new RepositoryMemory(setting, packs, lists, idBytes);
  memory.held = new Map(held);
  memory.lacking = new Map(lacking);
  memory.said = said;
  memory.blocked = blocked;
  if (places !== undefined) memory.places = { setting: places.setting, of: new Map(places.of) };
  return memory;
}

function storedOf([where, memory]: [string, RepositoryMemory]): StoredRepository {
  const { setting, packs, lists, idBytes, held, lacking, said, blocked, places } = memory;
  return {
    where,
    setting,
    idBytes,
    packs: [...packs].sort(),
    lists: [...lists].sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1)),
    held: [...held].sort(byId),
    lacking: [...lacking].sort(byId),
    said,
    blocked,
    ...(places === undefined ? {} : { places: { setting: places.setting, of: [...places.of].sort(byId) } }),
  };
}

/** Everything that a memory says, in one text; of lists of IDs, their digests. */
function says(memory: RepositoryMemory): string {
  const { lists, ...rest } = storedOf(['', memory]);
  return JSON.stringify([rest, lists.map(({ sha256 }) => sha256)]);
}

function byId([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

/** The same without those objects of which anything may not be kept. */
function harmlessPlaces(
  places: RepositoryMemory['places'],
  isHarmless: (text: string) => boolean,
): RepositoryMemory['places'] {
  if (places === undefined) return undefined;
  const of = [...places.of].filter(([, found]) => isHarmless(JSON.stringify(found)));
  return { setting: places.setting, of: new Map(of) };
}

/** Whether a path is another or a folder around it. */
function isAround(folder: string, path: string): boolean {
  return path === folder || folder === '.' || path.startsWith(`${folder.replace(/\/+$/, '')}/`);
}

/** Whether something was said about the bytes alone, and not about what a run may take: it will be said again. */
function isLasting({ reason, detail }: Diagnostic): boolean {
  if (reason === 'budget') return /--max-(?:ratio|depth)\b/.test(detail);
  return reason === 'corrupt' || reason === 'too_large' || reason === 'unsupported';
}

/** What was not scanned: files by path, objects (or what lies in them) and missing objects by repository. */
function faultsOf(unscanned: readonly Diagnostic[]) {
  const files: string[] = [];
  const held = new Map<string, Map<string, ObjectType>>();
  const lacking = new Map<string, Map<string, ObjectType>>();
  const said = new Map<string, Diagnostic[]>();
  const blocked = new Set<string>();
  /** Objects of which something was said that may change. */
  const passing = new Set<string>();
  for (const each of unscanned) {
    const object = objectOf(each.where);
    if (object === undefined) {
      if (each.where.kind === 'file') files.push(each.where.path);
      continue;
    }
    const { repository, id, type } = object;
    const missing = each.reason === 'missing_object' && each.where.kind === 'object';
    const into = missing ? lacking : held;
    const known = into.get(repository) ?? new Map<string, ObjectType>();
    into.set(repository, known.set(id, type));
    if (missing) {
      if (!isNamedOnly(each)) blocked.add(repository);
    } else if (isLasting(each)) {
      said.set(repository, [...(said.get(repository) ?? []), each]);
    } else {
      passing.add(`${repository}\n${id}`);
    }
  }
  for (const [repository, list] of said) {
    const lasting = list.filter((each) => !passing.has(`${repository}\n${objectOf(each.where)!.id}`));
    said.set(repository, lasting);
  }
  return { files, held, lacking, said, blocked };
}

/** The object of a repository on disk that a place is or lies in. */
export function objectOf(
  where: Provenance,
): { readonly repository: string; readonly id: string; readonly type: ObjectType } | undefined {
  let at: Provenance | undefined = where;
  while (at !== undefined) {
    if (at.kind === 'object' && at.repository?.kind === 'file') {
      return { repository: at.repository.path, id: at.object, type: at.type };
    }
    at = at.kind === 'member' ? at.container : 'repository' in at ? at.repository : undefined;
  }
  return undefined;
}
