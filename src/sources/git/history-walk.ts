import { Budget } from '../../model/budget.js';
import type { Span } from '../../model/span.js';
import { type Commit, parseCommit } from './commit-object.js';
import { readLoose } from './loose-object.js';
import type { ObjectDatabase } from './object-database.js';
import { PackKernel } from './pack-kernel.js';
import { PackWalk } from './pack-walk.js';
import type { StoredPack } from './stored-pack.js';
import { TreeEdges } from './tree-edges.js';

const HISTORY: ReadonlySet<string> = new Set(['commit', 'tree']);

/** All commits of a database, and which trees may hold what. */
export interface History {
  readonly commits: ReadonlyMap<string, Commit>;
  readonly edges: TreeEdges;
}

/** Reads all commits and trees once, in the order in which they are packed. What can't be read was listed by the scan. */
export function walkHistory(database: ObjectDatabase): History {
  const commits = new Map<string, Commit>();
  const edges = new TreeEdges(database.format.bytes);
  const kernel = new PackKernel();
  for (const pack of database.packs) walkPack(database, pack, kernel, commits, edges);
  for (const { id, path } of database.loose) {
    const file = id === undefined ? undefined : database.tree.open(path);
    if (id === undefined || file === undefined) continue;
    try {
      const { type, bytes } = readLoose(file, database.largest);
      if (bytes !== undefined && type === 'commit') commits.set(id, parseCommit(bytes));
      else if (bytes !== undefined && type === 'tree') edges.add(() => id, bytes);
    } catch {
      // A damaged object leads nowhere.
    } finally {
      file.close();
    }
  }
  return { commits, edges };
}

function walkPack(
  database: ObjectDatabase,
  pack: StoredPack,
  kernel: PackKernel,
  commits: Map<string, Commit>,
  edges: TreeEdges,
): void {
  const table = pack.table(database.largest);
  const unbounded = Number.POSITIVE_INFINITY;
  const budget = new Budget({
    memory: database.largest,
    bytes: unbounded,
    entries: unbounded,
    ratio: unbounded,
  });
  const outside = (id: string) => database.readSafely(id);
  const trees = new Int32Array(table.count);
  try {
    for (const item of new PackWalk(pack.file, table, { kernel, budget, outside, only: HISTORY }).items()) {
      if ('reason' in item || item.bytes === undefined) continue;
      const { entry, type, bytes, lineage } = item;
      if (type === 'commit') {
        const id = table.idOf(entry);
        if (id !== undefined) commits.set(id, parseCommit(bytes));
      } else if (type === 'tree') {
        const idOf = () => table.idOf(entry) ?? '';
        const known: { base: number; fresh: readonly Span[] } | undefined =
          lineage === undefined ? undefined : { base: trees[table.parent[entry]!]!, fresh: lineage.fresh };
        trees[entry] = edges.add(idOf, bytes, known);
      }
    }
  } finally {
    pack.file.close();
  }
}
