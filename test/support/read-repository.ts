import { Budget, type BudgetLimits } from '../../src/model/budget.js';
import type { Diagnostic } from '../../src/model/diagnostic.js';
import type { Provenance } from '../../src/model/provenance.js';
import { type ScanItem, type ScanUnit, SourceFault } from '../../src/model/source.js';
import { DiskTree } from '../../src/sources/disk-tree.js';
import { RepositorySource } from '../../src/sources/git/repository-source.js';

export interface ReadUnit {
  readonly unit: ScanUnit;
  readonly where: Provenance;
  readonly bytes: Buffer;
}

export interface ReadResult {
  readonly units: readonly ReadUnit[];
  readonly diagnostics: readonly Diagnostic[];
  /** The content of every object, by `type id`. */
  readonly objects: ReadonlyMap<string, Buffer>;
  readonly source: RepositorySource;
}

/** Reads a repository on disk to the end, keeping every byte. */
export async function readRepository(
  root: string,
  options: { readonly gitDir?: string; readonly limits?: Partial<BudgetLimits> } = {},
): Promise<ReadResult> {
  const tree = new DiskTree(root);
  const gitDir = options.gitDir ?? '.git';
  const budget = new Budget(options.limits);
  const source = new RepositorySource({ tree, gitDir, where: tree.whereOf(gitDir), budget });
  return { ...(await readAll(source.units())), source };
}

export async function readAll(
  items: AsyncIterable<ScanItem> | Iterable<ScanItem>,
): Promise<Omit<ReadResult, 'source'>> {
  const units: ReadUnit[] = [];
  const diagnostics: Diagnostic[] = [];
  const objects = new Map<string, Buffer>();
  for await (const item of items) {
    if (item.type === 'diagnostic') {
      diagnostics.push(item);
      continue;
    }
    const bytes = await contentOf(item, diagnostics);
    const where = item.provenance;
    units.push({ unit: item, where, bytes });
    if (where.kind === 'object') objects.set(`${where.type} ${where.object}`, bytes);
  }
  return { units, diagnostics, objects };
}

/** All that can be read; a failure on the way is added to `diagnostics`. */
async function contentOf({ content }: ScanUnit, diagnostics: Diagnostic[]): Promise<Buffer> {
  if (content instanceof Uint8Array) return Buffer.from(content);
  const parts: Buffer[] = [];
  const buffer = Buffer.alloc(64 * 1024);
  try {
    for (let count = await content.read(buffer); count > 0; count = await content.read(buffer)) {
      parts.push(Buffer.from(buffer.subarray(0, count)));
    }
  } catch (error) {
    if (!(error instanceof SourceFault)) throw error;
    diagnostics.push(error.diagnostic);
  }
  content.close();
  return Buffer.concat(parts);
}
