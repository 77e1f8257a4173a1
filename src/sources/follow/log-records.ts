import { realpathSync, statSync } from 'node:fs';
import type { FileProvenance } from '../../model/provenance.js';
import type { LogFile } from './log-file.js';
import { type FileId, holds, idOf, siblingsOf } from './siblings.js';

/** Files that are remembered: in the report, those of longer ago are placed by their number alone. */
const KEPT = 1_000;

interface LogRecord {
  readonly file: LogFile;
  /** Where it lay when it was opened, links resolved. */
  readonly path: string;
}

/** The files that stood under one log's path, by their number, to say at the end where each lies. */
export class LogRecords {
  readonly #name: string;
  readonly #records = new Map<number, LogRecord>();
  #count = 0;

  constructor(name: string) {
    this.#name = name;
  }

  get count(): number {
    return this.#count;
  }

  /** How the next file is called in a report. */
  next(): FileProvenance {
    return { kind: 'file', path: this.#name, generation: this.#count + 1 };
  }

  add(file: LogFile, path: string): void {
    this.#count += 1;
    this.#records.set(this.#count, { file, path: realpathOf(path) });
    this.#records.delete(this.#count - KEPT);
  }

  /** Places of the report: as they are where there was one file only, and there it is; with the file's present name where that is known. */
  placer(): (where: FileProvenance) => FileProvenance {
    const beside = new Map(siblingsOf(this.#name).map(({ id, path }) => [id, path]));
    return (where) => {
      if (where.generation === undefined) return where;
      const path = this.#placeOf(where.generation, beside);
      if (this.#count === 1 && (path ?? this.#name) === this.#name) return { kind: 'file', path: this.#name };
      return path === undefined ? where : { ...where, now_at: path };
    };
  }

  /** Files of these that are longer than what was read of them: where they lie, and by how much. */
  grown(isMeant: (file: LogFile) => boolean): { readonly path: string; readonly bytes: number }[] {
    const beside = new Map(siblingsOf(this.#name).map(({ id, path }) => [id, path]));
    return [...this.#records].flatMap(([generation, { file }]) => {
      const path = isMeant(file) ? this.#placeOf(generation, beside) : undefined;
      const bytes = path === undefined ? 0 : sizeAt(path) - file.position;
      return path === undefined || bytes <= 0 ? [] : [{ path, bytes }];
    });
  }

  #placeOf(generation: number, beside: ReadonlyMap<FileId, string>): string | undefined {
    const record = this.#records.get(generation);
    if (record === undefined) return undefined;
    const { file, path } = record;
    const candidates = [this.#name, beside.get(file.id), path];
    // Another file may have the number of one that is gone: what it begins with has to fit as well.
    return candidates.find((at) => at !== undefined && idAt(at) === file.id && holds(at, file.head, 0));
  }
}

function idAt(path: string): FileId | undefined {
  try {
    return idOf(statSync(path, { bigint: true }));
  } catch {
    return undefined;
  }
}

function sizeAt(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}

function realpathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
