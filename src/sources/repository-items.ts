import type { Budget } from '../model/budget.js';
import type { Screen } from '../model/screen.js';
import type { Share } from '../model/share.js';
import type { Attributor, ByteStream, ScanItem } from '../model/source.js';
import { BEGINNINGS, sniffWhole } from './archive/sniff.js';
import type { FileTree } from './file-tree.js';
import type { ScanState } from './git/scan-state.js';

export interface Reading {
  /** The part to read, and who looks at it. */
  readonly share?: Share | undefined;
  readonly screen?: Screen | undefined;
  /** Whether objects in which the screen sees nothing are passed over. */
  readonly screening?: boolean;
  readonly state?: ScanState | undefined;
  /** The folder that reports name the repository by; the git folder when absent. */
  readonly named?: string;
}

/** Every object of the repository at `gitDir`, as it is, but for what a screen has no eye for. The reader is loaded when a repository is met. */
export async function repositoryItems(
  tree: FileTree,
  gitDir: string,
  budget: Budget,
  { share, screen, screening = false, state, named = gitDir }: Reading = {},
): Promise<Iterable<ScanItem>> {
  const { RepositorySource } = await import('./git/repository-source.js');
  const where = tree.whereOf(named);
  const source = new RepositorySource({
    tree,
    gitDir,
    where,
    budget,
    ...(share === undefined ? {} : { share }),
    ...(state === undefined ? {} : { state }),
    ...(screen === undefined || !screening ? {} : { screening: { screen, marks: BEGINNINGS } }),
    ...(screen === undefined
      ? {}
      : { onShared: (attributor: Attributor) => screen.attributable(where, attributor) }),
  });
  return settled(source.items());
}

/** Every text of the revisions that a repository of Subversion keeps in `store`; one thread reads them. */
export async function revisionStoreItems(
  tree: FileTree,
  store: string,
  budget: Budget,
  share?: Share,
): Promise<Iterable<ScanItem>> {
  if (share !== undefined && share.index !== 0) return [];
  const { revisionItems } = await import('./subversion/revision-items.js');
  return revisionItems(tree, store, budget);
}

/**
 * The same items, without the lineage of what was copied from a container: of a container the members are searched, so
 * what a base is known to hold says nothing of a copy of its bytes.
 */
function* settled(items: Iterable<ScanItem>): Generator<ScanItem> {
  const containers = new Set<string>();
  for (const item of items) {
    if (item.type === 'unit' && item.provenance.kind === 'object' && mayHoldOthers(item.content)) {
      containers.add(item.provenance.object);
    }
    if (
      containers.size > 0 &&
      item.type === 'unit' &&
      item.lineage !== undefined &&
      containers.has(item.lineage.base)
    ) {
      const { type, provenance, content, attributor } = item;
      yield { type, provenance, content, ...(attributor === undefined ? {} : { attributor }) };
    } else {
      yield item;
    }
  }
}

/** Content that arrives in pieces is looked into only when it is read. */
function mayHoldOthers(content: Uint8Array | ByteStream): boolean {
  return !(content instanceof Uint8Array) || sniffWhole(content) !== undefined;
}
