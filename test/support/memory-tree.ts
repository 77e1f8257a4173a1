import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Provenance } from '../../src/model/provenance.js';
import type { FileTree, RandomAccess, TreeEntry } from '../../src/sources/file-tree.js';
import { MemoryAccess } from '../../src/sources/random-access.js';

/** Files in memory, by their paths. */
export class MemoryTree implements FileTree {
  readonly files: ReadonlyMap<string, Buffer>;
  readonly #folders = new Map<string, Map<string, TreeEntry['kind']>>();

  constructor(files: ReadonlyMap<string, Buffer>) {
    this.files = files;
    for (const path of files.keys()) {
      let kind: TreeEntry['kind'] = 'file';
      for (let at = path; at !== ''; ) {
        const slash = at.lastIndexOf('/');
        const folder = slash < 0 ? '' : at.slice(0, slash);
        const entries = this.#folders.get(folder) ?? new Map<string, TreeEntry['kind']>();
        this.#folders.set(folder, entries.set(at.slice(slash + 1), kind));
        kind = 'folder';
        at = folder;
      }
    }
  }

  /** Every file below a folder on disk. */
  static read(folder: string): Map<string, Buffer> {
    const files = new Map<string, Buffer>();
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, name);
      if (statSync(path).isFile()) files.set(name, readFileSync(path));
    }
    return files;
  }

  list(folder: string): readonly TreeEntry[] {
    return [...(this.#folders.get(folder) ?? [])].map(([name, kind]) => ({ name, kind }));
  }

  open(path: string): RandomAccess | undefined {
    const bytes = this.files.get(path);
    return bytes === undefined ? undefined : new MemoryAccess(bytes);
  }

  whereOf(path: string): Provenance {
    return { kind: 'file', path: `/memory/${path}` };
  }
}
