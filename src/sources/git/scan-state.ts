import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Diagnostic } from '../../model/diagnostic.js';
import type { ObjectType, Provenance } from '../../model/provenance.js';
import type { ObjectDatabase } from './object-database.js';
import { type IdList, idLists, RepositoryMemory } from './repository-memory.js';

const FORMAT = 'guardsweep-state/1';

/** Objects of a repository, by ID. */
export type Objects = ReadonlyMap<string, ObjectType>;

/** What the header says of one repository; its IDs stand behind the header, list after list. */
interface Entry {
  readonly where: string;
  readonly idBytes: number;
  readonly packs: readonly string[];
  readonly lists: readonly { readonly count: number; readonly sha256: string }[];
  readonly held: readonly (readonly [string, ObjectType])[];
  readonly lacking: readonly (readonly [string, ObjectType])[];
}

/** A state file that is not what a run has written. */
export class BrokenState extends Error {
  override readonly name = 'BrokenState';
}

/**
 * What earlier runs have scanned of which repository. The file is a line with the digest of the next, a line of JSON, and
 * object IDs as they are. It holds no secret: of an object in which one was found, only the ID, so that it is read again.
 */
export class ScanState {
  readonly #key: string;
  readonly #memories = new Map<string, RepositoryMemory>();
  readonly #seen = new Map<string, RepositoryMemory>();

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
    let bytes: Buffer;
    try {
      bytes = readFileSync(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return state;
      throw new BrokenState('it can not be read', { cause: error });
    }
    state.#parse(bytes);
    return state;
  }

  get isEmpty(): boolean {
    return this.#memories.size === 0;
  }

  /** What is known of a repository, as long as that is enough to leave out what was scanned. */
  recall(where: Provenance, database: ObjectDatabase): RepositoryMemory | undefined {
    const memory = where.kind === 'file' ? this.#memories.get(where.path) : undefined;
    return memory?.isUsable(database) === true ? memory : undefined;
  }

  /** Called when a repository was read to its end. */
  saw(where: Provenance, database: ObjectDatabase): void {
    if (where.kind !== 'file') return;
    const packs = database.packs.filter(({ indexed }) => indexed).map((pack) => pack.identity);
    this.#seen.set(where.path, new RepositoryMemory(packs, idLists(database), database.format.bytes));
  }

  /**
   * The file to keep; undefined when it would say what it says already.
   *
   * @param held what has to be read again, since something was found in it, by the path of the repository.
   */
  next(held: ReadonlyMap<string, Objects>, unscanned: readonly Diagnostic[]): Uint8Array | undefined {
    const faults = faultsOf(unscanned);
    let changed = false;
    for (const [where, memory] of this.#seen) {
      if (faults.files.some((path) => path === where || path.startsWith(`${where}/`))) {
        changed = this.#memories.delete(where) || changed;
        continue;
      }
      memory.held = new Map([...(held.get(where) ?? []), ...(faults.held.get(where) ?? [])]);
      memory.lacking = new Map(faults.lacking.get(where) ?? []);
      if (this.#memories.get(where)?.equals(memory) === true) continue;
      this.#memories.set(where, memory);
      changed = true;
    }
    return changed ? this.#build() : undefined;
  }

  #parse(bytes: Buffer): void {
    const first = bytes.indexOf(10);
    const second = bytes.indexOf(10, first + 1);
    if (first !== 64 || second < 0) throw new BrokenState('it is no state file, or its beginning is cut off');
    const header = bytes.subarray(first + 1, second);
    if (digest(header) !== bytes.toString('latin1', 0, first)) {
      throw new BrokenState('its header does not fit its digest');
    }
    const { format, key, repositories } = JSON.parse(header.toString()) as {
      format: string;
      key: string;
      repositories: readonly Entry[];
    };
    if (format !== FORMAT) throw new BrokenState(`it is of the format ${format}, which is not known`);
    let at = second + 1;
    for (const { where, idBytes, packs, lists, held, lacking } of repositories) {
      const read = lists.map(({ count, sha256 }): IdList => {
        const list = { bytes: bytes.subarray(at, at + count * idBytes), count, sha256 };
        at += count * idBytes;
        return list;
      });
      if (at > bytes.length) throw new BrokenState('its end is cut off');
      const memory = new RepositoryMemory(packs, read, idBytes);
      memory.held = new Map(held);
      memory.lacking = new Map(lacking);
      if (key === this.#key) this.#memories.set(where, memory);
    }
    if (at !== bytes.length) throw new BrokenState('something stands behind its end');
  }

  #build(): Uint8Array {
    const lists: Uint8Array[] = [];
    const repositories = [...this.#memories].map(([where, memory]): Entry => {
      const { idBytes, packs, held, lacking } = memory;
      for (const { bytes } of memory.lists) lists.push(bytes);
      return {
        where,
        idBytes,
        packs,
        lists: memory.lists.map(({ bytes, count }) => ({ count, sha256: digest(bytes) })),
        held: [...held],
        lacking: [...lacking],
      };
    });
    const header = Buffer.from(JSON.stringify({ format: FORMAT, key: this.#key, repositories }));
    return Buffer.concat([Buffer.from(`${digest(header)}\n`), header, Buffer.from('\n'), ...lists]);
  }
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What was not scanned: files by path, objects (or what lies in them) and missing objects by repository. */
function faultsOf(unscanned: readonly Diagnostic[]) {
  const files: string[] = [];
  const held = new Map<string, Map<string, ObjectType>>();
  const lacking = new Map<string, Map<string, ObjectType>>();
  for (const { where, reason } of unscanned) {
    const object = objectOf(where);
    if (object === undefined) {
      if (where.kind === 'file') files.push(where.path);
      continue;
    }
    const into = reason === 'missing_object' && where.kind === 'object' ? lacking : held;
    const known = into.get(object.repository) ?? new Map<string, ObjectType>();
    into.set(object.repository, known.set(object.id, object.type));
  }
  return { files, held, lacking };
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
